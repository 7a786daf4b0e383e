// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// How the shop is.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// See [`models::State`].
    #[serde(rename = "state")]
    pub state: models::State,
}

impl Health {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(state: models::State) -> Self {
        Self { state }
    }
}
