use super::*;

/// A model with a member of each kind.
#[derive(Debug, PartialEq)]
struct Thing {
    name: String,
    count: Option<i64>,
    note: Option<String>,
    parts: Option<Vec<Thing>>,
}

impl<R: ?Sized> Decode<R> for Thing {
    fn decode(json: Json<'_>, faults: &mut Faults) -> Option<Self> {
        let mut object = Object::decode(json, faults)?;
        let name = object.required::<String, R>("name", faults);
        faults.check("name", name.as_ref(), |name, faults| {
            if name.is_empty() {
                faults.report("must not be empty");
            }
        });
        let count = object.optional::<i64, R>("count", faults);
        let note = object.optional::<Option<String>, R>("note", faults).flatten();
        let parts = object.optional::<Vec<Self>, R>("parts", faults);
        object.report_unknown("name, count, note, parts", faults);
        Some(Self { name: name?, count, note, parts })
    }
}

/// The faults of a document, as `POINTER DETAIL`.
fn faults<T: Decode<()> + std::fmt::Debug>(document: &[u8]) -> Vec<String> {
    let mut faults = Faults::default();
    let decoded = decode::<T, ()>(document, &mut faults);
    let found = faults.into_vec();
    assert!(decoded.is_some() || !found.is_empty(), "a reason is missing for {decoded:?}");
    found.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect()
}

#[track_caller]
fn assert_faults(document: &str, expected: &[&str]) {
    assert_eq!(faults::<Thing>(document.as_bytes()), expected, "{document}");
}

#[test]
fn a_document_without_faults_is_decoded() {
    let document = r#" { "parts" : [ {"name":"a\u0062"} , {"name":"c"} ], "name":"x", "note":null, "count":-7 } "#;
    let part = |name: &str| Thing { name: name.to_owned(), count: None, note: None, parts: None };
    let expected = Thing { count: Some(-7), parts: Some(vec![part("ab"), part("c")]), ..part("x") };
    let mut faults = Faults::default();
    assert_eq!(decode::<Thing, ()>(document.as_bytes(), &mut faults), Some(expected));
    assert!(faults.is_empty());
}

#[test]
fn every_fault_is_reported_with_its_place() {
    assert_faults(
        r#"{"count":"7","note":1,"parts":[{"name":1},{},{"name":""}],"more":{},"a/b~c":1}"#,
        &[
            "/name is missing",
            "/count must be an integer, not a string",
            "/note must be a string, not a number",
            "/parts/0/name must be a string, not a number",
            "/parts/1/name is missing",
            "/parts/2/name must not be empty",
            "/more is not known here; remove it (known: name, count, note, parts)",
            "/a~1b~0c is not known here; remove it (known: name, count, note, parts)",
        ],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_named() {
    for (value, got) in [
        ("{}", "an object"),
        ("[]", "an array"),
        ("true", "a boolean"),
        ("false", "a boolean"),
        ("null", "null"),
        ("-1.5", "a number"),
    ] {
        assert_faults(&format!(r#"{{"name":{value}}}"#), &[&format!("/name must be a string, not {got}")]);
    }
    assert_eq!(faults::<Thing>(b"[]"), [" must be an object, not an array"]);
    assert_eq!(faults::<Vec<Thing>>(b"{}"), [" must be an array, not an object"]);
    assert_eq!(faults::<bool>(b"1"), [" must be a boolean, not a number"]);
    for number in ["1.0", "1e3", "9223372036854775808"] {
        assert_eq!(faults::<i64>(number.as_bytes()), [" must be an integer, not a number that is none, or too large"]);
    }
    assert_eq!(faults::<i32>(b"2147483648"), [" must be an integer, not a number that is none, or too large"]);
}

#[test]
fn what_is_not_json_is_one_fault() {
    assert_eq!(faults::<Thing>(b""), [" is empty; send a JSON document"]);
    let found = faults::<Thing>(br#"{"name":"a","#);
    assert!(matches!(&*found, [only] if only.starts_with(" is not JSON: EOF while parsing")), "{found:?}");
    assert!(faults::<Thing>(b"{\"name\":\"\xff\"}").concat().contains("is not JSON"));
}

#[test]
fn a_key_that_stands_twice_is_a_fault_and_its_first_value_counts() {
    let twice = "stands twice in the same object; keep one";
    assert_faults(r#"{"name":"a","name":1,"na\u006de":2}"#, &[&format!("/name {twice}"), &format!("/name {twice}")]);
    // More members than are compared each with each.
    let many: Vec<String> = (0..20).map(|index| format!(r#""k{index}":0"#)).collect();
    let found = faults::<Thing>(format!(r#"{{{},"name":"a","k7":1}}"#, many.join(",")).as_bytes());
    assert_eq!(found.iter().filter(|fault| **fault == format!("/k7 {twice}")).count(), 1, "{found:?}");
    assert_eq!(found.len(), 21, "{found:?}");
}

#[test]
fn half_of_a_surrogate_pair_is_a_fault_in_values_and_keys() {
    let detail = "it holds half of a surrogate pair";
    assert_faults(r#"{"name":"\ud800"}"#, &[&format!("/name is not valid Unicode: {detail}")]);
    assert_faults(r#"{"\udc00":1,"name":"a"}"#, &[&format!(" has a key that is not valid Unicode: {detail}")]);
}

#[test]
fn faults_are_limited_in_number() {
    let many: Vec<String> = (0..100).map(|index| format!(r#""k{index}":0"#)).collect();
    assert_eq!(faults::<Thing>(format!("{{{}}}", many.join(",")).as_bytes()).len(), MAX_FAULTS);
}

#[test]
fn null_is_a_value_only_where_it_may_be() {
    let mut none = Faults::default();
    assert_eq!(decode::<Option<bool>, ()>(b"null", &mut none), Some(None));
    assert_eq!(decode::<Option<bool>, ()>(b"true", &mut none), Some(Some(true)));
    assert!(none.is_empty());
    assert_faults(r#"{"name":"a","count":null}"#, &["/count must be an integer, not null"]);
}

#[test]
fn raw_json_keeps_its_text() {
    let mut none = Faults::default();
    let raw: Option<RawJson> = decode::<_, ()>(b" [ 1.10,\t{} ] ", &mut none);
    assert_eq!(raw.as_ref().map(RawJson::as_str), Some("[ 1.10,\t{} ]"));
}
