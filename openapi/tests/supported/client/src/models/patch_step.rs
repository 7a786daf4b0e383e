// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// A step.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PatchStep {
    /// See [`models::State`].
    #[serde(rename = "state")]
    pub state: models::State,
    /// A pointer.
    #[serde(rename = "path", default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// See [`models::PatchStepInner`].
    #[serde(rename = "inner")]
    pub inner: models::PatchStepInner,
}

impl PatchStep {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(state: models::State, inner: models::PatchStepInner) -> Self {
        Self { state, path: None, inner }
    }

    /// A pointer.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}
