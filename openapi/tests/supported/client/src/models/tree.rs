// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// A thing that holds things of its kind.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Tree {
    /// The branches.
    #[serde(rename = "branches", default, skip_serializing_if = "Option::is_none")]
    pub branches: Option<Vec<models::Tree>>,
    /// An address.
    #[serde(rename = "mail", default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

impl Tree {
    /// Without any property.
    pub fn new() -> Self {
        Self { branches: None, mail: None }
    }

    /// The branches.
    #[must_use]
    pub fn branches(mut self, branches: Vec<models::Tree>) -> Self {
        self.branches = Some(branches);
        self
    }

    /// An address.
    #[must_use]
    pub fn mail(mut self, mail: impl Into<String>) -> Self {
        self.mail = Some(mail.into());
        self
    }
}
