// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// An object inside an object.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PatchStepInner {
    /// A boolean inside.
    #[serde(rename = "deep")]
    pub deep: bool,
    /// See [`models::PatchStepInnerMore`].
    #[serde(rename = "more", default, skip_serializing_if = "Option::is_none")]
    pub more: Option<models::PatchStepInnerMore>,
}

impl PatchStepInner {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(deep: bool) -> Self {
        Self { deep, more: None }
    }

    /// See [`models::PatchStepInnerMore`].
    #[must_use]
    pub fn more(mut self, more: models::PatchStepInnerMore) -> Self {
        self.more = Some(more);
        self
    }
}
