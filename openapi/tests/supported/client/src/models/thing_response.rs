// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// A thing on its way out.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ThingResponse {
    /// See [`models::Thing`].
    #[serde(rename = "data")]
    pub data: models::Thing,
}

impl ThingResponse {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: models::Thing) -> Self {
        Self { data }
    }
}
