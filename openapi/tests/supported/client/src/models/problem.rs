// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// What went wrong.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    #[serde(rename = "title")]
    pub title: String,
    /// The status.
    #[serde(rename = "status")]
    pub status: i32,
    /// What happened.
    #[serde(rename = "detail")]
    pub detail: String,
}

impl Problem {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(kind: impl Into<String>, title: impl Into<String>, status: i32, detail: impl Into<String>) -> Self {
        Self { kind: kind.into(), title: title.into(), status, detail: detail.into() }
    }
}
