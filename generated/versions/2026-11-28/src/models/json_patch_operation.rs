// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// One operation of a JSON Patch.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct JsonPatchOperation {
    /// See [`models::JsonPatchOp`].
    #[serde(rename = "op")]
    pub op: models::JsonPatchOp,
    /// A JSON Pointer (RFC 6901) into `{"data": Payment}`.
    #[serde(rename = "path")]
    pub path: String,
    /// For `move` and `copy`, where from: a JSON Pointer, which they need. The others ignore it.
    #[serde(rename = "from", default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// For `add`, `replace` and `test`, which need it; the others ignore it. `null` is a value like any other.
    #[serde(
        rename = "value",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "openapi_client::present"
    )]
    pub value: Option<crate::Json>,
}

impl JsonPatchOperation {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(op: models::JsonPatchOp, path: impl Into<String>) -> Self {
        Self { op, path: path.into(), from: None, value: None }
    }

    /// For `move` and `copy`, where from: a JSON Pointer, which they need. The others ignore it.
    #[must_use]
    pub fn from(mut self, from: impl Into<String>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// For `add`, `replace` and `test`, which need it; the others ignore it. `null` is a value like any other.
    #[must_use]
    pub fn value(mut self, value: impl Into<crate::Json>) -> Self {
        self.value = Some(value.into());
        self
    }
}
