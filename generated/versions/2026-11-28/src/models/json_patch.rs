// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

use crate::models;

/// The operations of a JSON Patch (RFC 6902), applied in order, all or none.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct JsonPatch(pub Vec<models::JsonPatchOperation>);

impl From<Vec<models::JsonPatchOperation>> for JsonPatch {
    fn from(items: Vec<models::JsonPatchOperation>) -> Self {
        Self(items)
    }
}

impl<const N: usize> From<[models::JsonPatchOperation; N]> for JsonPatch {
    fn from(items: [models::JsonPatchOperation; N]) -> Self {
        Self(items.into())
    }
}
