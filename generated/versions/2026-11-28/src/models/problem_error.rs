// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ProblemError {
    /// A JSON Pointer (RFC 6901) to the fault in the body; the empty string is the whole body. What is not in the body is
    /// pointed at as `/query/NAME`, `/header/NAME` and `/path/NAME`.
    #[serde(rename = "pointer")]
    pub pointer: String,
    /// What is wrong there, and what would do.
    #[serde(rename = "detail")]
    pub detail: String,
}

impl ProblemError {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
