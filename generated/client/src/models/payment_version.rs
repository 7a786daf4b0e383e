// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// A version of a payment, and how it came about.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentVersion {
    /// The number of the version.
    #[serde(rename = "version")]
    pub version: i64,
    /// See [`models::EventType`].
    #[serde(rename = "type")]
    pub kind: models::EventType,
    /// When the version was written.
    #[serde(rename = "timestamp")]
    pub timestamp: String,
    /// See [`models::Author`].
    #[serde(rename = "author", default, skip_serializing_if = "Option::is_none")]
    pub author: Option<models::Author>,
    /// The `X-Request-Id` of the request that wrote it; absent where that is not known.
    #[serde(rename = "request_id", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// See [`models::Payment`].
    #[serde(rename = "payment", default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<models::Payment>,
}

impl PaymentVersion {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(version: i64, kind: models::EventType, timestamp: String) -> Self {
        Self { version, kind, timestamp, author: None, request_id: None, payment: None }
    }

    /// See [`models::Author`].
    #[must_use]
    pub fn author(mut self, author: models::Author) -> Self {
        self.author = Some(author);
        self
    }

    /// The `X-Request-Id` of the request that wrote it; absent where that is not known.
    #[must_use]
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// See [`models::Payment`].
    #[must_use]
    pub fn payment(mut self, payment: models::Payment) -> Self {
        self.payment = Some(payment);
        self
    }
}
