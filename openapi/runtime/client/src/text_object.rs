//! Models that are kept as JSON text.

/// Implements a model that is kept as JSON text, on a struct with that text in the field `json` and a field for each required
/// property. Text that came in goes out byte for byte, except for members that were changed; a change that would break
/// what the contract requires is refused.
///
/// The second argument is the error type of the crate, which a `serde_json::Error` becomes.
///
/// ```
/// struct Price {
///     json: openapi_client::JsonObject,
///     amount: String,
/// }
///
/// openapi_client::text_object!(Price, serde_json::Error, amount = "amount");
///
/// let mut price = Price::from_json(r#"{"tax": 1.10, "amount": "7"}"#)?;
/// price.set("amount", "8")?;
/// assert_eq!(price.amount, "8");
/// assert_eq!(price.as_json(), r#"{"tax": 1.10, "amount": "8"}"#);
/// assert!(price.remove("amount").is_err());
/// # Ok::<_, serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! text_object {
    ($name:ident, $error:ty $(, $field:ident = $key:literal)* $(,)?) => {
        impl $name {
            /// Keeps `json` as it is.
            ///
            /// # Errors
            ///
            /// If it is not a JSON object with the properties that the contract requires.
            pub fn from_json(json: impl Into<String>) -> Result<Self, $error> {
                $crate::JsonObject::from_text(json)?.try_into()
            }

            /// Encodes `value`.
            ///
            /// # Errors
            ///
            /// If it is not a JSON object with the properties that the contract requires.
            pub fn from_value<T: $crate::serde::Serialize + ?Sized>(value: &T) -> Result<Self, $error> {
                $crate::JsonObject::new(value)?.try_into()
            }

            /// The JSON text.
            pub fn as_json(&self) -> &str {
                self.json.as_str()
            }

            /// The keys, in their order.
            pub fn keys(&self) -> Vec<String> {
                self.json.keys()
            }

            /// Decodes the value of `key`; `None` if there is no such key. As a [`Json`]($crate::Json) it keeps its text.
            pub fn get<T: $crate::serde::de::DeserializeOwned>(&self, key: &str) -> Option<Result<T, $error>> {
                Some(self.json.get(key)?.map_err(<$error>::from))
            }

            /// Sets `key`, in its place if it is there, else at the end.
            ///
            /// # Errors
            ///
            /// If JSON has no form for `value`, or the contract requires another type for `key`; then nothing changes.
            pub fn set<T: $crate::serde::Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), $error> {
                let mut json = self.json.clone();
                json.set(key, value)?;
                *self = json.try_into()?;
                Ok(())
            }

            /// Sets `key`, in a chain; see [`set`](Self::set).
            ///
            /// # Errors
            ///
            /// Those of [`set`](Self::set).
            pub fn with<T: $crate::serde::Serialize + ?Sized>(mut self, key: &str, value: &T) -> Result<Self, $error> {
                self.set(key, value)?;
                Ok(self)
            }

            /// Removes `key`. Returns whether it was there.
            ///
            /// # Errors
            ///
            /// If the contract requires `key`; then nothing changes.
            pub fn remove(&mut self, key: &str) -> Result<bool, $error> {
                let mut json = self.json.clone();
                let found = json.remove(key)?;
                *self = json.try_into()?;
                Ok(found)
            }
        }

        impl TryFrom<$crate::JsonObject> for $name {
            type Error = $error;

            fn try_from(json: $crate::JsonObject) -> Result<Self, $error> {
                $(let $field = json.require($key)?;)*
                Ok(Self { json, $($field),* })
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&self.json, serializer)
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = <$crate::JsonObject as $crate::serde::Deserialize>::deserialize(deserializer)?;
                json.try_into().map_err(<D::Error as $crate::serde::de::Error>::custom)
            }
        }
    };
}
