// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// A thing on its way in.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ThingRequest {
    /// See [`models::ThingInput`].
    #[serde(rename = "data")]
    pub data: models::ThingInput,
}

impl ThingRequest {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: impl Into<models::ThingInput>) -> Self {
        Self { data: data.into() }
    }
}

impl From<crate::models::ThingResponse> for ThingRequest {
    #[allow(clippy::useless_conversion, reason = "some of the fields have types of their own")]
    fn from(value: crate::models::ThingResponse) -> Self {
        Self { data: value.data.into() }
    }
}
