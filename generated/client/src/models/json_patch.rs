// @generated from api/openapi.yml by `make generate`; do not edit.

use crate::models;

/// The operations of a JSON Patch (RFC 6902), applied in order, all or none. In all they may look at and move 16,000,000
/// values; with a removal at the front of an array, for example, all elements behind it move. More is refused with `422`.
/// An operation with a key that stands twice is refused with `400`; inside of `value`, what holds for `attributes` holds.
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
