// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A payment on its way in.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentRequest {
    /// See [`Payment`](models::Payment).
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
    /// With what the contract requires; the rest is absent.
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
