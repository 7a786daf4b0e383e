//! How an outline reads JSON, held against serde_json.

use super::{Json, Kind, Outline};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Values without any in them, and strings that look like something else.
const LEAVES: &[&str] = &[
    "0",
    "-0.0",
    "1E400",
    "-12.50e+3",
    "true",
    "false",
    "null",
    r#""""#,
    r#""a""#,
    r#""exactly""#,
    r#""exactly8""#,
    r#""a string of more than a few bytes""#,
    r#""\"""#,
    r#""1234567\"""#,
    r#""\\""#,
    r#""1234567\\\\""#,
    r#""}],{[:\u007b""#,
    r#""\ud800""#,
    r#""\uDBFF\uDFFF""#,
    r#""\udc00 \ud800\u0041""#,
    r#""\ud83d\ud83d\ude00""#,
    r#""é💰 and so on: ñandú""#,
    "{}",
    "[ ]",
];
const KEYS: &[&str] = &[r#""amount""#, r#""a""#, r#""am\u006funt""#, r#""{""#, r#""é""#, r#""""#];
const SPACES: &[&str] = &["", "", " ", "\n", "\t\r\n "];

/// JSON as people write it.
fn documents() -> impl Strategy<Value = String> {
    let padded = |text: BoxedStrategy<String>| {
        (select(SPACES), text, select(SPACES))
            .prop_map(|(before, text, behind)| format!("{before}{text}{behind}"))
            .boxed()
    };
    let leaf = padded(select(LEAVES).prop_map(str::to_owned).boxed());
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let array = prop::collection::vec(inner.clone(), 0..6).prop_map(|elements| format!("[{}]", elements.join(",")));
        let member = (select(SPACES), select(KEYS), select(SPACES), inner)
            .prop_map(|(before, key, behind, value)| format!("{before}{key}{behind}:{value}"));
        let object = prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")));
        padded(prop_oneof![array, object].boxed())
    })
}

/// The members of an object, in their order, whatever their keys.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                // As raw text too: an escape may be half of a surrogate pair, which is no key for serde_json.
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push((key.get().to_owned(), value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Each).map(Members)
    }
}

/// Splits `json` all the way down as serde_json does.
fn assert_is_split_well(json: Json<'_>, expected: &RawValue) {
    let (mut elements, mut members) = (json.elements(), json.members());
    if let Ok(expected) = serde_json::from_str::<Vec<&RawValue>>(expected.get()) {
        for expected in expected {
            let found = elements.next();
            assert_eq!(found.map(Json::get), Some(expected.get()));
            found.into_iter().for_each(|found| assert_is_split_well(found, expected));
        }
    }
    if let Ok(Members(expected)) = serde_json::from_str(expected.get()) {
        for (key, expected) in expected {
            let (found, value) = members.next().unzip();
            assert_eq!((found.map(Json::get), value.map(Json::get)), (Some(key.as_str()), Some(expected.get())));
            value.into_iter().for_each(|value| assert_is_split_well(value, expected));
        }
    }
    assert!(elements.next().is_none() && members.next().is_none(), "{}", json.get());
}

/// Walks through the same values as a descent, level by level, and knows of each how deep it nests.
fn assert_is_walked_well(json: Json<'_>) {
    fn descend<'a>(json: Json<'a>, depth: usize, found: &mut Vec<(usize, &'a str)>) {
        found.push((depth, json.get()));
        for (key, value) in json.members() {
            found.push((depth + 1, key.get()));
            descend(value, depth + 1, found);
        }
        json.elements().for_each(|element| descend(element, depth + 1, found));
    }
    let mut expected = Vec::new();
    descend(json, 0, &mut expected);
    let found: Vec<_> = json.walk().map(|(depth, json)| (depth, json.get())).collect();
    assert_eq!(found, expected, "{}", json.get());
    for (_, json) in json.walk() {
        let levels = depth(json.get());
        assert!(json.nests_within(levels) && (levels == 0 || !json.nests_within(levels - 1)), "{}", json.get());
        let value = serde_json::from_str::<String>(json.get()).ok();
        assert_eq!(json.string().as_deref(), value.as_deref(), "{}", json.get());
    }
}

fn depth(text: &str) -> usize {
    let inner = serde_json::from_str::<Vec<&RawValue>>(text).or_else(|_| {
        serde_json::from_str::<Members<'_>>(text).map(|Members(all)| all.into_iter().map(|(_, value)| value).collect())
    });
    inner.map_or(0, |inner| 1 + inner.into_iter().map(|value| depth(value.get())).max().unwrap_or(0))
}

