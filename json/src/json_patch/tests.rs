//! What JSON Patches must do, and what hostile ones must not.

use super::{JsonPatch, Op, Operation};
use crate::{Depth, PatchError, PatchFault, PatchLimits, Reason};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

mod agreement;
mod examples;
mod messages;

/// Documents of at most 1 MiB.
const LIMITS: PatchLimits =
    PatchLimits { bytes: 1 << 20, depth: Depth::MAX, operations: 1000, work: 16_000_000, faults: 32 };

/// A document with everything that is easily lost.
const DOCUMENT: &str = r#"{ "data" : {"id":"x", "n":1.10,"big":123456789012345678901234567890, "e":1e400 ,"list":[ 1.0 , null,{"k":1, "k" : null}], "\u00e9":"\u00e9","o":{ "p" : -0 }}}"#;

/// An operation that owns its texts.
#[derive(Debug, Clone)]
struct Owned {
    op: Op,
    path: String,
    from: Option<String>,
    value: Option<String>,
}

impl Owned {
    fn operation(&self) -> Operation<'_> {
        let Self { op, path, from, value } = self;
        Operation { op: *op, path, from: from.as_deref(), value: value.as_deref() }
    }
}

/// An operation with all its members; those that it does not use are ignored.
fn operation(op: Op, from: &str, path: &str, value: &str) -> Owned {
    Owned { op, path: path.to_owned(), from: Some(from.to_owned()), value: Some(value.to_owned()) }
}

/// Reads a JSON Patch.
fn operations(patch: &str) -> Vec<Owned> {
    let patch: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(patch).unwrap();
    let read = |members: BTreeMap<String, Box<RawValue>>| {
        let text = |key: &str| members.get(key).map(|json| serde_json::from_str::<String>(json.get()).unwrap());
        let name = text("op").unwrap();
        let ops = [Op::Add, Op::Remove, Op::Replace, Op::Move, Op::Copy, Op::Test];
        let op = ops.into_iter().find(|op| op.to_string() == name).unwrap();
        let value = members.get("value").map(|json| json.get().to_owned());
        Owned { op, path: text("path").unwrap(), from: text("from"), value }
    };
    patch.into_iter().map(read).collect()
}

fn apply_within(document: &str, operations: &[Owned], limits: &PatchLimits) -> Result<String, PatchError> {
    let operations: Vec<_> = operations.iter().map(Owned::operation).collect();
    JsonPatch::new(&operations).with_envelope("data").apply(document, limits)
}

fn apply(document: &str, operations: &[Owned]) -> Result<String, PatchError> {
    apply_within(document, operations, &LIMITS)
}

/// The document after the patch, or what went wrong and where.
fn patched(document: &str, patch: &str) -> String {
    match apply(document, &operations(patch)) {
        Ok(text) => text,
        Err(PatchError::NotApplicable(fault)) => format!("not applicable at {}", fault.pointer),
        Err(PatchError::TestFailed(fault)) => format!("test failed at {}", fault.pointer),
        Err(error @ (PatchError::Document(_) | PatchError::Malformed(_))) => error.to_string(),
    }
}

/// What is wrong with a patch.
fn failure(document: &str, patch: &str) -> PatchError {
    apply(document, &operations(patch)).unwrap_err()
}

/// Checks where a patch is refused, and why.
#[track_caller]
fn assert_refused(document: &str, operations: &[Owned], limits: &PatchLimits, pointer: &str, reason: Reason) {
    let refusal = PatchError::NotApplicable(reason.at(pointer));
    assert_eq!(apply_within(document, operations, limits).map(|text| text.len()), Err(refusal));
}

