// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// An enum of one value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `Thing`
    Thing,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(Kind, Thing = "Thing");
