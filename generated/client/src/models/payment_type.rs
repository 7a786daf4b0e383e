// @generated from api/openapi.yml by `make generate`; do not edit.

/// Always `Payment`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum PaymentType {
    /// `Payment`
    Payment,
    /// A value that the contract did not know when this client was made.
    Unknown(String),
}

impl PaymentType {
    /// The value as the contract spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Payment => "Payment",
            Self::Unknown(value) => value,
        }
    }
}

impl From<&str> for PaymentType {
    fn from(value: &str) -> Self {
        match value {
            "Payment" => Self::Payment,
            _ => Self::Unknown(value.to_owned()),
        }
    }
}

impl From<String> for PaymentType {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl std::fmt::Display for PaymentType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for PaymentType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
