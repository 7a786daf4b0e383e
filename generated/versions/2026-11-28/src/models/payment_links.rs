// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// Where the payment lives.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct PaymentLinks {
    /// The payment's own address.
    #[serde(rename = "self")]
    pub self_url: String,
}

impl PaymentLinks {
    /// Takes the properties that the contract requires; the others are absent.
    pub fn new(self_url: impl Into<String>) -> Self {
        Self { self_url: self_url.into() }
    }
}
