// @generated from api/openapi.yml by `make generate`; do not edit.

/// A merge patch (RFC 7396) of `{"data": Payment}`: what it names is replaced, what is `null` in it is removed, and the
/// rest stays. An object in it with a key that stands twice is refused with `400`, unless it is an element of an array:
/// arrays are not merged, but kept as they were written.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct MergePatch {
    /// The part of the payment that changes.
    #[serde(
        rename = "data",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "openapi_client::present"
    )]
    pub data: Option<crate::Json>,
}

impl MergePatch {
    /// Without any property.
    pub fn new() -> Self {
        Self { data: None }
    }

    /// The part of the payment that changes.
    #[must_use]
    pub fn data(mut self, data: impl Into<crate::Json>) -> Self {
        self.data = Some(data.into());
        self
    }
}
