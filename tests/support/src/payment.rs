//! Payments as clients write them.

use serde_json::{Value, json};

/// The body that creates a payment with this id.
#[must_use]
pub fn payment(id: &str) -> Value {
    with_attributes(id, &json!({"amount": "100.21"}))
}

/// The body that creates a payment with this id and these attributes.
#[must_use]
pub fn with_attributes(id: &str, attributes: &Value) -> Value {
    json!({"data": {"id": id, "type": "Payment", "version": 0, "organisation_id": "acme", "attributes": attributes}})
}
