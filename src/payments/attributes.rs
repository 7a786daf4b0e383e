//! What a payment says: JSON text that we keep as it was written.

use super::{BrokenRule, amount};
use serde_json::value::RawValue;
use std::{borrow::Cow, sync::Arc};

/// How deep objects and arrays may nest, the attributes themselves included. Far beyond what payments need, and well
/// within what the parsers of consumers stand.
const MAX_DEPTH: usize = 64;

/// The attributes of a payment: the JSON text of an object, byte for byte as the client wrote it. We look into it only
/// for `amount`. A clone shares the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes(Arc<str>);

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

impl Attributes {
    /// Takes the JSON text of an object that has exactly one `amount`, nests at most 64 deep, and whose strings are
    /// Unicode.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: Arc<str>) -> Result<Self, AttributesFault> {
        let json: &RawValue =
            serde_json::from_str(&text).map_err(|_| AttributesFault::Whole(BrokenRule("must be JSON")))?;
        Self::check(json.get()).map(|()| Self(text))
    }

    /// Says whether [`parse`](Self::parse) would take `json`, which is known to be a JSON value already, without white space
    /// around it. What is not JSON may pass.
    ///
    /// # Errors
    /// The first rule that `json` breaks.
    pub fn check(json: &str) -> Result<(), AttributesFault> {
        if !json.starts_with('{') {
            return Err(AttributesFault::Whole(BrokenRule("must be an object")));
        }
        let found = Walk::new(json).amount().map_err(AttributesFault::Whole)?;
        check_amount(found).map_err(AttributesFault::Amount)
    }

    /// Says what [`check`](Self::check) says of `json`, of which more is known: its members, if it is an object, keys and values
    /// as they are written; that it nests at most `depth` deep; and whether its strings may have escapes. It need not be walked
    /// through then.
    ///
    /// # Errors
    /// The first rule that `json` breaks.
    pub fn check_split<'a>(
        json: &'a str,
        members: impl Iterator<Item = (&'a str, &'a str)>,
        depth: usize,
        may_have_escapes: bool,
    ) -> Result<(), AttributesFault> {
        if !json.starts_with('{') || depth > MAX_DEPTH || may_have_escapes {
            return Self::check(json);
        }
        let mut amounts = members.filter(|(key, _)| *key == r#""amount""#).map(|(_, value)| value);
        let found = match (amounts.next(), amounts.next()) {
            (None, _) => Found::Nothing,
            (Some(value), None) if value.starts_with('"') => Found::String(value),
            (Some(_), None) => Found::Other,
            (Some(_), Some(_)) => Found::Twice,
        };
        check_amount(found).map_err(AttributesFault::Amount)
    }

    /// Takes JSON text that has passed [`check`](Self::check).
    #[must_use]
    pub fn checked(json: Arc<str>) -> Self {
        debug_assert_eq!(Self::check(&json), Ok(()), "{json}");
        Self(json)
    }

    /// Attributes as a store kept them; they were checked on their way in.
    #[must_use]
    pub fn stored(text: Arc<str>) -> Self {
        Self(text)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON text, given away.
    #[must_use]
    pub fn into_text(self) -> Arc<str> {
        self.0
    }
}

/// What stands under the key that we understand, `amount`.
enum Found<'a> {
    Nothing,
    /// A string, with its quotes.
    String(&'a str),
    /// Something else.
    Other,
    Twice,
}

fn check_amount(found: Found<'_>) -> Result<(), BrokenRule> {
    let json = match found {
        Found::String(json) => json,
        Found::Nothing => return Err(BrokenRule("is missing")),
        Found::Other => return Err(BrokenRule("must be a string in digits, such as \"100.21\"")),
        Found::Twice => return Err(BrokenRule("stands twice in the same object; keep one")),
    };
    let text = unescaped(json).ok_or(BrokenRule("must be a string of valid Unicode"))?;
    amount::check(&text)
}

/// A JSON string without its quotes and escapes.
fn unescaped(json: &str) -> Option<Cow<'_, str>> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    if text.contains('\\') { serde_json::from_str(json).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
}

/// A walk through the JSON text of an object, once from its beginning to its end. Every write passes here, and to parse it for
/// one member, and look through it for the rest, takes longer.
struct Walk<'a> {
    json: &'a str,
    at: usize,
    depth: usize,
    amount: Found<'a>,
}

