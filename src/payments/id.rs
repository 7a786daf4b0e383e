//! The ids of payments.

use super::BrokenRule;
use crate::vectorised;
use arrayvec::ArrayString;

/// The longest id, in characters (all of them ASCII, so in bytes too).
const MAX_LENGTH: usize = 64;

/// The id of a payment: 1 to 64 visible ASCII characters without `/ ? # %`, so that it can stand in a path; not only
/// dots, because URLs give `.` and `..` a meaning of their own (RFC 3986, section 5.2.4).
///
/// The text is stored inline: a lookup follows no heap pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId(ArrayString<MAX_LENGTH>);

impl PaymentId {
    /// Reads an id.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        if text.is_empty() {
            return Err(BrokenRule("must not be empty; leave it out of a create, and the server assigns an id"));
        }
        let is_allowed =
            |byte: u8| byte.is_ascii_graphic() & (byte != b'/') & (byte != b'?') & (byte != b'#') & (byte != b'%');
        if !vectorised::all(text.as_bytes(), is_allowed) {
            return Err(BrokenRule("must consist of visible ASCII characters without / ? # %"));
        }
        let text = ArrayString::from(text).map_err(|_| BrokenRule("must have at most 64 characters"))?;
        if text.bytes().all(|byte| byte == b'.') {
            return Err(BrokenRule("must not consist of dots only, which mean something else in a URL"));
        }
        Ok(Self(text))
    }

    /// The id whose text is that of a UUID, in lower case with hyphens; it obeys every rule of [`parse`](Self::parse).
    #[must_use]
    pub fn from_uuid(uuid: uuid::Uuid) -> Self {
        let (mut buffer, mut text) = ([0; uuid::fmt::Hyphenated::LENGTH], ArrayString::new());
        // 36 characters, so they fit.
        text.push_str(uuid.hyphenated().encode_lower(&mut buffer));
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PaymentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PaymentId;
    use proptest::prelude::*;

    #[test]
    fn accepts_text_that_can_stand_in_a_path() {
        let longest = "x".repeat(64);
        for text in ["a", "4ee3-a8d8", "..a", "a.", "invoice:2026@42", "\"<>\\^`{|}", longest.as_str()] {
            assert!(PaymentId::parse(text).is_ok(), "{text:?} was refused; it must be accepted");
        }
    }

    #[test]
    fn refuses_text_that_cannot_stand_in_a_path() {
        let too_long = "x".repeat(65);
        for text in [
            "", " ", "a b", "a/b", "a?b", "a#b", "a%20b", "é", "💰", "a\tb", "a\0", "\u{7f}", ".", "..", "...",
            &too_long,
        ] {
            assert!(PaymentId::parse(text).is_err(), "{text:?} was accepted; it must be refused");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_is_an_id(bits in any::<u128>()) {
            let id = PaymentId::from_uuid(uuid::Uuid::from_u128(bits));
            prop_assert_eq!(PaymentId::parse(id.as_str()), Ok(id));
        }

        #[test]
        fn agrees_with_its_definition(text in "[ -~]{0,70}|.{0,70}") {
            let lawful = (1..=64).contains(&text.chars().count())
                && text.chars().all(|c| ('!'..='~').contains(&c) && !"/?#%".contains(c))
                && text.chars().any(|c| c != '.');
            prop_assert_eq!(PaymentId::parse(&text).is_ok(), lawful);
        }
    }
}
