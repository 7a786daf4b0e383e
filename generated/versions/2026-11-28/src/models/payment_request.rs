// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// A payment on its way in.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentRequest {
    /// See [`models::Payment`].
    #[serde(rename = "data")]
    pub data: models::Payment,
    /// Ignored, so that a response can be sent back as it came.
    #[serde(
        rename = "links",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "openapi_client::present"
    )]
    pub links: Option<crate::Json>,
}

impl PaymentRequest {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: models::Payment) -> Self {
        Self { data, links: None }
    }

    /// Ignored, so that a response can be sent back as it came.
    #[must_use]
    pub fn links(mut self, links: impl Into<crate::Json>) -> Self {
        self.links = Some(links.into());
        self
    }
}
