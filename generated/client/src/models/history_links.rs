// @generated from api/openapi.yml by `make generate`; do not edit.

/// Where this page is, and how to go on.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct HistoryLinks {
    /// This page.
    #[serde(rename = "self")]
    pub self_url: String,
    /// The page of the versions before; absent on the last page.
    #[serde(rename = "next", default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl HistoryLinks {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(self_url: impl Into<String>) -> Self {
        Self { self_url: self_url.into(), next: None }
    }

    /// The page of the versions before; absent on the last page.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}
