//! Strings of JSON text: their ends, and the text that they spell.

use memchr::memchr;
use std::borrow::Cow;

/// Returns whether `text` can stand in a JSON string without any escape.
///
/// ```
/// assert!(json_text::is_plain("naïve"));
/// assert!(!json_text::is_plain("a \"quote\""));
/// ```
#[must_use]
pub fn is_plain(text: &str) -> bool {
    end_of_plain(text.as_bytes(), 0) == text.len()
}

/// Finds the first quote, backslash or control character from `at` on. Returns its position, or the end.
pub(crate) fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Eight bytes at a time (SWAR). The lowest mark is exact; the subtraction may borrow, and mark bytes above it
    // wrongly.
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let marked = |byte: u8| {
            let zeros = word ^ (ONES * u64::from(byte));
            zeros.wrapping_sub(ONES) & !zeros
        };
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (marked(b'"') | marked(b'\\') | control) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// The text between the quotes of a JSON string; `None` if the text is not quoted.
pub(crate) fn unquoted(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// Writes a JSON string, with quotes.
pub(crate) fn quoted(text: &str) -> String {
    if is_plain(text) {
        return ["\"", text, "\""].concat();
    }
    // serde_json writes every string.
    serde_json::to_string(text).unwrap_or_default()
}

/// Returns whether a key, as written, with quotes, spells the code points `name`.
pub(crate) fn is_named(key: &str, name: &[u8]) -> bool {
    let Some(spelling) = unquoted(key) else { return false };
    // Escapes only shorten, so a spelling shorter than the name needs no search for them.
    spelling.len() >= name.len() && code_points(spelling).as_ref() == name
}

/// Resolves the escapes of a string. Half of a surrogate pair, which UTF-8 cannot encode, becomes three bytes of WTF-8,
/// so that equal bytes mean equal code points.
pub(crate) fn code_points(spelling: &str) -> Cow<'_, [u8]> {
    let Some((plain, mut rest)) = cut_at_escape(spelling) else { return Cow::Borrowed(spelling.as_bytes()) };
    let mut points = Vec::with_capacity(spelling.len());
    points.extend_from_slice(plain.as_bytes());
    loop {
        let mut escape = rest.chars();
        match escape.next() {
            Some('u') => {
                let spelled = unicode_escape(escape.as_str().as_bytes());
                match spelled {
                    Some((Ok(character), _)) => push(&mut points, character),
                    Some((Err(half), _)) => push_half(&mut points, half),
                    None => {}
                }
                let length = spelled.map_or(0, |(_, length)| length);
                escape = escape.as_str().get(length..).unwrap_or_default().chars();
            }
            Some('b') => points.push(0x08),
            Some('f') => points.push(0x0c),
            Some('n') => points.push(b'\n'),
            Some('r') => points.push(b'\r'),
            Some('t') => points.push(b'\t'),
            Some(itself) => push(&mut points, itself),
            None => {}
        }
        let Some((plain, next)) = cut_at_escape(escape.as_str()) else {
            points.extend_from_slice(escape.as_str().as_bytes());
            return Cow::Owned(points);
        };
        points.extend_from_slice(plain.as_bytes());
        rest = next;
    }
}

/// The text before the first backslash, and the text behind it.
fn cut_at_escape(text: &str) -> Option<(&str, &str)> {
    let at = memchr(b'\\', text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Reads the digits behind a `\u`, and a second escape if both make a surrogate pair. Returns the character, or the
/// half of a pair that stands alone, and the number of bytes read: 4, or 10 for a pair. `None` if the digits are not
/// hexadecimal.
pub(crate) fn unicode_escape(behind: &[u8]) -> Option<(Result<char, u16>, usize)> {
    let first = unit(behind)?;
    let second = behind.get(4..).and_then(|next| unit(next.strip_prefix(b"\\u")?));
    let character = char::decode_utf16([first, second.unwrap_or_default()]).next()?;
    let length = if character.as_ref().is_ok_and(|character| character.len_utf16() == 2) { 10 } else { 4 };
    Some((character.map_err(|half| half.unpaired_surrogate()), length))
}

/// A code unit of UTF-16, as four hexadecimal digits.
fn unit(digits: &[u8]) -> Option<u16> {
    let digits = digits.first_chunk::<4>()?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit * 16 + u16::try_from(digit).ok()?)
    })
}

fn push(points: &mut Vec<u8>, character: char) {
    points.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn push_half(points: &mut Vec<u8>, half: u16) {
    let six = |shift: u32| 0x80 | u8::try_from((half >> shift) & 0x3f).unwrap_or_default();
    points.extend([0xe0 | (six(12) & 0x0f), six(6), six(0)]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn meant(json: &str) -> Cow<'_, [u8]> {
        code_points(unquoted(json).unwrap())
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
            assert_eq!(meant(text).as_ref(), *expected, "{text}");
        }
    }

    #[test]
    fn names_are_compared_by_what_keys_mean() {
        for (key, name) in
            [(r#""a""#, "a"), (r#""\u0061""#, "a"), (r#""\\\\""#, r"\\"), (r#""""#, ""), (r#""\u00e9""#, "é")]
        {
            assert!(is_named(key, name.as_bytes()), "{key} {name}");
        }
        for (key, name) in [(r#""a""#, "ab"), (r#""ab""#, "a"), (r#""\\""#, r"\\"), (r#""\ud800""#, ""), ("a", "a")] {
            assert!(!is_named(key, name.as_bytes()), "{key} {name}");
        }
    }

    proptest! {
        #[test]
        fn strings_are_read_as_serde_writes_them(text in any::<String>()) {
            let written = serde_json::Value::from(text.as_str()).to_string();
            prop_assert_eq!(&quoted(&text), &written);
            prop_assert_eq!(meant(&written), text.as_bytes());
            prop_assert!(is_named(&written, text.as_bytes()));
            let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert_eq!(code_points(&units), text.as_bytes());
        }

        #[test]
        fn plain_text_is_what_serde_does_not_escape(text in r#"[a-c"\\\x00\x1f\x7f é💰]{0,20}"#) {
            let written = serde_json::Value::from(text.as_str()).to_string();
            prop_assert_eq!(is_plain(&text), written.len() == text.len() + 2);
        }

        #[test]
        fn text_that_is_not_json_does_no_harm(text in r#"[\[\]{}",:\\u0-9a é]{0,40}"#) {
            code_points(&text);
        }
    }
}
