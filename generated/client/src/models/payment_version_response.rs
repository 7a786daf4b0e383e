// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A version of a payment.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentVersionResponse {
    /// See [`models::PaymentVersion`].
    #[serde(rename = "data")]
    pub data: models::PaymentVersion,
    /// See [`models::PaymentVersionLinks`].
    #[serde(rename = "links")]
    pub links: models::PaymentVersionLinks,
}

impl PaymentVersionResponse {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: models::PaymentVersion, links: models::PaymentVersionLinks) -> Self {
        Self { data, links }
    }
}
