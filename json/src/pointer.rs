//! JSON Pointer (RFC 6901): the path to a value.

use crate::{Depth, Json, Kind, string::is_named};
use std::{borrow::Cow, fmt};

/// The most characters of a pointer that an error shows: a pointer can be as long as a request.
const SHOWN: usize = 120;

/// The keys and indices that lead from the top of a document to a value.
///
/// ```
/// use json_text::{Outline, Pointer};
///
/// let outline = Outline::read(br#"{"a/b": [1, 2.50]}"#)?;
/// let pointer = Pointer::parse("/a~1b/1")?;
/// assert_eq!(pointer.find(outline.json()).map(|json| json.get()), Some("2.50"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pointer<'a> {
    text: &'a str,
    tokens: Vec<Cow<'a, str>>,
}

/// A text is not a JSON Pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerError {
    /// The text is not empty, and does not begin with a slash.
    NoSlash,
    /// A `~` is followed by neither `0` nor `1`.
    LoneTilde,
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlash => "is not a JSON Pointer, which begins with /",
            Self::LoneTilde => "is not a JSON Pointer: a ~ stands alone; write ~0 for ~, and ~1 for a / inside a key",
        })
    }
}

impl std::error::Error for PointerError {}

impl<'a> Pointer<'a> {
    /// Reads a pointer.
    ///
    /// # Errors
    /// When `text` is not a JSON Pointer.
    pub fn parse(text: &'a str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash);
        }
        if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
            return Err(PointerError::LoneTilde);
        }
        // One token above the largest limit suffices to exceed any, and bounds the cost of a hostile pointer.
        let tokens = split(text).take(Depth::MAX.levels() + 1).collect();
        Ok(Self { text, tokens })
    }

    /// The value that the pointer names in `json`. Among members with the same key the last counts.
    #[must_use]
    pub fn find<'j>(&self, json: Json<'j>) -> Option<Json<'j>> {
        split(self.text).try_fold(json, |json, token| match json.kind() {
            Kind::Object => {
                json.members().filter(|(key, _)| is_named(key.get(), token.as_bytes())).last().map(|(_, value)| value)
            }
            Kind::Array => json.elements().nth(index(&token)?),
            Kind::String | Kind::Number | Kind::Boolean | Kind::Null => None,
        })
    }

    /// The keys and indices, unescaped, from the top: at most one more than [`Depth::MAX`].
    pub(crate) fn tokens(&self) -> &[Cow<'a, str>] {
        &self.tokens
    }

    /// Returns whether `other` leads into the value that `self` names.
    pub(crate) fn is_above(&self, other: &Self) -> bool {
        self.tokens.len() < other.tokens.len() && other.tokens.starts_with(&self.tokens)
    }

    /// The pointer, cut short for an error.
    pub(crate) fn shown(&self) -> String {
        shown(self.text)
    }

    /// The pointer made of the first `count` tokens, cut short for an error.
    pub(crate) fn shown_up_to(&self, count: usize) -> String {
        let end = self.text.match_indices('/').nth(count).map_or(self.text.len(), |(at, _)| at);
        shown(self.text.get(..end).unwrap_or_default())
    }
}

/// Writes the pointer that leads along these keys, cut short for an error. A key that is not Unicode is shown as far as it is.
pub(crate) fn write(keys: &[Cow<'_, [u8]>]) -> String {
    let mut text = String::new();
    for key in keys {
        text.push('/');
        // Four bytes a character at most, so that no more is copied than is shown.
        let key = key.get(..SHOWN * 4).unwrap_or(key);
        text.push_str(&String::from_utf8_lossy(key).replace('~', "~0").replace('/', "~1"));
        if text.len() > SHOWN * 4 {
            break;
        }
    }
    shown(&text)
}

/// Parses an array index: digits without leading zeros. An index that no array can have becomes `usize::MAX`.
pub(crate) fn index(token: &str) -> Option<usize> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (token == "0" || !token.starts_with('0'));
    canonical.then(|| token.parse().unwrap_or(usize::MAX))
}

