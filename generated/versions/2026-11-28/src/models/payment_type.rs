// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// Always `Payment`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentType {
    /// `Payment`
    Payment,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(PaymentType, Payment = "Payment");
