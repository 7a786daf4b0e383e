// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// An object inside that one.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PatchStepInnerMore {
    /// A text inside that.
    #[serde(rename = "text", default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl PatchStepInnerMore {
    /// Without any property.
    pub fn new() -> Self {
        Self { text: None }
    }

    /// A text inside that.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}
