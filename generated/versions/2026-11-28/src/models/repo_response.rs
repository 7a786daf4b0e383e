// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// The store, described.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RepoResponse {
    /// See [`models::Repo`].
    #[serde(rename = "data")]
    pub data: models::Repo,
}

impl RepoResponse {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: models::Repo) -> Self {
        Self { data }
    }
}
