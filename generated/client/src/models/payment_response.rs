// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A payment on its way out.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentResponse {
    /// See [`Payment`](models::Payment).
    #[serde(rename = "data")]
    pub data: models::Payment,
    /// See [`PaymentLinks`](models::PaymentLinks).
    #[serde(rename = "links")]
    pub links: models::PaymentLinks,
}

impl PaymentResponse {
    /// With what the contract requires; the rest is absent.
    pub fn new(data: models::Payment, links: models::PaymentLinks) -> Self {
        Self { data, links }
    }
}
