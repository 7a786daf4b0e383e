//! Merge patch (RFC 7396).

use super::{
    MAX_DEPTH, PatchError, fault,
    scan::{code_points, nesting},
    too_deep, too_large,
    tree::{Children, Member, Node, Open, kind},
};
use serde_json::value::RawValue;
use std::{
    collections::{HashMap, HashSet},
    mem,
    rc::Rc,
};

/// Applies the merge patch `patch`, a JSON text, to the JSON text `document`; the result has at most `limit` bytes.
pub(crate) fn merge_patch(document: &str, patch: &str, limit: usize) -> Result<String, PatchError> {
    let patch = match serde_json::from_str::<&RawValue>(patch) {
        Ok(patch) => patch.get(),
        Err(error) => return Err(PatchError::Malformed(vec![fault("", format!("is not JSON: {error}"))])),
    };
    if nesting(patch) > MAX_DEPTH {
        return Err(PatchError::NotApplicable(fault("", too_deep())));
    }
    let mut root = Node::Text(document);
    merge(&mut root, patch);
    // A merge adds up, it does not multiply: here it is early enough.
    if root.length() > limit {
        return Err(PatchError::NotApplicable(fault("", too_large(limit))));
    }
    Ok(root.into_text())
}

/// Merges `patch` into `node`, and says whether that changes it. It recurses as deep as the patch nests.
fn merge<'a>(node: &mut Node<'a>, patch: &'a str) -> bool {
    let Some((changes, _)) = members(patch) else {
        *node = Node::Text(patch);
        return true;
    };
    let Ok(Open { children: Children::Members(found), .. }) = node.open(&[]) else {
        *node = without_nulls(patch);
        return true;
    };
    let places: HashMap<_, _> = found.iter().enumerate().map(|(at, member)| (code_points(member.key), at)).collect();
    let mut gone = HashSet::new();
    let mut changed = false;
    for Member { key, value } in changes {
        let Some(text) = value.source() else { continue };
        match places.get(&code_points(key)) {
            Some(at) if is_null(text) => changed |= gone.insert(*at),
            Some(at) => changed |= found.get_mut(*at).is_some_and(|member| merge(&mut member.value, text)),
            None if is_null(text) => {}
            None => {
                found.push(Member { key, value: without_nulls(text) });
                changed = true;
            }
        }
    }
    if !gone.is_empty() {
        let mut at = 0..;
        found.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
    }
    if let Some(Ok(open)) = changed.then(|| node.open(&[])) {
        open.change();
    }
    changed
}

/// What a patch leaves where nothing was: itself, without the members that are null. If there are none, it is the text.
fn without_nulls(patch: &str) -> Node<'_> {
    let Some((changes, repeats)) = members(patch) else { return Node::Text(patch) };
    let mut same = !repeats;
    let mut kept = Vec::with_capacity(changes.len());
    for Member { key, value } in changes {
        let value = value.source().filter(|text| !is_null(text)).map(without_nulls);
        same &= value.as_ref().is_some_and(|value| value.source().is_some());
        kept.extend(value.map(|value| Member { key, value }));
    }
    if same {
        return Node::Text(patch);
    }
    Node::Open(Rc::new(Open::object(kept)))
}

/// The members of an object, and whether its text has one twice.
fn members(text: &str) -> Option<(Vec<Member<'_>>, bool)> {
    // An array's elements are of no interest.
    let mut node = Some(Node::Text(text)).filter(|_| kind(text) == "an object")?;
    let open = node.open(&[]).ok()?;
    let repeats = open.repeats();
    match &mut open.children {
        Children::Members(members) => Some((mem::take(members), repeats)),
        Children::Elements(_) => None,
    }
}

