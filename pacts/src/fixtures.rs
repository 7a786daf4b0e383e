//! The payments that provider states are made of.

use payments::payments::{Attributes, NewPayment, OrganisationId, PaymentId};

/// The fixtures by id, in the order in which they are created: id, organisation, attributes.
const PAYMENTS: [(&str, &str, &str); 3] = [
    (
        "faster-payment",
        "harbour-lane-bakery",
        r#"{"amount":"100.21","currency":"GBP","payment_scheme":"FPS","reference":"Flour, January","beneficiary_party":{"name":"Millstone Flour Ltd","account_number":"00000017"}}"#,
    ),
    (
        "bacs-direct-credit",
        "tidewater-kites",
        r#"{"amount":"2345.00","currency":"GBP","payment_scheme":"BACS","reference":"RENT FEB UNIT 9","beneficiary_party":{"name":"Old Lighthouse Lettings Ltd"}}"#,
    ),
    ("only-an-amount", "harbour-lane-bakery", r#"{"amount":"12.5"}"#),
];

/// The fixture with this id, ready to be created.
pub(crate) fn payment(id: &str) -> Result<NewPayment, String> {
    let (id, organisation, attributes) =
        PAYMENTS.iter().find(|(known, ..)| *known == id).ok_or_else(|| format!("there is no fixture {id:?}"))?;
    let broken = |error: &dyn std::fmt::Display| format!("the fixture {id:?} is wrong: {error}");
    Ok(NewPayment {
        id: PaymentId::parse(id).map_err(|error| broken(&error))?,
        organisation_id: OrganisationId::parse(organisation).map_err(|error| broken(&error))?,
        attributes: Attributes::parse((*attributes).into()).map_err(|error| broken(&error))?,
        created_on: chrono::Utc::now(),
    })
}