/// Takes what serde_json takes, and splits it as serde_json does.
fn assert_is_read_well(document: &[u8]) {
    let shown = String::from_utf8_lossy(document);
    let (read, expected) = (Outline::read(document), serde_json::from_slice::<&RawValue>(document));
    let text = read.as_ref().map(|outline| outline.json().get()).map_err(ToString::to_string);
    assert_eq!(text, expected.as_ref().map(|json| json.get()).map_err(ToString::to_string), "{shown}");
    if let (Ok(outline), Ok(expected)) = (&read, expected) {
        let json = outline.json();
        assert_is_split_well(json, expected);
        assert_eq!(outline.depth(), depth(expected.get()), "{shown}");
        // Outside of strings there is no backslash.
        assert_eq!(outline.has_escapes(), shown.contains('\\'), "{shown}");
        let halves = json.walk().any(|(_, json)| json.kind() == Kind::String && json.string().is_none());
        assert_eq!(outline.has_lone_surrogates(), halves, "{shown}");
        assert_is_walked_well(json);
    }
}

proptest! {
    #[test]
    fn json_is_read_and_split_as_serde_json_does(document in documents()) {
        assert_is_read_well(document.as_bytes());
    }

    #[test]
    fn what_is_nearly_json_is_taken_or_refused_as_serde_json_does(
        document in documents(),
        at in any::<Index>(),
        byte in prop_oneof![select(&b"{}[]:,\"\\ 0e-.\x00\x1f\x20\x7f\x80\xc3\xff"[..]), any::<u8>()],
        change in 0..3,
    ) {
        let mut document = document.into_bytes();
        let at = at.index(document.len());
        match change {
            0 => document[at] = byte,
            1 => document.insert(at, byte),
            _ => {
                document.remove(at);
            }
        }
        assert_is_read_well(&document);
    }

    #[test]
    fn what_is_hardly_json_is_taken_or_refused_as_serde_json_does(
        document in r#"[\[\]{}:,"\\0-9eE+.tfnrualsdcDC \n\x01-]{0,24}"#,
    ) {
        assert_is_read_well(document.as_bytes());
    }
}

#[test]
fn words_numbers_and_escapes_end_where_they_end() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "tru",
        "truefalse",
        "-",
        "--1",
        "01",
        "1.",
        ".1",
        "1e",
        "1e+",
        "+1",
        "1 2",
        "\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\\u12g4\"",
        "\"\\u+123\"",
        "\"\\x\"",
        "\"\t\"",
        "\"12345678\t\"",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "[}",
        "{]",
        "[1}",
        "{\"a\":1]",
        "{1}",
        "{[]:1}",
        "{\"a\":1,2}",
        "[[]",
        "]",
        "[]]",
        "\u{feff}1",
        "\"\u{7f}\"",
        "\"\\u0000\"",
    ] {
        assert_is_read_well(text.as_bytes());
    }
}

#[test]
fn any_byte_may_stand_anywhere_in_a_string() {
    for byte in 0..=u8::MAX {
        for before in 0..10 {
            for escape in [&b""[..], b"\\"] {
                let plain = b"plain text".get(..before).unwrap();
                assert_is_read_well(&[b"\"", plain, escape, &[byte], b" and more\""].concat());
            }
        }
    }
}

#[test]
fn nesting_costs_no_stack() {
    for depth in [1_000, 200_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let outline = Outline::read(text.as_bytes()).unwrap();
        assert_eq!(outline.depth(), depth);
        assert_eq!(outline.json().walk().count(), depth);
        assert_eq!(outline.json().elements().count(), 1);
        assert!(Outline::read("[".repeat(depth).as_bytes()).is_err());
    }
}

#[test]
fn kinds_are_told_by_the_first_byte() {
    let table = [
        ("{}", Kind::Object),
        ("[]", Kind::Array),
        (r#""{""#, Kind::String),
        ("-1", Kind::Number),
        ("0", Kind::Number),
        ("true", Kind::Boolean),
        ("false", Kind::Boolean),
        ("null", Kind::Null),
    ];
    for (text, kind) in table {
        assert_eq!(Outline::read(format!(" {text} ").as_bytes()).unwrap().json().kind(), kind, "{text}");
    }
}

#[test]
fn a_value_is_shown_as_it_was_written() {
    let outline = Outline::read(br#" [1.10, "a"] "#).unwrap();
    assert_eq!(format!("{:?}", outline.json()), r#"Json("[1.10, \"a\"]")"#);
}
