// @generated from api/openapi.yml by `make generate`; do not edit.

/// What happened. `payment.erased` says that the content of the payment was blanked in all of its versions, which have no
/// `payment` any more; it deletes the payment, too. There will be more: ignore those that you do not know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventType {
    /// `payment.created`
    PaymentCreated,
    /// `payment.updated`
    PaymentUpdated,
    /// `payment.deleted`
    PaymentDeleted,
    /// `payment.erased`
    PaymentErased,
    /// A value that the contract of this client does not have.
    Unknown(String),
}

openapi_client::string_enum!(
    EventType,
    PaymentCreated = "payment.created",
    PaymentUpdated = "payment.updated",
    PaymentDeleted = "payment.deleted",
    PaymentErased = "payment.erased"
);
