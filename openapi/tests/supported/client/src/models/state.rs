// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

/// An enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// `open`
    Open,
    /// `shut`
    Shut,
    /// `half-open`
    HalfOpen,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(State, Open = "open", Shut = "shut", HalfOpen = "half-open");
