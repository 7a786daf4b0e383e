//! Merge patch (RFC 7396): a document of changes, merged into another document.
//!
//! An object of the patch whose keys stand twice is refused: readers differ in which of the values counts. An array of the
//! patch is a value, which is kept as it was written, with whatever stands in its objects.

mod duplicates;

use crate::{
    Json, Kind, Outline, PatchError, PatchLimits, Reason,
    string::is_named,
    tree::{Children, Container, Member, Node, members},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// The most changes of one object whose members are searched one by one; for more, a hash table of their keys is
/// faster.
const FEW: usize = 8;

/// A merge patch, as JSON text.
///
/// ```
/// use json_text::{PatchLimits, MergePatch};
///
/// let patch = MergePatch(r#"{"unit":null,"price":{"net":1.20}}"#);
/// let patched = patch.apply(r#"{"price":{"net":1.10,"tax":0.0},"unit":"kg"}"#, &PatchLimits::default())?;
/// assert_eq!(patched, r#"{"price":{"net":1.20,"tax":0.0}}"#);
/// # Ok::<(), json_text::PatchError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MergePatch<'a>(pub &'a str);

impl MergePatch<'_> {
    /// Applies the patch to the JSON text `document`.
    ///
    /// # Errors
    /// When the document or the patch is not JSON, a key stands twice in an object of the patch, or the patch or the result
    /// is beyond a limit.
    pub fn apply(&self, document: &str, limits: &PatchLimits) -> Result<String, PatchError> {
        let patch = Outline::read(self.0.as_bytes())
            .map_err(|error| PatchError::Malformed(vec![Reason::NotJson(error).at("")]))?;
        if patch.depth() > limits.depth.levels() {
            return Err(PatchError::NotApplicable(Reason::TooDeep(limits.depth).at("")));
        }
        let outline = Outline::read(document.as_bytes()).map_err(PatchError::Document)?;
        let mut root = Node::Closed(outline.json());
        let mut repeats = false;
        merge(&mut root, patch.json(), &mut repeats);
        if repeats {
            let faults = duplicates::find(patch.json(), limits.faults);
            // `repeats` compares hashes, so it may err.
            if !faults.is_empty() {
                return Err(PatchError::Malformed(faults));
            }
        }
        // The result is at most as long as the document and the patch together, so no earlier check is needed.
        if root.length() > limits.bytes {
            return Err(PatchError::NotApplicable(Reason::TooLarge(limits.bytes).at("")));
        }
        Ok(root.into_text())
    }
}

/// Merges `patch` into `node`, and returns whether that changes it. Sets `repeats` if an object of the patch has a key twice.
/// Recurses as deep as the patch nests.
fn merge<'a>(node: &mut Node<'a>, patch: Json<'a>, repeats: &mut bool) -> bool {
    if patch.kind() != Kind::Object {
        *node = Node::Closed(patch);
        return true;
    }
    let Ok(Container { children: Children::Members(found), .. }) = node.open() else {
        *node = without_nulls(patch, repeats);
        return true;
    };
    let (changes, has_repeats) = members(patch);
    *repeats |= has_repeats;
    let places = Places::of(found, changes.len());
    let mut gone = HashSet::new();
    let mut changed = false;
    for change in changes {
        let Some(value) = change.value.source() else { continue };
        let is_null = value.kind() == Kind::Null;
        match places.get(&change, found) {
            Some(at) if is_null => changed |= gone.insert(at),
            Some(at) => changed |= found.get_mut(at).is_some_and(|member| merge(&mut member.value, value, repeats)),
            None if is_null => {}
            None => {
                found.push(Member { key: change.key, value: without_nulls(value, repeats) });
                changed = true;
            }
        }
    }
    if !gone.is_empty() {
        let mut at = 0..;
        found.retain(|_| at.next().is_none_or(|at| !gone.contains(&at)));
    }
    if let Some(Ok(container)) = changed.then(|| node.open()) {
        container.change();
    }
    changed
}

/// Returns what a patch puts where nothing was: its own value, without the members that are null. The node stays closed
/// if there are none. Sets `repeats` if an object of the patch has a key twice.
fn without_nulls<'a>(patch: Json<'a>, repeats: &mut bool) -> Node<'a> {
    if patch.kind() != Kind::Object {
        return Node::Closed(patch);
    }
    let (changes, has_repeats) = members(patch);
    *repeats |= has_repeats;
    let mut same = true;
    let mut kept = Vec::with_capacity(changes.len());
    for Member { key, value } in changes {
        let value = value.source().filter(|value| value.kind() != Kind::Null);
        let value = value.map(|value| without_nulls(value, repeats));
        same &= value.as_ref().is_some_and(|value| value.source().is_some());
        kept.extend(value.map(|value| Member { key, value }));
    }
    if same { Node::Closed(patch) } else { Node::Open(Rc::new(Container::object(kept))) }
}

/// The places of an object's members by name. They stay valid while members are appended, as long as no name is looked
/// up twice.
enum Places<'a> {
    /// Members are compared one by one.
    Unknown,
    ByName(HashMap<Cow<'a, [u8]>, usize>),
}

impl<'a> Places<'a> {
    fn of(members: &[Member<'a>], changes: usize) -> Self {
        if changes <= FEW {
            return Self::Unknown;
        }
        Self::ByName(members.iter().enumerate().map(|(at, member)| (member.name(), at)).collect())
    }

    fn get(&self, sought: &Member<'_>, members: &[Member<'a>]) -> Option<usize> {
        let name = sought.name();
        match self {
            Self::Unknown => members.iter().position(|member| is_named(member.key, &name)),
            Self::ByName(places) => places.get(&name).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Depth;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    fn merged(document: &str, patch: &str) -> String {
        MergePatch(patch).apply(document, &PatchLimits::default()).unwrap()
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
                r#"{"data":null,"\u0061":{"p":1, "q":{ "r":null , "s":"\/"}},"b":{"k":null, "l":2}}"#,
                r#"{"\u0061":{"p":1,"q":{"s":"\/"}},"b":{"l":2}}"#,
            ),
        ];
        for (patch, expected) in table {
            assert_eq!(merged(document, patch), expected, "{patch}");
        }
    }

