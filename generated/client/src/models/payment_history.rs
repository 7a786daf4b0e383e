// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A page of the versions of a payment, newest first.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentHistory {
    /// The versions of this page.
    #[serde(rename = "data")]
    pub data: Vec<models::PaymentVersion>,
    /// See [`models::HistoryLinks`].
    #[serde(rename = "links")]
    pub links: models::HistoryLinks,
}

impl PaymentHistory {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: Vec<models::PaymentVersion>, links: models::HistoryLinks) -> Self {
        Self { data, links }
    }
}
