//! Payments, as they stand and as they are asked for.

use super::{Attributes, OrganisationId, PaymentId, Version};

/// A moment in UTC, to the microsecond: the precision that every store keeps.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// A payment that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its name, for ever.
    pub id: PaymentId,
    /// How often it was changed.
    pub version: Version,
    /// Who owns it.
    pub organisation_id: OrganisationId,
    /// What it says.
    pub attributes: Attributes,
    /// When it was created.
    pub created_on: Timestamp,
    /// When this version was written.
    pub modified_on: Timestamp,
}

/// A payment to create. It begins at [`Version::FIRST`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// The name that it asks for.
    pub id: PaymentId,
    /// Who owns it.
    pub organisation_id: OrganisationId,
    /// What it says.
    pub attributes: Attributes,
    /// Now; the store takes it for both of the payment's times.
    pub created_on: Timestamp,
}

/// What the next version of a payment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Who owns it from now on.
    pub organisation_id: OrganisationId,
    /// What it says from now on.
    pub attributes: Attributes,
    /// Now.
    pub modified_on: Timestamp,
}
