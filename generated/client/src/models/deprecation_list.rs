// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// What is deprecated.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DeprecationList {
    /// The deprecated elements of the contract, by name.
    #[serde(rename = "data")]
    pub data: Vec<models::DeprecatedElement>,
}

impl DeprecationList {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: Vec<models::DeprecatedElement>) -> Self {
        Self { data }
    }
}
