//! Rows of the table, decoded into payments.

use crate::payments::{Attributes, Error, OrganisationId, Payment, PaymentId, Timestamp, Version};

/// The columns of a payment, in the order in which every `SELECT` names them.
pub(super) struct Row<'r> {
    pub(super) seq: i64,
    pub(super) id: &'r str,
    pub(super) version: i64,
    pub(super) created_on: Timestamp,
    pub(super) modified_on: Timestamp,
    pub(super) organisation_id: &'r str,
    pub(super) attributes: &'r str,
}

/// A payment, and its number in the order of creation.
pub(super) struct Numbered {
    pub(super) seq: i64,
    pub(super) payment: Payment,
}

impl Row<'_> {
    /// The payment in the row.
    ///
    /// # Errors
    /// [`Error::Internal`] when the row breaks a rule of the domain: another program wrote into the table.
    pub(super) fn decode(self) -> Result<Numbered, Error> {
        let Self { seq, id, version, created_on, modified_on, organisation_id, attributes } = self;
        let broken =
            |column: &str, rule| Error::Internal(format!("the {column} of the row with seq {seq} {rule}").into());
        let payment = Payment {
            id: PaymentId::parse(id).map_err(|rule| broken("id", rule))?,
            version: Version::parse(version).map_err(|rule| broken("version", rule))?,
            organisation_id: OrganisationId::stored(organisation_id).map_err(|rule| broken("organisation_id", rule))?,
            attributes: Attributes::stored(attributes.into()),
            created_on,
            modified_on,
        };
        Ok(Numbered { seq, payment })
    }
}
