// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A deprecated element of the contract, and who uses it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DeprecatedElement {
    /// An operation by its `operationId`, a parameter after the name of its operation, or a property after that of its
    /// schema.
    #[serde(rename = "element")]
    pub element: String,
    /// The day on which it was deprecated.
    #[serde(rename = "deprecated_on")]
    pub deprecated_on: String,
    /// The day from which on it may be gone; absent while that is not decided.
    #[serde(rename = "sunset_on", default, skip_serializing_if = "Option::is_none")]
    pub sunset_on: Option<String>,
    /// How many requests have used it since this process started.
    #[serde(rename = "uses")]
    pub uses: i64,
    /// Who has used it since this process started, the latest first. At most 100 clients are told apart; the others are
    /// counted together, as `other`.
    #[serde(rename = "clients")]
    pub clients: Vec<models::DeprecatedElementClient>,
}

impl DeprecatedElement {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(
        element: impl Into<String>,
        deprecated_on: String,
        uses: i64,
        clients: Vec<models::DeprecatedElementClient>,
    ) -> Self {
        Self { element: element.into(), deprecated_on, sunset_on: None, uses, clients }
    }

    /// The day from which on it may be gone; absent while that is not decided.
    #[must_use]
    pub fn sunset_on(mut self, sunset_on: String) -> Self {
        self.sunset_on = Some(sunset_on);
        self
    }
}
