// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// The answer of a monitoring endpoint.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// See [`HealthStatus`](models::HealthStatus).
    #[serde(rename = "status")]
    pub status: models::HealthStatus,
}

impl Health {
    /// With what the contract requires; the rest is absent.
    pub fn new(status: models::HealthStatus) -> Self {
        Self { status }
    }
}