fn split(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split('/').skip(1).map(unescape)
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        // In this order: `~01` means `~1`, not `/`.
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None if text.is_empty() => "the document".to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outline;

    #[test]
    fn pointers_are_split_and_unescaped() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("/", &[""]),
            ("/foo/0", &["foo", "0"]),
            ("/a~1b/m~0n", &["a/b", "m~n"]),
            ("/~01/~10/~00", &["~1", "/0", "~0"]),
            ("/ /k\"l/i\\j//%25", &[" ", "k\"l", "i\\j", "", "%25"]),
        ];
        for (text, tokens) in table {
            assert_eq!(Pointer::parse(text).unwrap().tokens(), *tokens, "{text}");
        }
    }

    #[test]
    fn keys_of_wide_characters_are_shown_as_far_as_any() {
        let [long, half] = [110, 50].map(|length| "\u{1f4b0}".repeat(length));
        let keys = |texts: &[&str]| texts.iter().map(|text| Cow::Owned(text.as_bytes().to_vec())).collect::<Vec<_>>();
        assert_eq!(write(&keys(&[&long])), format!("/{long}"));
        assert_eq!(write(&keys(&[&half, &half])), format!("/{half}/{half}"));
        assert_eq!(write(&keys(&[&long, &half])), format!("/{long}/{}\u{2026}", "\u{1f4b0}".repeat(8)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["data", "#/data", " /data", "~0"] {
            assert_eq!(Pointer::parse(text).unwrap_err(), PointerError::NoSlash, "{text}");
        }
        for text in ["/~", "/~2", "/a~", "/~0~", "/~/0", "/~é"] {
            assert_eq!(Pointer::parse(text).unwrap_err(), PointerError::LoneTilde, "{text}");
        }
    }

    /// The examples of RFC 6901, section 5, and what it leaves open.
    #[test]
    fn values_are_found() {
        let document = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,
            "twice":{"a":1},"tw\u0069ce":{"b":[9]}}"#;
        let outline = Outline::read(document.as_bytes()).unwrap();
        let found = |pointer: &str| Pointer::parse(pointer).unwrap().find(outline.json()).map(Json::get);
        let table = [
            ("", document),
            ("/foo", r#"["bar","baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
            ("/twice/b/0", "9"),
        ];
        for (pointer, value) in table {
            assert_eq!(found(pointer), Some(value), "{pointer}");
        }
        for pointer in ["/bar", "/foo/2", "/foo/-", "/foo/00", "/foo/bar", "/foo/0/0", "/twice/a", "/a~1b/0"] {
            assert_eq!(found(pointer), None, "{pointer}");
        }
        let deep = format!("{}7{}", "[".repeat(1000), "]".repeat(1000));
        let outline = Outline::read(deep.as_bytes()).unwrap();
        let pointer = "/0".repeat(1000);
        assert_eq!(Pointer::parse(&pointer).unwrap().find(outline.json()).map(Json::get), Some("7"));
    }

    #[test]
    fn indices_are_canonical() {
        let table = [
            ("0", Some(0)),
            ("10", Some(10)),
            ("99999999999999999999999", Some(usize::MAX)),
            ("", None),
            ("00", None),
            ("01", None),
            ("+1", None),
            ("-1", None),
            ("-", None),
            ("1.0", None),
            ("1e0", None),
            ("٣", None),
        ];
        for (token, expected) in table {
            assert_eq!(index(token), expected, "{token}");
        }
    }

    #[test]
    fn errors_show_a_part() {
        let pointer = Pointer::parse("/a/b~1c/d").unwrap();
        let parts: Vec<_> = (0..=3).map(|count| pointer.shown_up_to(count)).collect();
        assert_eq!(parts, ["the document", "/a", "/a/b~1c", "/a/b~1c/d"]);
        let long = "/é".repeat(1000);
        assert_eq!(Pointer::parse(&long).unwrap().shown().chars().count(), SHOWN + 1);
    }

    #[test]
    fn above_is_by_token() {
        let above = |one, other| Pointer::parse(one).unwrap().is_above(&Pointer::parse(other).unwrap());
        assert!(above("/a", "/a/b") && above("", "/a") && above("/a~1b", "/a~1b/c"));
        assert!(!above("/a", "/a") && !above("/a", "/ab") && !above("/a/b", "/a"));
    }

    #[test]
    fn long_pointers_are_not_kept_whole() {
        let long = "/a".repeat(100_000);
        assert_eq!(Pointer::parse(&long).unwrap().tokens().len(), Depth::MAX.levels() + 1);
        assert!(Pointer::parse(&("/a".repeat(1000) + "/~")).is_err());
    }
}
