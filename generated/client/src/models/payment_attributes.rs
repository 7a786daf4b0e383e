// @generated from api/openapi.yml by `make generate`; do not edit.

/// What the payment says. Only `amount` is required and checked. The other properties named here are what
/// payments usually carry: a shared vocabulary, not rules. Anything else may stand beside them, and everything comes
/// back exactly as it was written: key order, nulls, number spelling and white space included.
///
/// Objects and arrays nest at most 64 deep, every string is valid Unicode, and `amount` stands there once.
///
/// It is the JSON text that it came as, or was made of; a change leaves every other byte as it was. What the contract
/// names, besides the parameters of [`new`](Self::new), for [`get`](Self::get) and [`set`](Self::set):
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
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(try_from = "crate::JsonObject")]
pub struct PaymentAttributes {
    json: crate::JsonObject,
    required: Required,
}

/// What must be there, read beforehand.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Required {
    #[serde(rename = "amount")]
    amount: String,
}

impl PaymentAttributes {
    /// With what the contract requires, and nothing else.
    pub fn new(amount: impl Into<String>) -> Self {
        let required = Required { amount: amount.into() };
        Self { json: crate::JsonObject::always(&required), required }
    }

    /// Of a JSON text, which is kept as it is.
    ///
    /// # Errors
    ///
    /// [`Error::Json`](crate::Error::Json) if it is no object with what the contract requires.
    pub fn from_json(json: impl Into<String>) -> Result<Self, crate::Error> {
        crate::JsonObject::from_text(json)?.try_into()
    }

    /// Of anything that becomes a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Json`](crate::Error::Json) if it is no object with what the contract requires.
    pub fn from_value<T: serde::Serialize + ?Sized>(value: &T) -> Result<Self, crate::Error> {
        crate::JsonObject::new(value)?.try_into()
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        self.json.as_str()
    }

    /// A decimal string, strictly greater than zero; at most 18 digits before the point and 10 after it. No sign, no
    /// exponent, no separators.
    pub fn amount(&self) -> &str {
        &self.required.amount
    }

    /// The keys, in their order.
    pub fn keys(&self) -> Vec<String> {
        self.json.keys()
    }

    /// The value of `key` as a `T`; `None` if there is no such key. Take it as a [`Json`](crate::Json) to get its text.
    pub fn get<T: serde::de::DeserializeOwned>(&self, key: &str) -> Option<Result<T, crate::Error>> {
        Some(self.json.get(key)?.map_err(crate::Error::Json))
    }

    /// Sets `key`: in its place if it is there, else at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Json`](crate::Error::Json) if JSON cannot say `value`, or if it is not what the contract requires of
    /// `key`; then nothing changes.
    pub fn set<T: serde::Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), crate::Error> {
        let mut json = self.json.clone();
        json.set(key, value)?;
        *self = json.try_into()?;
        Ok(())
    }

    /// The same with `key` set; see [`set`](Self::set).
    ///
    /// # Errors
    ///
    /// Those of [`set`](Self::set).
    pub fn with<T: serde::Serialize + ?Sized>(mut self, key: &str, value: &T) -> Result<Self, crate::Error> {
        self.set(key, value)?;
        Ok(self)
    }

    /// Removes `key`, and tells whether it was there.
    ///
    /// # Errors
    ///
    /// [`Error::Json`](crate::Error::Json) if the contract requires `key`; then nothing changes.
    pub fn remove(&mut self, key: &str) -> Result<bool, crate::Error> {
        let mut json = self.json.clone();
        let found = json.remove(key)?;
        *self = json.try_into()?;
        Ok(found)
    }
}

impl TryFrom<crate::JsonObject> for PaymentAttributes {
    type Error = crate::Error;

    fn try_from(json: crate::JsonObject) -> Result<Self, crate::Error> {
        let required = serde_json::from_str(json.as_str())?;
        Ok(Self { json, required })
    }
}

impl serde::Serialize for PaymentAttributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}
