// @generated from api/openapi.yml by `make generate`; do not edit.

/// Where the version lives.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentVersionLinks {
    /// The version's own address.
    #[serde(rename = "self")]
    pub self_url: String,
}

impl PaymentVersionLinks {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(self_url: impl Into<String>) -> Self {
        Self { self_url: self_url.into() }
    }
}
