// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A page of events, in order.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct EventList {
    /// The events of this page; may be empty.
    #[serde(rename = "data")]
    pub data: Vec<models::Event>,
    /// See [`models::EventLinks`].
    #[serde(rename = "links")]
    pub links: models::EventLinks,
}

impl EventList {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(data: Vec<models::Event>, links: models::EventLinks) -> Self {
        Self { data, links }
    }
}
