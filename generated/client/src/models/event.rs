// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// Something that happened to a payment, in the shape of [Standard Webhooks](https://www.standardwebhooks.com).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The name of the event, the same each time that it is shown.
    #[serde(rename = "id")]
    pub id: String,
    /// See [`models::EventType`].
    #[serde(rename = "type")]
    pub kind: models::EventType,
    /// When it happened. Events do not stand in the order of their timestamps, if clocks differ.
    #[serde(rename = "timestamp")]
    pub timestamp: String,
    /// See [`models::EventData`].
    #[serde(rename = "data")]
    pub data: models::EventData,
}

impl Event {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(id: impl Into<String>, kind: models::EventType, timestamp: String, data: models::EventData) -> Self {
        Self { id: id.into(), kind, timestamp, data }
    }
}
