// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

/// What the payment says. Only `amount` is required and checked. The other properties named here are what
/// payments usually carry: a shared vocabulary, not rules. Anything else may stand beside them, and everything comes
/// back exactly as it was written: key order, nulls, number spelling and white space included.
///
/// Objects and arrays nest at most 64 deep, every string is valid Unicode, and `amount` stands there once.
///
/// Kept as JSON text: changing a property leaves all other bytes as they are. Besides the parameters of [`new`](Self::new), the
/// contract names these keys for [`get`](Self::get) and [`set`](Self::set):
///
/// | key | meaning |
/// |---|---|
/// | `currency` | The currency of `amount`, ISO 4217. |
/// | `payment_id` | The id of the payment in the scheme or in the client's own books. |
/// | `payment_type` | Direction of the money, as the client sees it, `Credit` or `Debit`. |
/// | `payment_purpose` | What the payment is for, in words. |
/// | `payment_scheme` | The clearing scheme, such as `FPS`, `BACS`, `CHAPS`, `SEPA` or `SWIFT`. |
/// | `scheme_payment_type` | The kind of payment within its scheme. |
/// | `scheme_payment_sub_type` | The finer kind of payment within its scheme. |
/// | `processing_date` | The day on which the payment is to be processed, ISO 8601. |
/// | `reference` | What the beneficiary reads on the statement. |
/// | `end_to_end_reference` | A reference that travels unchanged from debtor to creditor. |
/// | `numeric_reference` | A reference in digits, for schemes that have one. |
/// | `beneficiary_party` | Who receives the money: `name`, `address`, `account_name`, `account_number`, `account_number_code` (`IBAN` or `BBAN`), `account_type`, `bank_id` and `bank_id_code` (such as `GBDSC`). |
/// | `debtor_party` | Who pays; the same properties as `beneficiary_party`. |
/// | `sponsor_party` | The participant of the scheme on whose account the payment settles. |
/// | `charges_information` | Who bears the charges (`bearer_code`: `SHAR`, `OUR`, `BEN`), what the sender is charged (`sender_charges`, a list of `amount` and `currency`) and what the receiver is charged (`receiver_charges_amount`, `receiver_charges_currency`). |
/// | `fx` | The foreign exchange behind the payment: `contract_reference`, `exchange_rate`, `original_amount`, `original_currency`. |
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
