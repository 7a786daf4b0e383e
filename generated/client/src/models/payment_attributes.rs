// @generated from api/openapi.yml by `make generate`; do not edit.

/// What the payment says. Only `amount` is required and checked. Anything else may stand beside it, and everything
/// comes back exactly as it was written: key order, nulls, number spelling and white space included.
///
/// Objects and arrays nest at most 64 deep, every string is valid Unicode, and `amount` stands there once.
///
/// What payments usually carry has names that all clients share: the vocabulary at the top of this contract.
///
/// Kept as JSON text: changing a property leaves all other bytes as they are. Besides the parameters of [`new`](Self::new), the
/// contract names these keys for [`get`](Self::get) and [`set`](Self::set):
///
/// | key | meaning |
/// |---|---|
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentAttributes {
    json: openapi_client::JsonObject,
    amount: String,
}

impl PaymentAttributes {
    /// An object with the properties that the contract requires, and no others.
    pub fn new(amount: impl Into<String>) -> Self {
        let amount: String = amount.into();
        let json = openapi_client::JsonObject::of_members(&[("amount", openapi_client::Json::of(&amount))]);
        Self { json, amount }
    }

    /// A decimal string, strictly greater than zero; at most 18 digits before the point and 10 after it. No sign, no
    /// exponent, no separators.
    pub fn amount(&self) -> &str {
        &self.amount
    }
}

openapi_client::text_object!(PaymentAttributes, crate::Error, amount = "amount");