    #[test]
    fn repeated_keys_of_the_document_count_once() {
        assert_eq!(merged(r#"{"a":1,"b":2,"a":{"c":3}}"#, r#"{"a":{"d":4}}"#), r#"{"a":{"c":3,"d":4},"b":2}"#);
        assert_eq!(merged(r#"{"a":1,"b":2,"\u0061":3}"#, r#"{"a":null}"#), r#"{"b":2}"#);
        assert_eq!(merged(r#"{"a":{"k":1,"k":2}}"#, r#"{"b":3}"#), r#"{"a":{"k":1,"k":2},"b":3}"#);
    }

    #[test]
    fn repeated_keys_of_the_patch_are_refused() {
        let many: String = (0..40).map(|key| format!("\"k{}\":1,", key % 39)).collect();
        let many = format!("{{{}}}", many.trim_end_matches(','));
        for (patch, expected) in [
            (r#"{"a":1,"a":1}"#, &["/a"][..]),
            (r#"{"a":null,"a":2,"b":3,"b":null}"#, &["/a", "/b"]),
            (r#"{"a":1,"\u0061":2,"a":3}"#, &["/a", "/a"]),
            (r#"{"data":{"o":{"k":1,"k":2}}}"#, &["/data/o/k"]),
            (r#"{"data":{"new":{"k":1,"n":{"~/":1,"~/":2}}}}"#, &["/data/new/n/~0~1"]),
            (r#"{"data":{"text":{"k":1,"k":null}}}"#, &["/data/text/k"]),
            (r#"{"data":{"o":{"k":1}},"data":null}"#, &["/data"]),
            (&many, &["/k0"]),
        ] {
            let patched = MergePatch(patch).apply(r#"{"data":{"o":{"k":7},"text":"x"}}"#, &PatchLimits::default());
            let Err(PatchError::Malformed(faults)) = patched else { panic!("{patch}: {patched:?}") };
            let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{patch}");
            assert!(faults.iter().all(|fault| fault.reason == Reason::Duplicate));
        }
        let array = r#"{"a":[{"k":1,"k":2}]}"#;
        assert_eq!(merged("{}", array), array, "arrays are kept as they were written");
    }

    #[test]
    fn faults_are_bounded_in_number_and_length() {
        let key = "k".repeat(100_000);
        let patch = format!("{{{}\"{key}\":1}}", format!("\"{key}\":1,").repeat(5));
        let limits = PatchLimits { faults: 3, ..PatchLimits::default() };
        let Err(PatchError::Malformed(faults)) = MergePatch(&patch).apply("{}", &limits) else { panic!("accepted") };
        assert_eq!(faults.len(), 3);
        assert!(faults.iter().all(|fault| fault.pointer.len() < 200), "{}", faults[0].pointer.len());
    }

    #[test]
    fn limits_hold() {
        let limits = |bytes, depth| PatchLimits { bytes, depth, ..PatchLimits::default() };
        let refused = |document: &str, patch: &str, limits: PatchLimits, reason| {
            let refusal = PatchError::NotApplicable(Reason::at(reason, ""));
            assert_eq!(MergePatch(patch).apply(document, &limits), Err(refusal));
        };
        let few = |bytes| limits(bytes, Depth::MAX);
        assert_eq!(MergePatch(r#"{"b":2}"#).apply(r#"{"a":1}"#, &few(13)).unwrap(), r#"{"a":1,"b":2}"#);
        refused(r#"{"a":1}"#, r#"{"b":2}"#, few(12), Reason::TooLarge(12));
        let nested = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        for depth in [Depth::MAX, Depth::new(3)] {
            let (levels, limits) = (depth.levels(), limits(usize::MAX, depth));
            assert_eq!(MergePatch(&nested(levels)).apply("{}", &limits).unwrap(), nested(levels));
            for levels in [levels + 1, 10_000, 100_000] {
                refused("{}", &nested(levels), limits, Reason::TooDeep(depth));
            }
        }
        // A document that nests deeper than the limit does no harm.
        assert_eq!(merged(&nested(10_000), r#"{"b":1}"#).len(), nested(10_000).len() + 6);
    }

    #[test]
    fn members_are_found_however_many_change() {
        for count in [1, FEW, FEW + 1, 40] {
            let object = |key: &dyn Fn(usize) -> String, value: &dyn Fn(usize) -> String| {
                let members: Vec<_> = (0..count).map(|n| format!("\"{}\":{}", key(n), value(n))).collect();
                format!("{{{}}}", members.join(","))
            };
            let document = object(&|n| format!("é{n}"), &|n| n.to_string());
            let patch = object(&|n| format!("\\u00e9{n}"), &|n| if n % 2 == 0 { "null" } else { "true" }.to_owned());
            let [target, changes] = [&document, &patch].map(|text| serde_json::from_str::<Value>(text).unwrap());
            let result = merged(&document, &patch);
            assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), naive(target, &changes), "{count}: {result}");
        }
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
            let patched = MergePatch(patch).apply("{}", &PatchLimits::default());
            assert!(matches!(patched, Err(PatchError::Malformed(_))), "{patch}");
            let patched = MergePatch("{}").apply(patch, &PatchLimits::default());
            assert!(matches!(patched, Err(PatchError::Document(_))), "{patch}");
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
