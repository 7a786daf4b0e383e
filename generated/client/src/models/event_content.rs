// @generated from api/openapi.yml by `make generate`; do not edit.

/// Whether events include the payment as it became (`full`) or not (`thin`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventContent {
    /// `thin`
    Thin,
    /// `full`
    Full,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(EventContent, Thin = "thin", Full = "full");
