// @generated from api/openapi.yml by `make generate`; do not edit.

/// Up or down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum HealthStatus {
    /// `up`
    Up,
    /// `down`
    Down,
    /// A value that the contract did not know when this client was made.
    Unknown(String),
}

impl HealthStatus {
    /// The value as the contract spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Unknown(value) => value,
        }
    }
}

impl From<&str> for HealthStatus {
    fn from(value: &str) -> Self {
        match value {
            "up" => Self::Up,
            "down" => Self::Down,
            _ => Self::Unknown(value.to_owned()),
        }
    }
}

impl From<String> for HealthStatus {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl std::fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for HealthStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
