//! Finds where the values of a JSON text begin and end.
//!
//! The text is known to be JSON; it has been checked before. On any other text the scanner stops early or finds too much,
//! but it does no harm. It does not recurse, so nesting costs nothing.

use std::borrow::Cow;

/// A place in a JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    deepest: usize,
}

impl<'a> Scanner<'a> {
    /// Begins at the start of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, deepest: 0 }
    }

    /// The next byte that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Steps over one byte that has been seen.
    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    /// Where it stands, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The text from `start` to where it stands.
    pub(super) fn since(&self, start: usize) -> Option<&'a str> {
        self.text.get(start..self.at)
    }

    /// Goes on to the next member or element; `false` after the last, when the container has been left.
    pub(super) fn next_in_container(&mut self) -> Option<bool> {
        if self.peek()? == b',' {
            self.step();
        }
        let more = !matches!(self.peek()?, b'}' | b']');
        if !more {
            self.step();
        }
        Some(more)
    }

    /// A key with its quotes, and the colon behind it, which is passed over.
    pub(super) fn key(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.string()?;
        let key = self.since(start);
        if self.peek()? == b':' {
            self.step();
        }
        key
    }

    /// A value of any kind, without the white space around it.
    pub(super) fn value(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        let mut depth: usize = 0;
        loop {
            match self.peek()? {
                b'{' | b'[' => {
                    depth += 1;
                    self.deepest = self.deepest.max(depth);
                    self.step();
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.step();
                }
                b',' | b':' => self.step(),
                b'"' => self.string()?,
                _ => self.scalar(),
            }
            if depth == 0 {
                return self.since(start);
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let mut rest = self.text.as_bytes().get(self.at..)?.iter().enumerate().skip(1);
        while let Some((offset, byte)) = rest.next() {
            match byte {
                b'"' => {
                    self.at += offset + 1;
                    return Some(());
                }
                b'\\' => drop(rest.next()),
                _ => {}
            }
        }
        None
    }

    /// Steps over a number or a word. It stands on neither white space nor punctuation, so this is at least one byte.
    fn scalar(&mut self) {
        let ends = |byte: &u8| matches!(byte, b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

/// The objects and arrays around the innermost value of `text`; 0 for a string.
pub(super) fn nesting(text: &str) -> usize {
    let mut scanner = Scanner::new(text);
    scanner.value();
    scanner.deepest
}

/// The code points of a JSON string, with or without its quotes, as UTF-8. Half a surrogate pair, which UTF-8 does not
/// know, becomes the three bytes that it would be; so equal bytes are equal code points.
pub(super) fn code_points(spelling: &str) -> Cow<'_, [u8]> {
    let text = spelling.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(spelling);
    let Some((plain, mut rest)) = text.split_once('\\') else { return Cow::Borrowed(text.as_bytes()) };
    let mut points = plain.as_bytes().to_vec();
    loop {
        let mut escape = rest.chars();
        match escape.next() {
            Some('u') => {
                let (point, length) = unit_escape(escape.as_str());
                push(&mut points, point);
                escape = escape.as_str().get(length..).unwrap_or_default().chars();
            }
            Some('b') => points.push(0x08),
            Some('f') => points.push(0x0c),
            Some('n') => points.push(b'\n'),
            Some('r') => points.push(b'\r'),
            Some('t') => points.push(b'\t'),
            Some(itself) => push(&mut points, itself.into()),
            None => {}
        }
        let Some((plain, next)) = escape.as_str().split_once('\\') else {
            points.extend_from_slice(escape.as_str().as_bytes());
            return Cow::Owned(points);
        };
        points.extend_from_slice(plain.as_bytes());
        rest = next;
    }
}

/// The code point behind a `\u`, and how many bytes spell it: 4, or 10 for a pair.
fn unit_escape(text: &str) -> (u32, usize) {
    let unit = |from: usize| u32::from_str_radix(text.get(from..from + 4)?, 16).ok();
    let first = unit(0).unwrap_or_default();
    let second = text.get(4..6).filter(|escape| *escape == "\\u").and_then(|_| unit(6));
    match second {
        Some(second) if (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second) => {
            (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 10)
        }
        Some(_) | None => (first, 4),
    }
}

fn push(points: &mut Vec<u8>, point: u32) {
    match char::from_u32(point) {
        Some(character) => points.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            let six = |shift: u32| 0x80 | u8::try_from((point >> shift) & 0x3f).unwrap_or_default();
            points.extend([0xe0 | (six(12) & 0x0f), six(6), six(0)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_end_where_they_end() {
        let table = [
            (r#" "a\"}]," , 1"#, r#""a\"}],""#),
            (r#""\\" "#, r#""\\""#),
            ("-1.10e+400,2", "-1.10e+400"),
            ("true}", "true"),
            ("null", "null"),
            ("[]]", "[]"),
            ("{ } }", "{ }"),
            (r#"{"a" : [1 , {"b":"]"}] , "c":null}]"#, r#"{"a" : [1 , {"b":"]"}] , "c":null}"#),
        ];
        for (text, value) in table {
            assert_eq!(Scanner::new(text).value(), Some(value), "{text}");
        }
    }

    #[test]
    fn nesting_counts_containers() {
        for (text, expected) in [("1", 0), (r#""[[""#, 0), ("[]", 1), ("[{},[[1]]]", 3), (r#"{"a":{"b":2}}"#, 2)] {
            assert_eq!(nesting(text), expected, "{text}");
        }
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(nesting(&deep), 1_000_000);
    }

    #[test]
    fn escapes_are_code_points() {
        let table: &[(&str, &[u8])] = &[
            (r#""""#, b""),
            (r#""a\/b""#, b"a/b"),
            (r#""\"\\\b\f\n\r\t""#, b"\"\\\x08\x0c\n\r\t"),
            (r#""\u00e9\u0041é""#, "éAé".as_bytes()),
            (r#""x\ud83d\ude00y""#, "x😀y".as_bytes()),
            (r#""\uD83D\uDE00""#, "😀".as_bytes()),
            (r#""\ud83d""#, &[0xed, 0xa0, 0xbd]),
            (r#""\ude00\ud83d""#, &[0xed, 0xb8, 0x80, 0xed, 0xa0, 0xbd]),
            (r#""\ud83d\u0041""#, &[0xed, 0xa0, 0xbd, 0x41]),
            (r#""\ud83dx\ude00""#, &[0xed, 0xa0, 0xbd, b'x', 0xed, 0xb8, 0x80]),
        ];
        for (text, expected) in table {
            assert_eq!(code_points(text).as_ref(), *expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn strings_are_read_as_serde_reads_them(text in any::<String>()) {
            let plain = serde_json::Value::from(text.as_str()).to_string();
            prop_assert_eq!(code_points(&plain), text.as_bytes());
            let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert_eq!(code_points(&units), text.as_bytes());
        }

        #[test]
        fn text_that_is_not_json_does_no_harm(text in r#"[\[\]{}",:\\u0-9a é]{0,40}"#) {
            nesting(&text);
            code_points(&text);
            let mut scanner = Scanner::new(&text);
            while scanner.next_in_container() == Some(true) && scanner.key().is_some() && scanner.value().is_some() {}
        }
    }
}