fn bytes(bytes: usize) -> PatchLimits {
    PatchLimits { bytes, ..LIMITS }
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn copies_of_a_parent_into_its_child_stop_at_the_limit() {
    let doubling = vec![operation(Op::Copy, "/data", "/data/-", ""); 100];
    assert_refused(r#"{"data":[1]}"#, &doubling, &LIMITS, "/17/path", Reason::TooLarge(1 << 20));
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
    let growing: Vec<_> = (0..1000).map(|n| operation(Op::Copy, "/a", &format!("/{n}"), "")).collect();
    assert_refused(&text, &growing, &bytes(10_000), "/8/path", Reason::TooLarge(10_000));
}

#[test]
fn the_limit_is_the_last_byte() {
    let add = [operation(Op::Add, "", "/b", "2")];
    assert_eq!(apply_within(r#"{"a":1}"#, &add, &bytes(13)).unwrap(), r#"{"a":1,"b":2}"#);
    assert_refused(r#"{"a":1}"#, &add, &bytes(12), "/0/value", Reason::TooLarge(12));
    let replace = [operation(Op::Replace, "", "/a", "22")];
    assert_refused(r#"{"a":1}"#, &replace, &bytes(7), "/0/value", Reason::TooLarge(7));
    let rename = [operation(Op::Move, "/a", "/aa", "")];
    assert_refused(r#"{"a":1}"#, &rename, &bytes(7), "/0/path", Reason::TooLarge(7));
    assert_refused(r#"{"a":1}"#, &[], &bytes(6), "", Reason::TooLarge(6));
}

#[test]
fn nesting_is_bounded() {
    // Each copy makes it one deeper, and remains small: only the first of the two elements is copied.
    let mut steps = Vec::new();
    for _ in 0..LIMITS.operations / 2 {
        steps.push(operation(Op::Copy, "/data", "/data/0", ""));
        steps.push(operation(Op::Remove, "", "/data/1", ""));
    }
    for depth in [Depth::MAX, Depth::new(64), Depth::new(3)] {
        let (levels, limits) = (depth.levels(), PatchLimits { depth, ..LIMITS });
        let at = format!("/{}/path", (levels - 2) * 2);
        assert_refused(r#"{"data":[1]}"#, &steps, &limits, &at, Reason::TooDeep(depth));

        for too_deep in [levels, 10_000, 500_000] {
            for op in [Op::Add, Op::Replace, Op::Test] {
                let step = [operation(op, "", "/data", &nested(too_deep))];
                assert_refused(r#"{"data":[1]}"#, &step, &limits, "/0/value", Reason::TooDeep(depth));
            }
        }
        let fits = nested(levels - 1);
        let add = operation(Op::Add, "", "/data", &fits);
        let test = operation(Op::Test, "", "/data", &format!(" {}", fits.replace("[]", "[ ]")));
        assert_eq!(apply_within("{}", &[add, test], &limits).unwrap(), format!("{{\"data\":{fits}}}"));
    }
}

#[test]
fn deep_documents_and_long_paths_do_no_harm() {
    let deep = format!("{{\"data\":{},\"x\":1}}", nested(400_000));
    let remove = [operation(Op::Remove, "", "/x", "")];
    assert_eq!(apply(&deep, &remove).unwrap(), deep.replace(",\"x\":1", ""));
    let test = [operation(Op::Test, "", "/data", "[[[]]]")];
    assert!(matches!(apply(&deep, &test), Err(PatchError::TestFailed(_))));
    let copy = [operation(Op::Copy, "/data", "/y", "")];
    assert_refused(&deep, &copy, &bytes(2 << 20), "/0/path", Reason::TooDeep(Depth::MAX));
    let inside = "/data".to_owned() + &"/0".repeat(300_000);
    let too_deep = || Reason::LeadsTooDeep(Depth::MAX);
    assert_refused(&deep, &[operation(Op::Remove, "", &inside, "")], &LIMITS, "/0/path", too_deep());
    assert_refused(&deep, &[operation(Op::Move, &inside, "/y", "")], &LIMITS, "/0/from", too_deep());
}

#[test]
fn the_number_of_operations_and_of_faults_is_bounded() {
    let steps = vec![operation(Op::Test, "", "", "1"); LIMITS.operations + 1];
    let too_many = Reason::TooManyOperations { count: 1001, limit: 1000 };
    assert_eq!(apply("1", &steps), Err(PatchError::Malformed(vec![too_many.at("")])));
    assert_eq!(apply("1", &steps[1..]).unwrap(), "1");
    let wrong = vec![operation(Op::Move, "~", "x", "1"); LIMITS.operations];
    let Err(PatchError::Malformed(faults)) = apply("1", &wrong) else { panic!("it is malformed") };
    assert_eq!(faults.len(), LIMITS.faults);
}

#[test]
fn large_containers_are_compared_and_changed() {
    let members: Vec<_> = (0..20_000).map(|n| format!("\"{n}\":{n}")).collect();
    let reversed: Vec<_> = members.iter().rev().cloned().collect();
    let (one, other) = (format!("{{{}}}", members.join(",")), format!("{{{}}}", reversed.join(" , ")));
    let mut steps = vec![operation(Op::Test, "", "", &other)];
    steps.extend((0..200).map(|n| operation(Op::Remove, "", &format!("/{n}"), "")));
    steps.extend((0..200).map(|n| operation(Op::Add, "", &format!("/{n}"), "null")));
    let result: Value = serde_json::from_str(&apply(&one, &steps).unwrap()).unwrap();
    assert_eq!((result["199"].clone(), result["200"].clone()), (Value::Null, Value::from(200)));
}

#[test]
fn the_work_of_all_operations_is_bounded() {
    let array = format!("{{\"a\":[{}],\"b\":[1]}}", "1,".repeat(400_000).trim_end_matches(','));
    let members: Vec<_> = (0..30_000).map(|n| format!("\"{n}\":[]")).collect();
    let object = format!("{{\"a\":{{{}}},\"b\":{{}}}}", members.join(","));
    // The number of the operation that is refused: not the first few, and long before the last.
    let is_refused = |document: &str, steps: &[Owned]| match apply(document, steps) {
        Err(PatchError::NotApplicable(PatchFault { pointer, reason: Reason::TooMuchWork(16_000_000) })) => {
            let index: usize = pointer.trim_start_matches('/').trim_end_matches("/path").parse().unwrap();
            assert!((30..300).contains(&index), "{pointer}");
        }
        other => panic!("{:?}", other.map(|text| text.len())),
    };
    is_refused(&array, &vec![operation(Op::Move, "/a/0", "/a/-", ""); 1000]);
    is_refused(&array, &vec![operation(Op::Move, "/a/399999", "/a/0", ""); 1000]);
    is_refused(&object, &vec![operation(Op::Move, "/a/29999", "/a/29999", ""); 1000]);
    // Each copy shares the members, and has them copied by the change behind it.
    let mut copies = Vec::new();
    for _ in 0..500 {
        copies.push(operation(Op::Copy, "/a", "/b", ""));
        copies.push(operation(Op::Add, "", "/b/x", "1"));
    }
    is_refused(&object, &copies);
    // Whatever does not touch all of it costs nothing.
    let end = vec![operation(Op::Add, "", "/a/-", "1"); 1000];
    assert_eq!(apply(&array, &end).unwrap().len(), array.len() + 2000);
    let few = vec![operation(Op::Move, "/a/0", "/a/-", ""); 20];
    apply(&array, &few).unwrap();
}

#[test]
fn a_patch_that_just_keeps_a_limit_is_applied() {
    // The document has three values and keys to look at, and the test one.
    let test = [operation(Op::Test, "", "/a", "1")];
    let within = |work| apply_within(r#"{"a":1}"#, &test, &PatchLimits { work, bytes: 7, ..LIMITS });
    assert_eq!(within(4), Ok(r#"{"a":1}"#.to_owned()), "work for four values");
    assert_refused(
        r#"{"a":1}"#,
        &test,
        &PatchLimits { work: 3, bytes: 7, ..LIMITS },
        "/0/path",
        Reason::TooMuchWork(3),
    );
    // A copy looks at them twice.
    let copy = [operation(Op::Copy, "/a", "/b", "")];
    let within = |work| apply_within(r#"{"a":1}"#, &copy, &PatchLimits { work, bytes: 13, ..LIMITS });
    assert_eq!(within(6), Ok(r#"{"a":1,"b":1}"#.to_owned()), "work for six values");
    assert_refused(
        r#"{"a":1}"#,
        &copy,
        &PatchLimits { work: 5, bytes: 13, ..LIMITS },
        "/0/path",
        Reason::TooMuchWork(5),
    );

    let limits = PatchLimits { depth: Depth::new(2), ..LIMITS };
    let remove = [operation(Op::Remove, "", "/a/b", "")];
    assert_eq!(
        apply_within(r#"{"a":{"b":[]}}"#, &remove, &limits),
        Ok(r#"{"a":{}}"#.to_owned()),
        "a path of two tokens"
    );
    let remove = [operation(Op::Remove, "", "/a/b/c", "")];
    assert_refused("{}", &remove, &limits, "/0/path", Reason::LeadsTooDeep(Depth::new(2)));
}

#[test]
fn texts_that_are_not_json_are_refused() {
    for text in ["", "{", "[1", r#"{"a":"#, r#"{"a"#, "]", "[}", "1 1"] {
        assert!(matches!(apply(text, &[]), Err(PatchError::Document(_))), "{text}");
        let add = [operation(Op::Add, "", "", text)];
        let Err(PatchError::Malformed(faults)) = apply("1", &add) else { panic!("{text} is not refused") };
        assert!(
            matches!(faults.as_slice(), [PatchFault { pointer, reason: Reason::NotJson(_) }] if pointer == "/0/value")
        );
    }
}