impl<'a> Walk<'a> {
    fn new(json: &'a str) -> Self {
        Self { json, at: 0, depth: 0, amount: Found::Nothing }
    }

    /// Finds the amount, and holds the text to what the grammar of JSON does not: how deep it nests, and that `\u` escapes make
    /// whole characters (RFC 8259, section 8.2, leaves half a surrogate pair to chance).
    fn amount(mut self) -> Result<Found<'a>, BrokenRule> {
        // Whether the next string is a key of the object itself.
        let mut key = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    let string = self.string()?;
                    if key && unescaped(string).is_some_and(|key| key == "amount") {
                        self.value()?;
                    }
                    key = false;
                    continue;
                }
                b'{' | b'[' => self.enter()?,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            key |= self.depth == 1 && matches!(byte, b'{' | b',');
            self.at += 1;
        }
        Ok(self.amount)
    }

    /// Looks at what follows behind the key `amount`, as far as it takes to tell what it is.
    fn value(&mut self) -> Result<(), BrokenRule> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r' | b':') = self.peek() {
            self.at += 1;
        }
        let first = matches!(self.amount, Found::Nothing);
        let value = if self.peek() == Some(b'"') { Found::String(self.string()?) } else { Found::Other };
        self.amount = if first { value } else { Found::Twice };
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn enter(&mut self) -> Result<(), BrokenRule> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(BrokenRule("must not nest deeper than 64 objects and arrays"));
        }
        Ok(())
    }

    /// Steps over a string, and returns it with its quotes.
    fn string(&mut self) -> Result<&'a str, BrokenRule> {
        let start = self.at;
        self.at += 1;
        while let Some(rest) = self.json.as_bytes().get(self.at..)
            && let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))
        {
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                break;
            }
            let mut escape = self.json.get(self.at..).unwrap_or_default().bytes();
            let whole = escape.len();
            if escape.next() == Some(b'u') {
                check_escape(&mut escape)?;
            }
            self.at += whole - escape.len();
        }
        self.json.get(start..self.at).ok_or(BrokenRule("must be JSON"))
    }
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
    use super::{Attributes, AttributesFault, amount};
    use proptest::{prelude::*, sample::select};

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

    /// What a parser makes of the members of an object.
    #[derive(serde::Deserialize)]
    struct Known<'a> {
        #[serde(borrow)]
        amount: Option<&'a serde_json::value::RawValue>,
    }

    const KEYS: &[&str] =
        &[r#""amount""#, r#""amount""#, r#""am\u006funt""#, r#""x""#, r#""am\"ount""#, r#""\\""#, r#""{""#];
    const VALUES: &[&str] = &[
        r#""1""#,
        r#""2.50""#,
        r#""\u0031""#,
        r#""\\""#,
        r#""\",\"amount\":\"3\"""#,
        r#"{"amount":"4"}"#,
        r#"["amount","5",{"amount":{}}]"#,
        "-1e5",
        "[]",
    ];
    const SPACES: &[&str] = &["", " ", "\n\t"];

    #[test]
    fn null_is_no_amount() {
        let fault = parse(r#"{"amount":null}"#).unwrap_err();
        assert!(fault.to_string().starts_with("the amount must be a string"), "{fault}");
    }

    proptest! {
        #[test]
        fn finds_the_amount_that_a_parser_finds(
            members in prop::collection::vec((select(KEYS), select(SPACES), select(VALUES), select(SPACES)), 0..6),
        ) {
            let member = |(key, before, value, behind)| format!("{before}{key}{behind}:{before}{value}{behind}");
            let text = format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(","));
            let expected = match serde_json::from_str::<Known<'_>>(&text) {
                Err(_) => Err("stands twice in the same object; keep one"),
                Ok(Known { amount: None }) => Err("is missing"),
                Ok(Known { amount: Some(amount) }) => match serde_json::from_str::<String>(amount.get()) {
                    Err(_) => Err("must be a string in digits, such as \"100.21\""),
                    Ok(text) => amount::check(&text).map_err(|rule| rule.0),
                },
            };
            let found = Attributes::check(&text).map_err(|fault| match fault {
                AttributesFault::Whole(rule) | AttributesFault::Amount(rule) => rule.0,
            });
            prop_assert_eq!(found, expected, "{}", text);
        }
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
