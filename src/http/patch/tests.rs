//! What JSON Patches must do, and what hostile ones must not.

use super::{MAX_DEPTH, MAX_OPERATIONS, PatchError, json_patch};
use payments_server::{
    MAX_FAULTS, RawJson,
    models::{JsonPatchOp, JsonPatchOperation},
};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

mod agreement;
mod examples;

const LIMIT: usize = 1 << 20;

/// A document with everything that is easily lost.
pub(super) const DOCUMENT: &str = r#"{ "data" : {"id":"x", "n":1.10,"big":123456789012345678901234567890, "e":1e400 ,"list":[ 1.0 , null,{"k":1, "k" : null}], "\u00e9":"\u00e9","o":{ "p" : -0 }}}"#;

/// Reads a JSON Patch.
fn operations(patch: &str) -> Vec<JsonPatchOperation> {
    let patch: Vec<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(patch).unwrap();
    let read = |members: BTreeMap<String, Box<RawValue>>| {
        let text = |key: &str| members.get(key).map(|json| serde_json::from_str::<String>(json.get()).unwrap());
        let op = match text("op").unwrap().as_str() {
            "add" => JsonPatchOp::Add,
            "remove" => JsonPatchOp::Remove,
            "replace" => JsonPatchOp::Replace,
            "move" => JsonPatchOp::Move,
            "copy" => JsonPatchOp::Copy,
            "test" => JsonPatchOp::Test,
            other => panic!("{other} is no operation"),
        };
        let value = members.get("value").map(|json| RawJson::new(json.get().into()));
        JsonPatchOperation { op, path: text("path").unwrap(), from: text("from"), value }
    };
    patch.into_iter().map(read).collect()
}

/// The document after the patch, or what went wrong and where.
pub(super) fn patched(document: &str, patch: &str) -> String {
    match json_patch(document, &operations(patch), LIMIT) {
        Ok(text) => text,
        Err(PatchError::Malformed(faults)) => format!("malformed: {faults:?}"),
        Err(PatchError::NotApplicable(fault)) => format!("not applicable at {}", fault.pointer),
        Err(PatchError::TestFailed(fault)) => format!("test failed at {}", fault.pointer),
    }
}

/// What is wrong with a patch.
pub(super) fn failure(document: &str, patch: &str) -> PatchError {
    json_patch(document, &operations(patch), LIMIT).unwrap_err()
}

fn operation(op: JsonPatchOp, from: &str, path: &str, value: &str) -> JsonPatchOperation {
    JsonPatchOperation {
        op,
        path: path.to_owned(),
        from: Some(from.to_owned()),
        value: Some(RawJson::new(value.into())),
    }
}

