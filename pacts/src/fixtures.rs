//! The payments that provider states are made of: those of `seed/payments.json`.

use payments::payments::{Attributes, NewPayment, OrganisationId, PaymentId};

/// The fixture with this id, ready to be created.
pub(crate) fn payment(id: &str) -> Result<NewPayment, String> {
    let fixture = seed::find(id).ok_or_else(|| format!("seed/payments.json has no payment {id:?}"))?;
    let broken = |error: &dyn std::fmt::Display| format!("the fixture {id:?} is wrong: {error}");
    Ok(NewPayment {
        id: PaymentId::parse(fixture.id()).map_err(|error| broken(&error))?,
        organisation_id: OrganisationId::parse(fixture.organisation_id()).map_err(|error| broken(&error))?,
        attributes: Attributes::parse(fixture.attributes().into()).map_err(|error| broken(&error))?,
        created_on: chrono::Utc::now(),
    })
}
