//! What a payment says: JSON text that we keep as it was written.

use super::{Amount, BrokenRule};
use serde::Deserialize;
use serde_json::value::RawValue;

/// How deep objects and arrays may nest, the attributes themselves included. Far beyond what payments need, and well
/// within what the parsers of consumers stand.
const MAX_DEPTH: usize = 64;

/// The attributes of a payment: the JSON text of an object, byte for byte as the client wrote it. We look into it only
/// for `amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes(Box<str>);

/// Which part of the attributes breaks which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributesFault {
    /// The object as a whole does.
    #[error("the attributes {0}")]
    Whole(BrokenRule),
    /// Its `amount` does.
    #[error("the amount {0}")]
    Amount(BrokenRule),
}

/// The one member that we understand.
#[derive(Deserialize)]
struct Known<'a> {
    #[serde(borrow)]
    amount: Option<&'a RawValue>,
}

impl Attributes {
    /// Takes the JSON text of an object that has exactly one `amount`, nests at most 64 deep, and whose strings are
    /// Unicode.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: Box<str>) -> Result<Self, AttributesFault> {
        Self::check(&text).map(|()| Self(text))
    }

    /// Says whether [`parse`](Self::parse) would take the text.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn check(text: &str) -> Result<(), AttributesFault> {
        if !text.trim_start().starts_with('{') {
            return Err(AttributesFault::Whole(BrokenRule("must be an object")));
        }
        check_text(text).map_err(AttributesFault::Whole)?;
        let known: Known<'_> = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                // The text is an object and nothing else is asked of its members, so there is only one way to fail.
                AttributesFault::Amount(BrokenRule("stands twice in the same object; keep one"))
            } else {
                AttributesFault::Whole(BrokenRule("must be JSON"))
            }
        })?;
        let amount = known.amount.ok_or(AttributesFault::Amount(BrokenRule("is missing")))?;
        if !amount.get().starts_with('"') {
            return Err(AttributesFault::Amount(BrokenRule("must be a string in digits, such as \"100.21\"")));
        }
        let amount: String = serde_json::from_str(amount.get())
            .map_err(|_| AttributesFault::Amount(BrokenRule("must be a string of valid Unicode")))?;
        Amount::parse(&amount).map(drop).map_err(AttributesFault::Amount)
    }

    /// Attributes as a store kept them; they were checked on their way in.
    #[must_use]
    pub fn stored(text: Box<str>) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text, given away.
    #[must_use]
    pub fn into_text(self) -> Box<str> {
        self.0
    }
}

/// Holds JSON text to what its grammar does not: how deep it nests, and that `\u` escapes make whole characters (RFC 8259,
/// section 8.2, leaves half a surrogate pair to chance).
fn check_text(text: &str) -> Result<(), BrokenRule> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match (in_string, byte) {
            (_, b'"') => in_string = !in_string,
            (true, b'\\') => {
                if bytes.next() == Some(b'u') {
                    check_escape(&mut bytes)?;
                }
            }
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(BrokenRule("must not nest deeper than 64 objects and arrays"));
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (_, _) => {}
        }
    }
    Ok(())
}

/// Reads on behind a `\u`: one code unit, or two that make a pair.
fn check_escape(bytes: &mut std::str::Bytes<'_>) -> Result<(), BrokenRule> {
    const HALF: BrokenRule = BrokenRule("must be valid Unicode: an escape is half of a surrogate pair");
    match code_unit(bytes) {
        Some(0xD800..=0xDBFF) => {
            if (bytes.next(), bytes.next()) != (Some(b'\\'), Some(b'u')) {
                return Err(HALF);
            }
            match code_unit(bytes) {
                Some(0xDC00..=0xDFFF) => Ok(()),
                _ => Err(HALF),
            }
        }
        Some(0xDC00..=0xDFFF) => Err(HALF),
        Some(_) => Ok(()),
        None => Err(BrokenRule("must be JSON")),
    }
}

fn code_unit(bytes: &mut std::str::Bytes<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + char::from(bytes.next()?).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::{Attributes, AttributesFault};
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Attributes, AttributesFault> {
        Attributes::parse(text.into())
    }

    #[test]
    fn keeps_every_byte() {
        for text in [
            r#"{"amount":"1.10"}"#,
            "{ \"z\" : 1.10,\n\t\"amount\" : \"100.21\", \"a\" : null, \"n\" : 123456789012345678901234567890 }",
            r#"{"amount":"1","e":1E400,"s":"\u00e9 \ud83d\udca9 \u0000 \\ud800","d":{"amount":"0","amount":-1}}"#,
            r#"{"am\u006funt":"1"}"#,
        ] {
            assert_eq!(parse(text).as_ref().map(Attributes::as_str), Ok(text));
        }
    }

    #[test]
    fn refuses_an_amount_that_is_none() {
        for text in [
            "{}",
            r#"{"amount":1}"#,
            r#"{"amount":null}"#,
            r#"{"amount":"0"}"#,
            r#"{"amount":{}}"#,
            r#"{"Amount":"1"}"#,
            r#"{"amount":"1","amount":"2"}"#,
            r#"{"amount":"1","am\u006funt":"-5"}"#,
            r#"{"a":{"amount":"1"}}"#,
        ] {
            assert!(matches!(parse(text), Err(AttributesFault::Amount(_))), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn refuses_text_that_others_could_not_read() {
        let deep = format!(r#"{{"amount":"1","deep":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        let abyss = format!(r#"{{"amount":"1","deep":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        for text in [
            "[]",
            "\"amount\"",
            "",
            "{",
            r#"{"amount":"1"}x"#,
            r#"{"amount":"1","s":"\ud800"}"#,
            r#"{"amount":"1","s":"\ud800\ud800"}"#,
            r#"{"amount":"1","s":"\ude00\ud83d"}"#,
            r#"{"amount":"1","s":"\ud83dx"}"#,
            r#"{"amount":"1","\udead":0}"#,
            &deep,
            &abyss,
        ] {
            assert!(matches!(parse(text), Err(AttributesFault::Whole(_))), "{text}: {:?}", parse(text));
        }
        let deepest = format!(r#"{{"amount":"1","deep":{}{}}}"#, "[".repeat(63), "]".repeat(63));
        assert!(parse(&deepest).is_ok());
    }

    proptest! {
        #[test]
        fn never_panics_and_only_takes_json(text in r#"\{[\[\]{}"\\udDc80-9:,amount ]{0,60}"#) {
            if let Ok(attributes) = parse(&text) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(attributes.as_str()).is_ok());
            }
        }
    }
}
