//! What a payment says: JSON text that we keep as it was written.

use super::Amount;

/// The attributes of a payment: the JSON text of an object, byte for byte as the client wrote it, and the one thing in it
/// that we understand.
///
/// Whoever makes one has read the text: `text` is a JSON object, and its only `amount` is `amount`. Stores give back
/// what they were given, so they make it with [`Attributes::stored`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    text: Box<str>,
}

impl Attributes {
    /// Attributes as they came in: `text` is a JSON object whose only `amount` is `_amount`.
    #[must_use]
    pub fn new(text: Box<str>, _amount: &Amount) -> Self {
        Self { text }
    }

    /// Attributes as a store kept them.
    #[must_use]
    pub fn stored(text: Box<str>) -> Self {
        Self { text }
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
