//! `If-Match` and `If-None-Match` (RFC 9110, section 13.1). The entity tag of a payment is its version in quotes.

use crate::payments::Version;
use payments_server::Fault;

/// The condition of a request; without one, everything holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// There is none, or it is `*`.
    Any,
    /// One of these tags is current.
    OneOf(Vec<Tag>),
}

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    weak: bool,
    opaque: String,
}

impl IfMatch {
    /// Reads the header `If-Match`.
    pub(super) fn read(header: Option<&str>) -> Result<Self, Fault> {
        match header.map(str::trim) {
            None | Some("*") => Ok(Self::Any),
            Some(list) => tags(list).map(Self::OneOf).ok_or_else(|| Fault {
                pointer: "/header/If-Match".to_owned(),
                detail: "must be *, or entity tags in quotes, such as \"0\"".into(),
            }),
        }
    }

    /// Whether the condition holds while `version` is current. Comparison is strong: weak tags never match.
    pub(super) fn holds(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| !tag.weak && tag.names(version)),
        }
    }
}

/// Whether the header `If-None-Match` names `version`.
pub(super) fn none_match_names(header: Option<&str>, version: Version) -> bool {
    header.is_some() && none_match(header, &version.number().to_string())
}

/// Whether the header `If-None-Match` names the entity tag whose quotes enclose `opaque`. Comparison is weak. A header
/// that cannot be read names nothing: the client then gets more than it asked for, never less.
pub(in crate::http) fn none_match(header: Option<&str>, opaque: &str) -> bool {
    match header.map(str::trim) {
        None => false,
        Some("*") => true,
        Some(list) => tags(list).is_some_and(|tags| tags.iter().any(|tag| tag.opaque == opaque)),
    }
}

/// The entity tag of a version, as it stands in a header.
pub(super) fn entity_tag(version: Version) -> String {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(version.number());
    // No more room than that: a header shares the memory of its text, and would have to know of what is left.
    let mut tag = String::with_capacity(digits.len() + 2);
    tag.push('"');
    tag.push_str(digits);
    tag.push('"');
    tag
}

impl Tag {
    fn names(&self, version: Version) -> bool {
        self.opaque == version.number().to_string()
    }
}

/// Reads a list of entity tags: `"a", W/"b"`. A comma may stand inside the quotes.
fn tags(list: &str) -> Option<Vec<Tag>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        if opaque.contains(|character: char| character.is_ascii_whitespace()) {
            return None;
        }
        tags.push(Tag { weak, opaque: opaque.to_owned() });
        let behind = behind.trim_start_matches([' ', '\t']);
        if !behind.is_empty() && !behind.starts_with(',') {
            return None;
        }
        rest = behind.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, none_match_names};
    use crate::payments::Version;

    fn version(number: i64) -> Version {
        Version::parse(number).unwrap()
    }

    #[test]
    fn if_match_compares_strongly() {
        for (header, holds) in [
            (None, true),
            (Some("*"), true),
            (Some("\"3\""), true),
            (Some(" \"1\" ,\t\"3\""), true),
            (Some("\"2\""), false),
            (Some("W/\"3\""), false),
            (Some("\"03\""), false),
            (Some("\"1,3\""), false),
        ] {
            let condition = IfMatch::read(header).unwrap();
            assert_eq!(condition.holds(version(3)), holds, "{header:?}");
        }
    }

    #[test]
    fn if_match_refuses_what_is_no_tag() {
        for header in ["3", "", "\"3", "3\"", "\"1\" \"3\"", "w/\"3\"", "\"a b\"", ",", "*, \"3\""] {
            assert!(IfMatch::read(Some(header)).is_err(), "{header:?} was accepted; it must be refused");
        }
    }

    #[test]
    fn if_none_match_compares_weakly_and_forgives() {
        for (header, named) in [
            (None, false),
            (Some("*"), true),
            (Some("\"3\""), true),
            (Some("W/\"3\""), true),
            (Some("\"2\", W/\"3\""), true),
            (Some("3"), false),
            (Some("\"2\""), false),
        ] {
            assert_eq!(none_match_names(header, version(3)), named, "{header:?}");
        }
    }
}