/// What is refused for good reason: where, and a part of why.
#[track_caller]
fn assert_refused(document: &str, operations: &[JsonPatchOperation], limit: usize, pointer: &str, part: &str) {
    match json_patch(document, operations, limit) {
        Err(PatchError::NotApplicable(fault)) if fault.pointer == pointer && fault.detail.contains(part) => {}
        Err(other) => panic!("refused for another reason: {other:?}"),
        Ok(text) => panic!("not refused: {} bytes", text.len()),
    }
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

#[test]
fn copies_of_a_parent_into_its_child_stop_at_the_limit() {
    let doubling = vec![operation(JsonPatchOp::Copy, "/data", "/data/-", ""); 100];
    assert_refused(r#"{"data":[1]}"#, &doubling, LIMIT, "/17/path", "larger than 1048576 bytes");
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
    let growing: Vec<_> = (0..1000).map(|n| operation(JsonPatchOp::Copy, "/a", &format!("/{n}"), "")).collect();
    assert_refused(&text, &growing, 10_000, "/8/path", "larger than 10000 bytes");
}

#[test]
fn the_limit_is_the_last_byte() {
    let add = [operation(JsonPatchOp::Add, "", "/b", "2")];
    assert_eq!(json_patch(r#"{"a":1}"#, &add, 13).unwrap(), r#"{"a":1,"b":2}"#);
    assert_refused(r#"{"a":1}"#, &add, 12, "/0/value", "larger than 12 bytes");
    let replace = [operation(JsonPatchOp::Replace, "", "/a", "22")];
    assert_refused(r#"{"a":1}"#, &replace, 7, "/0/value", "larger than 7 bytes");
    let rename = [operation(JsonPatchOp::Move, "/a", "/aa", "")];
    assert_refused(r#"{"a":1}"#, &rename, 7, "/0/path", "larger than 7 bytes");
    assert_refused(r#"{"a":1}"#, &[], 6, "", "larger than 6 bytes");
}

#[test]
fn nesting_is_bounded() {
    // Each copy makes it one deeper, and remains small: only the first of the two elements is copied.
    let mut steps = Vec::new();
    for _ in 0..MAX_OPERATIONS / 2 {
        steps.push(operation(JsonPatchOp::Copy, "/data", "/data/0", ""));
        steps.push(operation(JsonPatchOp::Remove, "", "/data/1", ""));
    }
    let at = format!("/{}/path", (MAX_DEPTH - 2) * 2);
    assert_refused(r#"{"data":[1]}"#, &steps, LIMIT, &at, "nest deeper than 128");

    for depth in [MAX_DEPTH, 10_000, 500_000] {
        for op in [JsonPatchOp::Add, JsonPatchOp::Replace, JsonPatchOp::Test] {
            let step = [operation(op, "", "/data", &nested(depth))];
            assert_refused(r#"{"data":[1]}"#, &step, LIMIT, "/0/value", "nest deeper than 128");
        }
    }
    let fits = nested(MAX_DEPTH - 1);
    let add = operation(JsonPatchOp::Add, "", "/data", &fits);
    let test = operation(JsonPatchOp::Test, "", "/data", &format!(" {}", fits.replace("[]", "[ ]")));
    assert_eq!(json_patch("{}", &[add, test], LIMIT).unwrap(), format!("{{\"data\":{fits}}}"));
}

#[test]
fn deep_documents_and_long_paths_do_no_harm() {
    let deep = format!("{{\"data\":{},\"x\":1}}", nested(400_000));
    let remove = [operation(JsonPatchOp::Remove, "", "/x", "")];
    assert_eq!(json_patch(&deep, &remove, LIMIT).unwrap(), deep.replace(",\"x\":1", ""));
    let test = [operation(JsonPatchOp::Test, "", "/data", "[[[]]]")];
    assert!(matches!(json_patch(&deep, &test, LIMIT), Err(PatchError::TestFailed(_))));
    let copy = [operation(JsonPatchOp::Copy, "/data", "/y", "")];
    assert_refused(&deep, &copy, 2 * LIMIT, "/0/path", "nest deeper than 128");
    let inside = "/data".to_owned() + &"/0".repeat(300_000);
    assert_refused(
        &deep,
        &[operation(JsonPatchOp::Remove, "", &inside, "")],
        LIMIT,
        "/0/path",
        "leads deeper than 128",
    );
    assert_refused(
        &deep,
        &[operation(JsonPatchOp::Move, &inside, "/y", "")],
        LIMIT,
        "/0/from",
        "leads deeper than 128",
    );
}

#[test]
fn the_number_of_operations_and_of_faults_is_bounded() {
    let steps = vec![operation(JsonPatchOp::Test, "", "", "1"); MAX_OPERATIONS + 1];
    let Err(PatchError::Malformed(faults)) = json_patch("1", &steps, LIMIT) else { panic!("it is malformed") };
    assert!(faults[0].detail.contains("send at most 1000"), "{faults:?}");
    assert_eq!(json_patch("1", &steps[1..], LIMIT).unwrap(), "1");
    let wrong = vec![operation(JsonPatchOp::Move, "~", "x", "1"); MAX_OPERATIONS];
    let Err(PatchError::Malformed(faults)) = json_patch("1", &wrong, LIMIT) else { panic!("it is malformed") };
    assert_eq!(faults.len(), MAX_FAULTS);
}

#[test]
fn large_containers_are_compared_and_changed() {
    let members: Vec<_> = (0..20_000).map(|n| format!("\"{n}\":{n}")).collect();
    let reversed: Vec<_> = members.iter().rev().cloned().collect();
    let (one, other) = (format!("{{{}}}", members.join(",")), format!("{{{}}}", reversed.join(" , ")));
    let mut steps = vec![operation(JsonPatchOp::Test, "", "", &other)];
    steps.extend((0..200).map(|n| operation(JsonPatchOp::Remove, "", &format!("/{n}"), "")));
    steps.extend((0..200).map(|n| operation(JsonPatchOp::Add, "", &format!("/{n}"), "null")));
    let result: Value = serde_json::from_str(&json_patch(&one, &steps, LIMIT).unwrap()).unwrap();
    assert_eq!((result["199"].clone(), result["200"].clone()), (Value::Null, Value::from(200)));
}
