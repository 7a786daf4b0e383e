//! JSON Pointer (RFC 6901).

use super::MAX_DEPTH;
use std::borrow::Cow;

/// How much of a pointer an error shows, in characters.
const SHOWN: usize = 120;

/// The way to a value: the keys and indices that lead there from the top.
#[derive(Debug)]
pub(super) struct Pointer<'a> {
    text: &'a str,
    tokens: Vec<Cow<'a, str>>,
    key: String,
}

impl<'a> Pointer<'a> {
    /// Reads a pointer, or says what is wrong with it.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("is not a JSON Pointer, which begins with /; paths begin with /data");
        }
        if text.split('~').skip(1).any(|rest| !rest.starts_with(['0', '1'])) {
            return Err("is not a JSON Pointer: a ~ stands alone; write ~0 for ~, and ~1 for a / inside a key");
        }
        // One token more than is allowed is enough to see that there are too many.
        let tokens: Vec<_> = text.split('/').skip(1).take(MAX_DEPTH + 1).map(unescape).collect();
        let key = tokens.last().map(|token| serde_json::Value::from(token.as_ref()).to_string()).unwrap_or_default();
        Ok(Self { text, tokens, key })
    }

    /// The keys and indices, from the top. Of a pointer that is too deep, not all of them.
    pub(super) fn tokens(&self) -> &[Cow<'a, str>] {
        &self.tokens
    }

    /// The last token as the JSON text of a key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Whether it leads deeper than a document may nest.
    pub(super) fn is_too_deep(&self) -> bool {
        self.tokens.len() > MAX_DEPTH
    }

    /// Whether it leads to something that `other` leads into.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        self.tokens.len() < other.tokens.len() && other.tokens.starts_with(&self.tokens)
    }

    /// The pointer in a form for errors.
    pub(super) fn shown(&self) -> String {
        shown(self.text)
    }

    /// The pointer made of the first `count` tokens, in a form for errors.
    pub(super) fn shown_up_to(&self, count: usize) -> String {
        let end = self.text.match_indices('/').nth(count).map_or(self.text.len(), |(at, _)| at);
        shown(self.text.get(..end).unwrap_or_default())
    }
}

/// The position that a token means in an array: digits without leading zeros. One that no array can have is `usize::MAX`.
pub(super) fn index(token: &str) -> Option<usize> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (token == "0" || !token.starts_with('0'));
    canonical.then(|| token.parse().unwrap_or(usize::MAX))
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        // In this order: `~01` means `~1`, not `/`.
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// A pointer can be as long as a request, and an error must not be.
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
    fn what_is_no_pointer_is_refused() {
        for text in ["data", "#/data", " /data", "~0", "/~", "/~2", "/a~", "/~0~", "/~/0", "/~é"] {
            assert!(Pointer::parse(text).is_err(), "{text}");
        }
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
    fn keys_are_json_text() {
        assert_eq!(Pointer::parse("/a/x\"\\\n~1é").unwrap().key(), r#""x\"\\\n/é""#);
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
        let at = |depth: usize| "/a".repeat(depth);
        assert!(!Pointer::parse(&at(MAX_DEPTH)).unwrap().is_too_deep());
        let long = at(100_000);
        let pointer = Pointer::parse(&long).unwrap();
        assert!(pointer.is_too_deep());
        assert_eq!(pointer.tokens().len(), MAX_DEPTH + 1);
        assert!(Pointer::parse(&(at(1000) + "/~")).is_err());
    }
}
