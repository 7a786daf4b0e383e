//! JSON values that are kept as text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{
    Error,
    value::{RawValue, to_raw_value},
};

/// A JSON value, kept as the text that it was written in: numbers keep their spelling, objects the order of their keys.
///
/// ```
/// use openapi_client::Json;
///
/// let price = Json::from_text(r#"{"b": 1.10, "a": null}"#)?;
/// assert_eq!(price.as_str(), r#"{"b": 1.10, "a": null}"#);
/// assert_eq!(Json::from("1.10").as_str(), r#""1.10""#);
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Encodes `value`.
    ///
    /// # Errors
    ///
    /// If JSON has no form for it, such as a map whose keys are not strings.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        to_raw_value(value).map(Self)
    }

    /// Keeps `text`, which has to be JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn from_text(text: impl Into<String>) -> Result<Self, Error> {
        serde_json::from_str(&text.into()).map(Self)
    }

    /// `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Decodes the value.
    ///
    /// # Errors
    ///
    /// If it is not a `T`.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.as_str())
    }

    /// Encodes a value for which JSON always has a form.
    ///
    /// # Panics
    ///
    /// If it has none, such as a map whose keys are not strings.
    #[expect(clippy::expect_used, reason = "strings, numbers, booleans, and structures of them with strings for keys")]
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        Self(to_raw_value(value).expect("strings, numbers and booleans have a form in JSON"))
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Compares the text: `1` is not `1.0`.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::of(value)
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::of(&value)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::of(&value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::of(&value)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::of(&value)
    }
}

/// Decodes an optional property of any type. Unlike serde's `Option`, it keeps `null` apart from an absent property.
///
/// # Errors
///
/// If it is not JSON.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}
