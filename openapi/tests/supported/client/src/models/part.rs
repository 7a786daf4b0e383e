// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// A part of a thing.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// A text.
    #[serde(rename = "name")]
    pub name: String,
}

impl Part {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}
