use super::{MAX_ELEMENT_BYTES, Reader};
use crate::entry::{Entry, EntryContent, SourceLocation};
use std::io::{self, Read};

/// Yields one byte per read, like a slow pipe.
struct OneByteAtATime<'a>(&'a [u8]);

impl Read for OneByteAtATime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len()).min(1);
        self.0.read(&mut buffer[..count])
    }
}

/// Reads a text; returns the id of each payment, and of everything else its position and error.
#[track_caller]
fn read(text: impl AsRef<[u8]>) -> Vec<String> {
    let text = text.as_ref();
    let describe = |entry: Entry| match (entry.location, entry.content) {
        (_, EntryContent::Payment(payment)) => payment.id.unwrap(),
        (SourceLocation::Text { line, column }, EntryContent::Invalid { id, reason }) => {
            format!("{line}:{column} {}{reason}", id.map(|id| id + ": ").unwrap_or_default())
        }
        (SourceLocation::Text { line, column }, EntryContent::Unreadable(reason)) => {
            format!("{line}:{column} STOP {reason}")
        }
        (location @ SourceLocation::Number(_), _) => panic!("{location}"),
    };
    let fast: Vec<String> = Reader::new(text).map(describe).collect();
    let slow: Vec<String> = Reader::new(OneByteAtATime(text)).map(describe).collect();
    assert_eq!(fast, slow, "the result depends on how the input is chunked");
    fast
}

fn payment(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.10"}}}}"#)
}

