//! Whether two values are the same value, as RFC 6902, section 4.6, has it.

use super::{
    number,
    scan::code_points,
    tree::{Children, Node, kind},
};
use std::collections::HashMap;

/// Whether `node` is the value that `text` says: numbers by their value, strings by their code points, objects without
/// order. It recurses as deep as `text` nests.
///
/// The node stays opened, so that a thousand tests of a large value do not read it a thousand times.
pub(super) fn equal<'a>(node: &mut Node<'a>, text: &'a str) -> bool {
    if node.source() == Some(text) {
        return true;
    }
    let found = match node.open(&[]) {
        Ok(open) => &mut open.children,
        Err(kind_of_node) => return kind_of_node == kind(text) && node.source().is_some_and(|node| same(node, text)),
    };
    let Node::Open(wanted) = Node::opened(text) else { return false };
    match (found, &wanted.children) {
        (Children::Elements(found), Children::Elements(wanted)) => {
            found.len() == wanted.len()
                && found
                    .iter_mut()
                    .zip(wanted)
                    .all(|(node, wanted)| wanted.source().is_some_and(|text| equal(node, text)))
        }
        (Children::Members(found), Children::Members(wanted)) => {
            if found.len() != wanted.len() {
                return false;
            }
            let mut found: HashMap<_, _> =
                found.iter_mut().map(|member| (code_points(member.key), &mut member.value)).collect();
            wanted.iter().all(|wanted| {
                let node = found.get_mut(&code_points(wanted.key));
                node.zip(wanted.value.source()).is_some_and(|(node, text)| equal(node, text))
            })
        }
        (Children::Elements(_), Children::Members(_)) | (Children::Members(_), Children::Elements(_)) => false,
    }
}

/// Whether two texts, which are of the same kind and neither objects nor arrays, are the same value.
fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim(), right.trim());
    match left.as_bytes().first() {
        Some(b'"') => code_points(left) == code_points(right),
        Some(b'-' | b'0'..=b'9') => number::same(left, right),
        _ => left == right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    assert_eq!(equal(&mut Node::Text(left), right), row == other, "{left} and {right}");
                }
            }
        }
    }

    #[test]
    fn what_has_changed_is_compared_as_it_is_now() {
        let mut node = Node::Text(r#"{"a":[1,2]}"#);
        node.replace(&["a".into(), "0".into()], Node::Text("3")).unwrap();
        assert!(!equal(&mut node, r#"{"a":[1,2]}"#));
        assert!(equal(&mut node, r#"{"a":[3,2]}"#));
    }
}
