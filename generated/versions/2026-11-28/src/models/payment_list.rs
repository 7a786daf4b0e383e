// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// A page of payments, in order of creation.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentList {
    /// The payments of this page; empty when there are none.
    #[serde(rename = "data")]
    pub data: Vec<models::Payment>,
    /// See [`models::PageLinks`].
    #[serde(rename = "links")]
    pub links: models::PageLinks,
}

impl PaymentList {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: Vec<models::Payment>, links: models::PageLinks) -> Self {
        Self { data, links }
    }
}
