// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// Things.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ThingList {
    /// The things.
    #[serde(rename = "data")]
    pub data: Vec<models::Thing>,
}

impl ThingList {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: Vec<models::Thing>) -> Self {
        Self { data }
    }
}
