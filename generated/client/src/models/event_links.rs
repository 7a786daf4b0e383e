// @generated from api/openapi.yml by `make generate`; do not edit.

/// Where this page is, and how to go on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct EventLinks {
    /// This page.
    #[serde(rename = "self")]
    pub self_url: String,
    /// What comes behind this page, now or later.
    #[serde(rename = "next")]
    pub next: String,
}

impl EventLinks {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(self_url: impl Into<String>, next: impl Into<String>) -> Self {
        Self { self_url: self_url.into(), next: next.into() }
    }
}