#[test]
fn lists_arrays_and_lines_are_read() {
    let (a, b) = (payment("a"), payment("b"));
    for text in [
        format!("[{a},{b}]"),
        format!("\n [\n  {a} ,\n  {b}\n ]\n\n"),
        format!("\u{feff}[{a},{b}]"),
        format!(r#"{{"data":[{a},{b}],"links":{{"self":"x","next":"y"}}}}"#),
        format!(r#"{{ "links": {{"self":"]}}\"","next":[{{}}]}}, "data" : [{a},{b}] }}"#),
        format!("{{\n\n\n{}\"data\":[{a},{b}]}}", " ".repeat(500)),
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\r\n  {b}"),
        format!("\u{feff}\n\n{a}\n\n{b}\n\n"),
    ] {
        assert_eq!(read(&text), ["a", "b"], "{text}");
    }
    for text in ["[]", "[ ]", r#"{"data":[]}"#, r#"{"links":{},"data":[ ]}"#] {
        assert_eq!(read(text), [""; 0], "{text}");
    }
    for text in ["", " \n", "\u{feff}\n"] {
        let read = read(text);
        assert!(read.len() == 1 && read[0].ends_with("STOP the file is empty"), "{text:?}: {read:?}");
    }
}

/// Prints a value as `jq .` does.
fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn what_the_api_answers_is_read() {
    let answer = |id: &str| format!(r#"{{"data":{},"links":{{"self":"http://x/{id}"}}}}"#, payment(id));
    let page = |ids: [&str; 2]| {
        let links = r#"{"self":"x","next":"y"}"#;
        format!(r#"{{"data":[{},{}],"links":{links}}}"#, payment(ids[0]), payment(ids[1]))
    };
    let (a, b) = (answer("a"), answer("b"));
    for text in [
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\r\n{}", payment("b")),
        format!("{}\n{}\n", pretty(&a), pretty(&b)),
        format!("{}{}", pretty(&a), pretty(&b)),
        format!("{}\n{}\n", pretty(&payment("a")), pretty(&payment("b"))),
        format!("{}\n{b}", pretty(&payment("a"))),
        format!("[{}]\n[{}]", payment("a"), payment("b")),
        format!("[{}]\n{b}", payment("a")),
    ] {
        assert_eq!(read(&text), ["a", "b"], "{text}");
    }
    for text in [
        format!("{}{}", page(["a", "b"]), page(["c", "d"])),
        format!("{}\n{}\n", page(["a", "b"]), page(["c", "d"])),
        format!("{}\n{}\n", pretty(&page(["a", "b"])), pretty(&page(["c", "d"]))),
        format!("{}\n{a}\n{b}", page(["c", "d"])).replace("\"a\"", "\"x\""),
    ] {
        assert_eq!(read(&text).len(), 4, "{text}");
    }
}

#[test]
fn an_error_within_an_answer_is_placed_in_the_file() {
    let bad = "{\n  \"data\": {\n    \"id\": \"x\",\n    \"type\": \"Payment\",\n    \"colour\": 1\n  }\n}";
    assert_eq!(read(format!("{bad}\n{}", payment("b"))), ["1:1 x: missing field `organisation_id`", "b"]);
    let malformed = format!("{}\n{{\"data\":{{\"id\": tru}}}}\n{}", payment("a"), payment("b"));
    assert_eq!(read(malformed), ["a", "2:19 malformed JSON: expected ident", "b"]);
}

#[test]
fn what_is_no_text_is_named_in_a_line() {
    let utf_16: Vec<u8> = payment("a").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xFF\xFE".as_slice(), &utf_16].concat();
    let big_endian: Vec<u8> = payment("a").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, expected) in [
        (utf_16.as_slice(), "1:1 STOP this is UTF-16"),
        (&marked, "1:1 STOP this is UTF-16"),
        (&big_endian, "1:1 STOP this is UTF-16"),
        (
            b"\x1F\x8B\x08\0\0\0\0\0",
            "1:1 STOP this is compressed by gzip: unpack it (gunzip -c FILE | payments seed --file -)",
        ),
        (b"\x28\xB5\x2F\xFD\0\0", "1:1 STOP this is compressed by zstd"),
        (b"PK\x03\x04\0\0", "1:1 STOP this is a zip archive"),
    ] {
        let read = read(bytes);
        assert!(read.len() == 1 && read[0].starts_with(expected), "expected {expected}, got {read:?}");
    }
}

#[test]
fn attributes_are_read_byte_for_byte() {
    let attributes = "{ \"amount\":\"1.10\",\n \"b\" : 1.10, \"a\":[1E2,{}],\"ü\":\"}]\\\"{\" }";
    let text = format!(r#"[{{"id":"a","type":"Payment","organisation_id":"acme","attributes":{attributes}}}]"#);
    let EntryContent::Payment(payment) = Reader::new(text.as_bytes()).next().unwrap().content else {
        panic!("no payment")
    };
    assert_eq!(payment.attributes.as_json(), attributes);
}

#[test]
fn a_bad_line_is_named_and_the_rest_is_read() {
    let (a, b) = (payment("a"), payment("b"));
    for (bad, expected) in [
        (r#"{"id": tru}"#, "2:11 malformed JSON: expected ident"),
        (r#"{"id":"x""#, "2:9 malformed JSON: EOF while parsing an object"),
        (&(payment("x") + ","), "2:84 malformed JSON: trailing characters"),
        ("\u{fc}\u{fc}", "2:1 malformed JSON: expected value"),
        (r#"  {"ü":1 "é":2}"#, "2:10 malformed JSON: expected `,` or `}`"),
        ("[1]", "2:2 invalid type: integer `1`, expected struct PaymentInput"),
        (r#"{"id":"x","type":"Payment","attributes":{"amount":"1"}}"#, "2:1 x: missing field `organisation_id`"),
        (
            r#"{"id":"x","type":"Payment","organisation_id":"o","attributes":{"a":"1"}}"#,
            "2:1 x: missing field `amount`",
        ),
        (
            r#"{"type":"Payment","organisation_id":"o","attributes":{"amount":"1"}}"#,
            "2:1 it has no id: give it one, or loading the file twice would create it twice",
        ),
        (
            r#"{"id":"x","type":"Payment","organisation_id":"o","attributes":{"amount":"1"},"colour":1}"#,
            "2:1 x: \"colour\" is not a property of a payment, or is null; remove it",
        ),
        (
            r#"{"id":"x","type":"Payment","version":null,"organisation_id":"o","attributes":{"amount":"1"}}"#,
            "2:1 x: \"version\" is not a property of a payment, or is null; remove it",
        ),
        (
            r#"{"id":"x","id":"y","type":"Payment","organisation_id":"o","attributes":{"amount":"1"}}"#,
            "2:1 duplicate field `id`",
        ),
    ] {
        assert_eq!(read(format!("{a}\n{bad}\n{b}")), ["a", expected, "b"], "{bad}");
    }
    assert_eq!(
        read([a.as_bytes(), b"\n{\"id\":\"\xff\"}\n", b.as_bytes()].concat())[1],
        "2:8 malformed JSON: invalid unicode code point"
    );
}

#[test]
fn a_bad_element_is_named_and_the_rest_is_read_while_the_brackets_fit() {
    let (a, b) = (payment("a"), payment("b"));
    for (bad, expected) in [
        ("{\"id\": tru}", "2:11 malformed JSON: expected ident"),
        ("  {\n\"é\":1,\n\"ü\" 2}", "4:5 malformed JSON: expected `:`"),
        ("7", "2:1 invalid type: integer `7`, expected struct PaymentInput"),
        ("", "2:1 malformed JSON: a payment is missing here"),
        (r#"{"id":"x","type":"Payment","organisation_id":7}"#, "2:1 x: invalid type: integer `7`, expected a string"),
    ] {
        assert_eq!(
            read(format!("[{a},\n{bad}\n,{b}]")),
            ["a", &expected.replace("2:1 malformed JSON: a p", "3:1 malformed JSON: a p"), "b"],
            "{bad}"
        );
    }
    assert_eq!(
        read(format!("[{a},{b},]"))[2],
        format!("1:{} malformed JSON: a payment is missing here", 4 + a.len() + b.len())
    );
}

#[test]
fn the_position_of_an_unreadable_rest_is_named() {
    let (a, b) = (payment("a"), payment("b"));
    let open = r#"{"id":"x","attributes":{"amount":"1"}"#;
    for (text, expected) in [
        (format!("[{a},\n{open},\n{b}]"), "3:1 STOP malformed JSON: key must be a string"),
        (format!("[{a},\n{{\"id\":[1}}\n,{b}]"), "2:9 STOP malformed JSON: expected `,` or `]`"),
        (
            format!("[{a},\n{{\"id\":\"x\n}},{b}]"),
            "2:8 STOP malformed JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        (
            format!("[{a},\n{{\"id\":\"x\n\"}},{b}]"),
            "2:8 STOP malformed JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        (format!("[{a},\n{{\"id\":"), "2:7 STOP malformed JSON: the file ends in the middle of a value"),
        (format!("[{a}\n"), "2:1 STOP malformed JSON: the file ends before its list does"),
        (format!("[{a},\n"), "2:1 STOP malformed JSON: the file ends before its list does"),
        (format!("[{a}\n}}"), "2:1 STOP malformed JSON: expected `,` or `]`"),
        (format!(r#"{{"data":[{a}]"#), "STOP malformed JSON: expected `,` or `}`"),
        (format!(r#"{{"data":[{a}]}}x"#), "malformed JSON: expected value"),
        (format!(r#"{{"data":[{a}],"data":[]}}"#), "STOP malformed list: it has `data` twice"),
    ] {
        let read = read(&text);
        assert!(read.len() == 2 && read[0] == "a" && read[1].contains(expected), "{text}: {read:?}");
    }
    for (text, expected) in [
        (r#"{"links":{}}"#, "1:13 STOP malformed list: it has no `data`"),
        (r#"{"data":{"id":"x"}}"#, "1:1 x: missing field `type`"),
        (r#"{"data":7}"#, "1:9 STOP malformed list: expected `[`"),
        (r#"{"data" 7}"#, "STOP malformed list: expected `:`"),
        ("[", "1:2 STOP malformed JSON: the file ends before its list does"),
    ] {
        let read = read(text);
        assert!(read.len() == 1 && read[0].contains(expected), "{text}: {read:?}");
    }
}

#[test]
fn an_element_that_is_too_long_is_named_and_not_buffered() {
    let (a, b) = (payment("a"), payment("b"));
    let long = format!(r#"{{"id":"x","type":"Payment","x":"{}"}}"#, "x".repeat(MAX_ELEMENT_BYTES));
    for text in [format!("{a}\n{long}\n{b}"), format!("[{a},\n{long},{b}]")] {
        let mut reader = Reader::new(text.as_bytes());
        let contents: Vec<EntryContent> = reader.by_ref().map(|entry| entry.content).collect();
        assert!(matches!(contents[0], EntryContent::Payment(_)) && matches!(contents[2], EntryContent::Payment(_)));
        assert!(
            matches!(&contents[1], EntryContent::Invalid { reason, .. } if reason == "longer than 4 MiB: not loaded"),
            "{contents:?}"
        );
        assert!(reader.element.capacity() <= MAX_ELEMENT_BYTES, "{}", reader.element.capacity());
    }
}

#[test]
fn endless_nesting_is_refused() {
    let text = "[".repeat(2 << 20);
    let contents: Vec<EntryContent> = Reader::new(text.as_bytes()).map(|entry| entry.content).collect();
    assert!(
        matches!(&contents[..], [EntryContent::Unreadable(reason)] if reason == "nested deeper than 1024"),
        "{contents:?}"
    );
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    assert_eq!(read(deep), ["1:1 missing field `type`"]);
}

#[test]
fn an_io_error_is_reported_after_what_was_read() {
    struct FailsOnSecondRead(bool);
    impl Read for FailsOnSecondRead {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("the disk is gone"));
            }
            let text = format!("{}\n", payment("a"));
            buffer[..text.len()].copy_from_slice(text.as_bytes());
            Ok(text.len())
        }
    }
    let contents: Vec<EntryContent> = Reader::new(FailsOnSecondRead(false)).map(|entry| entry.content).collect();
    assert!(
        matches!(&contents[..], [EntryContent::Payment(_), EntryContent::Unreadable(reason)] if reason == "cannot be read: the disk is gone"),
        "{contents:?}"
    );
}

/// Truncates a file at every byte, and corrupts every byte: no panic, and no endless loop.
#[test]
fn damaged_files_neither_panic_nor_hang() {
    let list = format!("{{\"links\":{{\"next\":[\"x\"]}},\n\"data\":[{},\n {}]}}", payment("a"), payment("b"));
    let lines = format!("{}\n{}\n", payment("a"), payment("b"));
    for text in [list, lines] {
        for at in 0..text.len() {
            assert!(read(&text[..at]).len() <= 3, "{}", &text[..at]);
            for byte in *b"\"{}[]:,\\\nx \xff\x00" {
                let mut damaged = text.clone().into_bytes();
                damaged[at] = byte;
                let entries = Reader::new(&damaged[..]).take(100).count();
                assert!(entries <= 10, "{entries} entries in {}", String::from_utf8_lossy(&damaged));
            }
        }
    }
}
