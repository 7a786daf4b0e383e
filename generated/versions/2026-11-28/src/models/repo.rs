// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// What store is in use, and how much it holds.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Repo {
    /// The store, as `--repo` names it.
    #[serde(rename = "repo")]
    pub repo: String,
    /// How many payments there are.
    #[serde(rename = "payments")]
    pub payments: i64,
    /// How many payments were deleted; their ids stay taken.
    #[serde(rename = "deleted")]
    pub deleted: i64,
}

impl Repo {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(repo: impl Into<String>, payments: i64, deleted: i64) -> Self {
        Self { repo: repo.into(), payments, deleted }
    }
}
