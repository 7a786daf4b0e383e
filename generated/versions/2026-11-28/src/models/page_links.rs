// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// Where this page is, and how to go on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PageLinks {
    /// This page.
    #[serde(rename = "self")]
    pub self_url: String,
    /// The page after this one. On the last page, the place where new payments will appear.
    #[serde(rename = "next")]
    pub next: String,
    /// The page before this one, when this one is not the beginning.
    #[serde(rename = "prev", default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
}

impl PageLinks {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(self_url: impl Into<String>, next: impl Into<String>) -> Self {
        Self { self_url: self_url.into(), next: next.into(), prev: None }
    }

    /// The page before this one, when this one is not the beginning.
    #[must_use]
    pub fn prev(mut self, prev: impl Into<String>) -> Self {
        self.prev = Some(prev.into());
        self
    }
}
