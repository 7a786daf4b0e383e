// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// Up or down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HealthStatus {
    /// `up`
    Up,
    /// `down`
    Down,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(HealthStatus, Up = "up", Down = "down");
