//! Random JSON Patches, against a plain implementation and against what must hold for any.

use super::{Op, Owned, apply, operation};
use crate::{Outline, Pointer};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

/// RFC 6902 on plain values, as plainly as possible.
fn naive(mut document: Value, operations: &[Owned]) -> Option<Value> {
    for operation in operations {
        let path = operation.path.as_str();
        let from = operation.from.as_deref().unwrap_or_default();
        let value = operation.value.as_ref().map(|json| serde_json::from_str(json).unwrap());
        match operation.op {
            Op::Add => naive_add(&mut document, path, value?)?,
            Op::Remove => drop(naive_remove(&mut document, path)?),
            Op::Replace => *document.pointer_mut(path)? = value?,
            Op::Test => drop(document.pointer(path).filter(|found| Some(*found) == value.as_ref())?),
            Op::Copy => {
                let value = document.pointer(from)?.clone();
                naive_add(&mut document, path, value)?;
            }
            Op::Move if from == path => drop(document.pointer(from)?),
            Op::Move if path.starts_with(&format!("{from}/")) => return None,
            Op::Move => {
                let value = naive_remove(&mut document, from)?;
                naive_add(&mut document, path, value)?;
            }
        }
    }
    Some(document)
}

fn naive_add(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let Some((parent, last)) = path.rsplit_once('/') else {
        *document = value;
        return Some(());
    };
    match document.pointer_mut(parent)? {
        Value::Object(members) => drop(members.insert(last.to_owned(), value)),
        Value::Array(elements) if last == "-" => elements.push(value),
        Value::Array(elements) => {
            let at: usize = last.parse().ok()?;
            (at <= elements.len()).then(|| elements.insert(at, value))?;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    }
    Some(())
}

fn naive_remove(document: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = path.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(members) => members.remove(last),
        Value::Array(elements) => {
            let at: usize = last.parse().ok()?;
            (at < elements.len()).then(|| elements.remove(at))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Small values that share their keys, so that paths meet them.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), (0..3).prop_map(Value::from), "[xé]".prop_map(Value::from)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            1 => prop::collection::btree_map("[ab01é]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// All pointers that lead to something.
fn pointers(value: &Value, prefix: &str, found: &mut Vec<String>) {
    found.push(prefix.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| pointers(value, &format!("{prefix}/{key}"), found));
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(at, value)| pointers(value, &format!("{prefix}/{at}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A document, and operations on places that it has, or almost.
fn document_and_operations() -> impl Strategy<Value = (Value, Vec<Owned>)> {
    let kinds = [Op::Add, Op::Remove, Op::Replace, Op::Move, Op::Copy, Op::Test];
    let token = || prop_oneof![5 => Just(""), 1 => Just("/a"), 1 => Just("/0"), 1 => Just("/1"), 1 => Just("/-"), 1 => Just("/é")];
    let place = move || (any::<Index>(), token());
    let seed = (prop::sample::select(kinds.to_vec()), place(), place(), value(), any::<bool>());
    (value(), prop::collection::vec(seed, 1..6)).prop_map(|(document, seeds)| {
        let mut places = Vec::new();
        pointers(&document, "", &mut places);
        let read = |(op, from, path, value, hold): (Op, (Index, &str), (Index, &str), Value, bool)| {
            let [from, path] = [from, path].map(|(index, token)| index.get(&places).clone() + token);
            // Most random tests would not hold.
            let held = document.pointer(&path).filter(|_| hold && op == Op::Test);
            operation(op, &from, &path, &held.unwrap_or(&value).to_string())
        };
        let operations = seeds.into_iter().map(read).collect();
        (document, operations)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn it_agrees_with_a_plain_implementation((document, operations) in document_and_operations()) {
        for text in [document.to_string(), format!("{document:#}")] {
            let result = apply(&text, &operations).ok();
            let result = result.map(|text| serde_json::from_str::<Value>(&text).unwrap());
            prop_assert_eq!(result, naive(document.clone(), &operations));
        }
    }

    #[test]
    fn pointers_lead_where_serde_follows_them((document, steps) in document_and_operations()) {
        let text = format!("{document:#}");
        let outline = Outline::read(text.as_bytes()).unwrap();
        for Owned { path, .. } in steps {
            let found = Pointer::parse(&path).unwrap().find(outline.json());
            let found = found.map(|json| serde_json::from_str::<Value>(json.get()).unwrap());
            prop_assert_eq!(found.as_ref(), document.pointer(&path), "{} {}", text, path);
        }
    }

    #[test]
    fn tests_of_what_is_there_hold_and_change_no_byte(document in value()) {
        let mut places = Vec::new();
        pointers(&document, "", &mut places);
        let test = |place: &String| operation(Op::Test, "", place, &document.pointer(place).unwrap().to_string());
        let tests: Vec<_> = places.iter().map(test).collect();
        let text = format!("{document:#}");
        prop_assert_eq!(apply(&text, &tests), Ok(text));
    }

    #[test]
    fn siblings_keep_their_bytes(before in value(), after in value(), inside in value(), (_, steps) in document_and_operations()) {
        let text = format!("{{\"before\":{before:#},\"x\":{{\"in\":{inside:#},\"y\":0}},\"after\":{after:#}}}");
        let add = operation(Op::Add, "", "/x/y", steps[0].value.as_deref().unwrap());
        let result = apply(&text, &[add, operation(Op::Copy, "/before", "/x/z", "")]).unwrap();
        let value = steps[0].value.as_deref().unwrap();
        let expected = format!(
            "{{\"before\":{before:#},\"x\":{{\"in\":{inside:#},\"y\":{value},\"z\":{before:#}}},\"after\":{after:#}}}"
        );
        prop_assert_eq!(result, expected);
    }
}
