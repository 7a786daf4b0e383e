//! Converts fixtures of `seed/payments.json` for the provider states, which create them through the port.

use payments::payments::{Attributes, NewPayment, OrganisationId, Origin, PaymentId, Timestamp};

/// The fixture with this id, as the port takes it.
pub(crate) fn new_payment(id: &str) -> Result<NewPayment, String> {
    let fixture = seed::find(id).ok_or_else(|| format!("seed/payments.json has no payment {id:?}"))?;
    let invalid = |error: &dyn std::fmt::Display| format!("the fixture {id:?} is wrong: {error}");
    Ok(NewPayment {
        id: PaymentId::parse(fixture.id()).map_err(|error| invalid(&error))?,
        organisation_id: OrganisationId::parse(fixture.organisation_id()).map_err(|error| invalid(&error))?,
        attributes: Attributes::parse(fixture.attributes().into()).map_err(|error| invalid(&error))?,
        created_on: Timestamp::now(),
        origin: Origin::default(),
    })
}
