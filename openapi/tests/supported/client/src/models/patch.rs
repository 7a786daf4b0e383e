// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

use crate::models;

/// A list of objects, with a name.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Patch(pub Vec<models::PatchStep>);

impl From<Vec<models::PatchStep>> for Patch {
    fn from(items: Vec<models::PatchStep>) -> Self {
        Self(items)
    }
}

impl<const N: usize> From<[models::PatchStep; N]> for Patch {
    fn from(items: [models::PatchStep; N]) -> Self {
        Self(items.into())
    }
}
