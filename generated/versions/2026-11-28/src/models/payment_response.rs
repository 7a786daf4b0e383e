// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// A payment on its way out.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentResponse {
    /// See [`models::Payment`].
    #[serde(rename = "data")]
    pub data: models::Payment,
    /// See [`models::PaymentLinks`].
    #[serde(rename = "links")]
    pub links: models::PaymentLinks,
}

impl PaymentResponse {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: models::Payment, links: models::PaymentLinks) -> Self {
        Self { data, links }
    }
}