fn is_null(text: &str) -> bool {
    text == "null"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    fn merged(document: &str, patch: &str) -> String {
        merge_patch(document, patch, 1 << 20).unwrap()
    }

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn the_examples_of_the_rfc() {
        let table = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, "null", "null"),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ];
        for (document, patch, expected) in table {
            assert_eq!(merged(document, patch), expected, "{document} with {patch}");
        }
    }

    #[test]
    fn what_is_not_touched_keeps_its_bytes() {
        let document =
            r#"{ "data" : {"n":1.10,"\u00e9" : 1e400,"x":[ {"k":1, "k":null} ], "m":{"a":-0.0,"b":"\u00e9"}}}"#;
        let table = [
            (" {} ", document),
            (r#"{"data":{}}"#, document),
            (r#"{"data":{"none":null,"m":{"none":null}}}"#, document),
            (
                r#"{"data":{"m":{"b":null,"c": 123456789012345678901234567890}}}"#,
                r#"{"data":{"n":1.10,"\u00e9":1e400,"x":[ {"k":1, "k":null} ],"m":{"a":-0.0,"c":123456789012345678901234567890}}}"#,
            ),
            (
                r#"{"data":{"é":[ 2.50, null ],"n":null,"m":{"a":{"p":1, "q":{}}}}}"#,
                r#"{"data":{"\u00e9":[ 2.50, null ],"x":[ {"k":1, "k":null} ],"m":{"a":{"p":1, "q":{}},"b":"\u00e9"}}}"#,
            ),
            (
                r#"{"data":null,"\u0061":{"p":1, "q":{ "r":null , "s":"\/"}},"b":{"k":null, "k":2}}"#,
                r#"{"\u0061":{"p":1,"q":{"s":"\/"}},"b":{"k":2}}"#,
            ),
        ];
        for (patch, expected) in table {
            assert_eq!(merged(document, patch), expected, "{patch}");
        }
    }

    #[test]
    fn repeated_keys_count_once() {
        assert_eq!(merged(r#"{"a":1,"b":2,"a":{"c":3}}"#, r#"{"a":{"d":4}}"#), r#"{"a":{"c":3,"d":4},"b":2}"#);
        assert_eq!(merged(r#"{"a":1,"b":2,"\u0061":3}"#, r#"{"a":null}"#), r#"{"b":2}"#);
        assert_eq!(merged(r#"{"a":1}"#, r#"{"a":null,"a":2,"b":3,"b":null}"#), r#"{"a":2}"#);
    }

    #[test]
    fn limits_hold() {
        let refused = |document: &str, patch: &str, limit| match merge_patch(document, patch, limit) {
            Err(PatchError::NotApplicable(fault)) => fault.pointer.is_empty(),
            Ok(_) | Err(PatchError::Malformed(_) | PatchError::TestFailed(_)) => false,
        };
        assert_eq!(merge_patch(r#"{"a":1}"#, r#"{"b":2}"#, 13).unwrap(), r#"{"a":1,"b":2}"#);
        assert!(refused(r#"{"a":1}"#, r#"{"b":2}"#, 12));
        let nested = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        assert_eq!(merged("{}", &nested(MAX_DEPTH)), nested(MAX_DEPTH));
        for depth in [MAX_DEPTH + 1, 10_000, 100_000] {
            assert!(refused("{}", &nested(depth), usize::MAX), "{depth}");
        }
        // A document that is deeper than it may be does no harm.
        assert_eq!(merged(&nested(10_000), r#"{"b":1}"#).len(), nested(10_000).len() + 6);
    }

    #[test]
    fn many_members_take_no_square_time() {
        let object = |value: &str| {
            let members: Vec<_> = (0..50_000).map(|index| format!("\"{index}\":{value}")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(merged(&object("1"), &object("2")), object("2"));
        assert_eq!(merged(&object("1"), &object("null")), "{}");
        assert_eq!(merged(&format!("{{\"data\":{}}}", object("1")), r#"{"data":0}"#), r#"{"data":0}"#);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for patch in ["", "{", "{} {}", "{'a':1}", "nul", "[1,]"] {
            assert!(matches!(merge_patch("{}", patch, 100), Err(PatchError::Malformed(_))), "{patch}");
        }
    }

    /// RFC 7396, section 2, word by word.
    fn naive(target: Value, patch: &Value) -> Value {
        let Value::Object(changes) = patch else { return patch.clone() };
        let mut members = if let Value::Object(members) = target { members } else { Map::new() };
        for (key, value) in changes {
            let before = members.remove(key).unwrap_or_default();
            if !value.is_null() {
                members.insert(key.clone(), naive(before, value));
            }
        }
        Value::Object(members)
    }

    /// Small values that share their keys, so that patches meet them.
    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from)];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                3 => prop::collection::btree_map("[abé]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_rfc(document in value(), patch in value()) {
            let result = merged(&document.to_string(), &patch.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), naive(document, &patch));
        }

        #[test]
        fn an_empty_patch_changes_no_byte(document in value(), space in "[ \n]{0,2}") {
            let text = format!("{{{space}\"data\" :{space}{document:#}}}");
            prop_assert_eq!(merged(&text, "{}"), text);
        }

        #[test]
        fn siblings_keep_their_bytes(before in value(), after in value(), patch in value()) {
            let text = format!("{{\"before\":{before:#},\"x\":1,\"after\":{after:#}}}");
            let result = merged(&text, &format!("{{\"x\":{patch}}}"));
            let before = format!("{{\"before\":{before:#},");
            prop_assert!(result.starts_with(&before));
            let after = format!("\"after\":{after:#}}}");
            prop_assert!(result.ends_with(&after));
        }
    }
}
