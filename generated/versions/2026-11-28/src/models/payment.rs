// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// A payment. Keys beside these are refused; what you want to keep beside the amount belongs into `attributes`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Payment {
    /// The client chooses it; visible ASCII characters without `/ ? # %`, and not only dots. It is unique for ever:
    /// the id of a deleted payment is not reused. Leave it out of a create, and the server assigns a UUIDv7.
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// See [`models::PaymentType`].
    #[serde(rename = "type")]
    pub kind: models::PaymentType,
    /// 0 on create, whatever was sent; one more after each change. A `PUT` must send the version it replaces.
    #[serde(rename = "version", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The organisation that owns the payment. Not blank, and without control characters.
    #[serde(rename = "organisation_id")]
    pub organisation_id: String,
    /// See [`models::PaymentAttributes`].
    #[serde(rename = "attributes")]
    pub attributes: models::PaymentAttributes,
    /// When the payment was created. Set by the server; ignored in requests.
    #[serde(rename = "created_on", default, skip_serializing_if = "Option::is_none")]
    pub created_on: Option<String>,
    /// When this version was written. Set by the server; ignored in requests.
    #[serde(rename = "modified_on", default, skip_serializing_if = "Option::is_none")]
    pub modified_on: Option<String>,
}

impl Payment {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(organisation_id: impl Into<String>, attributes: models::PaymentAttributes) -> Self {
        Self {
            id: None,
            kind: models::PaymentType::Payment,
            version: None,
            organisation_id: organisation_id.into(),
            attributes,
            created_on: None,
            modified_on: None,
        }
    }

    /// The client chooses it; visible ASCII characters without `/ ? # %`, and not only dots. It is unique for ever:
    /// the id of a deleted payment is not reused. Leave it out of a create, and the server assigns a UUIDv7.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// 0 on create, whatever was sent; one more after each change. A `PUT` must send the version it replaces.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// When the payment was created. Set by the server; ignored in requests.
    #[must_use]
    pub fn created_on(mut self, created_on: String) -> Self {
        self.created_on = Some(created_on);
        self
    }

    /// When this version was written. Set by the server; ignored in requests.
    #[must_use]
    pub fn modified_on(mut self, modified_on: String) -> Self {
        self.modified_on = Some(modified_on);
        self
    }
}
