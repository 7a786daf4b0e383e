//! What a JSON Patch that is not applied says, to the letter: clients of the service read these texts.

use super::{DOCUMENT, failure};
use crate::PatchError;

/// What kind of failure a patch ends in, where, and why.
fn told(document: &str, patch: &str) -> (&'static str, String, String) {
    let (kind, fault) = match failure(document, patch) {
        PatchError::NotApplicable(fault) => ("not applicable", fault),
        PatchError::TestFailed(fault) => ("test failed", fault),
        error @ (PatchError::Document(_) | PatchError::Malformed(_)) => panic!("{error}"),
    };
    (kind, fault.pointer, fault.reason.to_string())
}

#[test]
fn malformed_operations_are_reported_together_and_first() {
    let patch = r#"[
        {"op":"test","path":"/data/n","value":"not that"},
        {"op":"add","path":"data/x"},
        {"op":"move","path":"/data/~2","from":"~"},
        {"op":"copy","path":"/data/x"},
        {"op":"remove","path":"/data/x","from":"ignored"},
        {"op":"replace","path":"/data/x","value":null}
    ]"#;
    let PatchError::Malformed(faults) = failure(DOCUMENT, patch) else { panic!("it is malformed") };
    let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/1/path", "/1/value", "/2/path", "/2/from", "/3/from"]);
    let details = [
        "is not a JSON Pointer, which begins with /; paths begin with /data",
        "is missing; add needs a value, which may be null",
        "is not a JSON Pointer: a ~ stands alone; write ~0 for ~, and ~1 for a / inside a key",
        "is not a JSON Pointer, which begins with /; paths begin with /data",
        "is missing; copy needs to know from where",
    ];
    assert_eq!(faults.iter().map(|fault| fault.reason.to_string()).collect::<Vec<_>>(), details);
}

#[test]
fn an_error_as_text_names_its_kind_and_every_fault() {
    let absent = "names /x, which does not exist; name a member that does, or add this one first";
    for (document, patch, expected) in [
        ("{", "[]", "the document is not JSON: EOF while parsing an object at line 1 column 1".to_owned()),
        (
            "{}",
            r#"[{"op":"remove","path":"x"},{"op":"add","path":"/x"}]"#,
            "the patch is malformed: /0/path is not a JSON Pointer, which begins with /; paths begin with /data; \
             /1/value is missing; add needs a value, which may be null"
                .to_owned(),
        ),
        ("{}", r#"[{"op":"remove","path":"/x"}]"#, format!("the patch cannot be applied: /0/path {absent}")),
        (
            "{}",
            r#"[{"op":"test","path":"/x","value":1}]"#,
            format!("a test of the patch does not hold: /0/path {absent}"),
        ),
    ] {
        assert_eq!(failure(document, patch).to_string(), expected, "{document} with {patch}");
    }
    let whole = crate::Reason::TooManyOperations { count: 2, limit: 1 }.at("");
    assert_eq!(whole.to_string(), "the patch has 2 operations; send at most 1 at a time");
}

#[test]
fn what_cannot_be_applied_says_why() {
    let table = [
        (
            r#"{"op":"replace","path":"/data/colour","value":1}"#,
            "/1/path",
            "names /data/colour, which does not exist; name a member that does, or add this one first",
        ),
        (r#"{"op":"remove","path":"/id"}"#, "/1/path", "names /id, which does not exist; paths begin with /data"),
        (
            r#"{"op":"add","path":"/attributes/amount","value":1}"#,
            "/1/path",
            "leads through /attributes, which does not exist; paths begin with /data",
        ),
        (
            r#"{"op":"copy","from":"/data/o/q/r","path":"/data/x"}"#,
            "/1/from",
            "leads through /data/o/q, which does not exist; name a member that does, or add this one first",
        ),
        (
            r#"{"op":"move","from":"/data/list/3","path":"/data/x"}"#,
            "/1/from",
            "names /data/list/3, but /data/list has 3 elements, counted from 0; use an index below 3",
        ),
        (
            r#"{"op":"add","path":"/data/list/4","value":1}"#,
            "/1/path",
            "names /data/list/4, but /data/list has 3 elements; add at an index up to 3, or at -",
        ),
        (
            r#"{"op":"replace","path":"/data/list/-","value":1}"#,
            "/1/path",
            "names /data/list/-, the place after the last element, where there is nothing; use an index",
        ),
        (
            r#"{"op":"add","path":"/data/list/01","value":1}"#,
            "/1/path",
            "names /data/list/01, but /data/list is an array; use an index, such as 0 or 12",
        ),
        (
            r#"{"op":"remove","path":"/data/none/0"}"#,
            "/1/path",
            "leads through /data/none, which does not exist; name a member that does, or add this one first",
        ),
        (
            r#"{"op":"add","path":"/data/id/0","value":1}"#,
            "/1/path",
            "names /data/id/0, but /data/id is a string, which holds nothing; name something else",
        ),
        (
            r#"{"op":"remove","path":""}"#,
            "/1/path",
            "names the whole document, which cannot be removed; name a part of it",
        ),
        (
            r#"{"op":"move","from":"/data/o","path":"/data/o/p/q"}"#,
            "/1/from",
            "names /data/o, which cannot move into itself, to /data/o/p/q; copy it instead",
        ),
        (
            r#"{"op":"move","from":"","path":"/data"}"#,
            "/1/from",
            "names the document, which cannot move into itself, to /data; copy it instead",
        ),
        (
            r#"{"op":"move","from":"/data/z","path":"/data/z"}"#,
            "/1/from",
            "names /data/z, which does not exist; name a member that does, or add this one first",
        ),
    ];
    for (operation, pointer, detail) in table {
        let patch = format!(r#"[{{"op":"add","path":"/data/new","value":[]}},{operation}]"#);
        assert_eq!(told(DOCUMENT, &patch), ("not applicable", pointer.to_owned(), detail.to_owned()), "{operation}");
    }
    let empty = told("[]", r#"[{"op":"remove","path":"/0"}]"#);
    let detail = "names /0, but the document is empty; add to it first, at /-";
    assert_eq!(empty, ("not applicable", "/0/path".to_owned(), detail.to_owned()));
}

#[test]
fn a_test_that_does_not_hold_says_so() {
    let table = [
        (
            r#"{"op":"test","path":"/data/n","value":1.11}"#,
            "/0/value",
            "is not the value of /data/n; read it again, and patch what it is now",
        ),
        (
            r#"{"op":"test","path":"","value":{}}"#,
            "/0/value",
            "is not the value of the document; read it again, and patch what it is now",
        ),
        (
            r#"{"op":"test","path":"/data/z","value":null}"#,
            "/0/path",
            "names /data/z, which does not exist; name a member that does, or add this one first",
        ),
        (
            r#"{"op":"test","path":"/n","value":1.1}"#,
            "/0/path",
            "names /n, which does not exist; paths begin with /data",
        ),
    ];
    for (operation, pointer, detail) in table {
        let failed = told(DOCUMENT, &format!("[{operation}]"));
        assert_eq!(failed, ("test failed", pointer.to_owned(), detail.to_owned()), "{operation}");
    }
}
