//! Equality of values as RFC 6902, section 4.6, defines it.

use super::{Children, Container, Node};
use crate::{
    Json, Kind, number,
    string::{code_points, unquoted},
};
use std::collections::HashMap;

/// Compares two values: numbers by their value, strings by their code points, objects without order. Recurses as deep
/// as `wanted` nests.
///
/// The node stays open, so that a thousand tests of one large value open it once.
pub(crate) fn equal<'a>(node: &mut Node<'a>, wanted: Json<'_>) -> bool {
    if node.source().is_some_and(|source| source.get() == wanted.get()) {
        return true;
    }
    let (found, wanted) = match (node.open(), Container::read(wanted)) {
        (Ok(found), Ok(wanted)) => (&mut found.children, wanted.children),
        (Err(kind), Err(wanted_kind)) => {
            return kind == wanted_kind && node.source().is_some_and(|found| same(kind, found.get(), wanted.get()));
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => return false,
    };
    match (found, &wanted) {
        (Children::Elements(found), Children::Elements(wanted)) => {
            found.len() == wanted.len() && found.iter_mut().zip(wanted).all(|(found, wanted)| is(found, wanted))
        }
        (Children::Members(found), Children::Members(wanted)) => {
            if found.len() != wanted.len() {
                return false;
            }
            let mut found: HashMap<_, _> = found.iter_mut().map(|member| (member.name(), &mut member.value)).collect();
            let mut wanted = wanted.iter();
            wanted.all(|wanted| found.get_mut(&wanted.name()).is_some_and(|found| is(found, &wanted.value)))
        }
        (Children::Elements(_), Children::Members(_)) | (Children::Members(_), Children::Elements(_)) => false,
    }
}

/// Compares with a node that nothing has changed.
fn is<'a>(found: &mut Node<'a>, wanted: &Node<'_>) -> bool {
    wanted.source().is_some_and(|wanted| equal(found, wanted))
}

/// Compares two values of the same kind that are neither objects nor arrays.
fn same(kind: Kind, left: &str, right: &str) -> bool {
    match kind {
        Kind::String => unquoted(left).map(code_points) == unquoted(right).map(code_points),
        Kind::Number => number::same(left, right),
        Kind::Boolean | Kind::Null | Kind::Object | Kind::Array => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outline;

    fn is_equal(left: &str, right: &str) -> bool {
        let (left, right) = (Outline::read(left.as_bytes()).unwrap(), Outline::read(right.as_bytes()).unwrap());
        equal(&mut Node::Closed(left.json()), right.json())
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        let table: &[&[&str]] = &[
            &["null", " null "],
            &["true"],
            &["false"],
            &["1.1", "1.10", " 11e-1"],
            &["0", "-0.0"],
            &["123456789012345678901234567890"],
            &["123456789012345678901234567891"],
            &[r#""""#],
            &[r#""null""#],
            &[r#""1.1""#],
            &[r#""é/""#, r#""\u00e9\/""#, r#""\u00E9\u002f""#],
            &[r#""e\u0301/""#],
            &[r#""😀""#, r#""\ud83d\ude00""#],
            &[r#""\ud83d""#],
            &[r#""\ude00""#],
            &["[]", "[ ]"],
            &["[1,2]", "[ 1.0, 2e0 ]"],
            &["[2,1]"],
            &["[[1],2]"],
            &["[null]"],
            &["{}", "{ }"],
            &[r#"{"a":null}"#],
            &[r#"{"a":1,"b":[1.10]}"#, r#"{"b":[1.1],"\u0061":1.0}"#, r#"{"a":2,"b":[1.1],"a":1}"#],
            &[r#"{"a":1,"c":[1.1]}"#],
            &[r#"{"a":1}"#],
            &[r#"{"b":1}"#],
        ];
        for (row, values) in table.iter().enumerate() {
            for (other, others) in table.iter().enumerate() {
                for (left, right) in values.iter().flat_map(|left| others.iter().map(move |right| (left, right))) {
                    assert_eq!(is_equal(left, right), row == other, "{left} and {right}");
                }
            }
        }
    }

    #[test]
    fn a_changed_value_is_compared_as_it_is_now() {
        let texts = [r#"{"a":[1,2]}"#, "3", r#"{"a":[3,2]}"#];
        let [old, three, new] = texts.map(|text| Outline::read(text.as_bytes()).unwrap());
        let mut node = Node::Closed(old.json());
        node.replace(&["a".into(), "0".into()], Node::Closed(three.json())).unwrap();
        assert!(!equal(&mut node, old.json()));
        assert!(equal(&mut node, new.json()));
    }
}
