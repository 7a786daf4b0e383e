//! The attributes of a payment: JSON text, kept as it was written.

use super::{BrokenRule, amount};
use json_text::{Depth, Json, Kind, Outline};
use std::sync::Arc;

/// The deepest nesting of objects and arrays, the attributes themselves included. Far beyond what payments need, and
/// well within what the parsers of consumers accept. The contract states it too.
const MAX_DEPTH: Depth = Depth::new(64);

/// The attributes of a payment: the JSON text of an object, byte for byte as the client wrote it. Only `amount` means
/// anything to the service. A clone shares the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes(Arc<str>);

/// A rule that the attributes break, and the part that breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttributesFault {
    /// The object as a whole.
    #[error("the attributes {0}")]
    Whole(BrokenRule),
    /// Its `amount`.
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
        let outline = Outline::read(text.as_bytes()).map_err(|_| AttributesFault::Whole(BrokenRule("must be JSON")))?;
        Self::check(outline.json()).map(|()| Self(text))
    }

    /// Checks a value that was read already against the rules of [`parse`](Self::parse). Scans no text.
    ///
    /// # Errors
    /// The first rule that `json` breaks.
    pub fn check(json: Json<'_>) -> Result<(), AttributesFault> {
        if json.kind() != Kind::Object {
            return Err(AttributesFault::Whole(BrokenRule("must be an object")));
        }
        let document = json.outline();
        // In any other document no value can break these rules.
        if document.depth() > MAX_DEPTH.levels() || document.has_lone_surrogates() {
            check_values(json).map_err(AttributesFault::Whole)?;
        }
        check_amount(json).map_err(AttributesFault::Amount)
    }

    /// Takes JSON text that has passed [`check`](Self::check).
    #[must_use]
    pub fn checked(json: Arc<str>) -> Self {
        debug_assert!(Self::parse(Arc::clone(&json)).is_ok(), "{json}");
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

/// Checks each value for what the grammar of JSON allows: deeper nesting, and `\u` escapes that are half of a surrogate
/// pair (RFC 8259, section 8.2: parsers differ in what they make of one).
fn check_values(json: Json<'_>) -> Result<(), BrokenRule> {
    for (depth, value) in json.walk() {
        match value.kind() {
            Kind::Object | Kind::Array if depth >= MAX_DEPTH.levels() => {
                return Err(BrokenRule("must not nest deeper than 64 objects and arrays"));
            }
            Kind::String if value.string().is_none() => {
                return Err(BrokenRule("must be valid Unicode: an escape is half of a surrogate pair"));
            }
            Kind::Object | Kind::Array | Kind::String | Kind::Number | Kind::Boolean | Kind::Null => {}
        }
    }
    Ok(())
}

/// Checks the amount.
fn check_amount(json: Json<'_>) -> Result<(), BrokenRule> {
    let mut amounts = json.members().filter(|(key, _)| key.string().is_some_and(|key| key == "amount"));
    let (_, value) = amounts.next().ok_or(BrokenRule("is missing"))?;
    if amounts.next().is_some() {
        return Err(BrokenRule("stands twice in the same object; keep one"));
    }
    let text = value.string().ok_or(BrokenRule("must be a string in digits, such as \"100.21\""))?;
    amount::check(&text)
}

#[cfg(test)]
mod tests {
    use super::{Attributes, AttributesFault, MAX_DEPTH, amount};
    use json_text::{Outline, Pointer};
    use proptest::{prelude::*, sample::select};

    fn parse(text: &str) -> Result<Attributes, AttributesFault> {
        Attributes::parse(text.into())
    }

    fn rule(fault: AttributesFault) -> &'static str {
        match fault {
            AttributesFault::Whole(rule) | AttributesFault::Amount(rule) => rule.0,
        }
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
            prop_assert_eq!(parse(&text).map(drop).map_err(rule), expected, "{}", text);
        }
    }

    /// The first rule that text breaks as a whole, found byte by byte.
    fn first_broken(text: &str) -> Option<&'static str> {
        let (mut depth, mut at) = (0, 0);
        while let Some(byte) = text.as_bytes().get(at) {
            at += 1;
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    let start = at - 1;
                    while text.as_bytes()[at] != b'"' {
                        at += if text.as_bytes()[at] == b'\\' { 2 } else { 1 };
                    }
                    at += 1;
                    if serde_json::from_str::<String>(&text[start..at]).is_err() {
                        return Some("must be valid Unicode: an escape is half of a surrogate pair");
                    }
                }
                _ => {}
            }
            if depth > 64 {
                return Some("must not nest deeper than 64 objects and arrays");
            }
        }
        None
    }

    const STRINGS: &[&str] = &[
        r#""plain""#,
        r#""\n[[""#,
        r#""\\ud800""#,
        r#""\ud83d\udca9""#,
        r#""\ud800""#,
        r#""x\udead""#,
        r#""\ud800\u0041""#,
    ];

    /// Attributes whose parts nest about as deep as they may, with strings that may be half a surrogate pair.
    fn nested() -> impl Strategy<Value = String> {
        let part = (prop_oneof![3 => Just(0_usize), 1 => 60_usize..67], select(STRINGS), any::<bool>());
        prop::collection::vec(part, 0..4).prop_map(|parts| {
            let part = |(levels, string, is_object)| match is_object {
                true => format!("{}{string}:{string}{}", r#"{"k":"#.repeat(levels) + "{", "}".repeat(levels + 1)),
                false => format!("{}{string}{}", "[".repeat(levels), "]".repeat(levels)),
            };
            let parts: Vec<_> = parts.into_iter().map(part).collect();
            format!(r#"{{"parts":[{}],"amount":"1"}}"#, parts.join(","))
        })
    }

    proptest! {
        #[test]
        fn names_the_first_rule_that_is_broken(text in nested()) {
            prop_assert_eq!(parse(&text).err().map(rule), first_broken(&text), "{}", text);
        }

        #[test]
        fn judges_a_part_of_a_document_like_the_whole_of_one(text in nested(), around in nested()) {
            let document = format!(r#"{{"data":{{"before":{around},"attributes":{text},"behind":{around}}}}}"#);
            let outline = Outline::read(document.as_bytes()).unwrap();
            let part = Pointer::parse("/data/attributes").unwrap().find(outline.json()).unwrap();
            prop_assert_eq!(Attributes::check(part), parse(&text).map(drop), "{}", document);
        }
    }

    #[test]
    fn the_rule_names_the_limit() {
        let deep = format!(r#"{{"amount":"1","deep":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        let expected = format!("must not nest deeper than {} objects and arrays", MAX_DEPTH.levels());
        assert_eq!(parse(&deep).map_err(rule), Err(expected.as_str()));
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
