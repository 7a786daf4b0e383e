// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// What it happened to.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct EventData {
    /// The id of the payment.
    #[serde(rename = "payment_id")]
    pub payment_id: String,
    /// The organisation that owned the payment from then on.
    #[serde(rename = "organisation_id")]
    pub organisation_id: String,
    /// The version that the payment came to.
    #[serde(rename = "version")]
    pub version: i64,
    /// See [`models::Payment`].
    #[serde(rename = "payment", default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<models::Payment>,
    /// See [`models::PaymentVersionLinks`].
    #[serde(rename = "links")]
    pub links: models::PaymentVersionLinks,
}

impl EventData {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        payment_id: impl Into<String>,
        organisation_id: impl Into<String>,
        version: i64,
        links: models::PaymentVersionLinks,
    ) -> Self {
        Self { payment_id: payment_id.into(), organisation_id: organisation_id.into(), version, payment: None, links }
    }

    /// See [`models::Payment`].
    #[must_use]
    pub fn payment(mut self, payment: models::Payment) -> Self {
        self.payment = Some(payment);
        self
    }
}
