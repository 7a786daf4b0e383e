// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// The answer of a monitoring endpoint.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// See [`models::HealthStatus`].
    #[serde(rename = "status")]
    pub status: models::HealthStatus,
    /// Why it is down; absent while it is up.
    #[serde(rename = "detail", default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Health {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(status: models::HealthStatus) -> Self {
        Self { status, detail: None }
    }

    /// Why it is down; absent while it is up.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
