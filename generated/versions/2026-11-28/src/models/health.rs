// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// The answer of a monitoring endpoint.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// See [`models::HealthStatus`].
    #[serde(rename = "status")]
    pub status: models::HealthStatus,
}

impl Health {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(status: models::HealthStatus) -> Self {
        Self { status }
    }
}
