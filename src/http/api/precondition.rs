//! The preconditions `If-Match` and `If-None-Match` of a payment (RFC 9110, section 13.1). Its entity tag is its
//! version in quotes.

use crate::{
    http::{
        entity_tags::{self, EntityTag},
        problem::fault,
    },
    payments::Version,
};
use payments_server::Fault;

/// The header `If-Match` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IfMatch {
    /// Holds at every version: the header is missing, or is `*`.
    Any,
    /// Holds while one of these tags is current.
    OneOf(Vec<EntityTag>),
}

impl IfMatch {
    /// Parses the header.
    pub(super) fn parse(header: Option<&str>) -> Result<Self, Fault> {
        match header.map(str::trim) {
            None | Some("*") => Ok(Self::Any),
            Some(list) => entity_tags::parse_list(list)
                .map(Self::OneOf)
                .ok_or_else(|| fault("/header/If-Match", "must be *, or entity tags in quotes, such as \"0\"")),
        }
    }

    /// Returns whether the precondition holds while `version` is current. Comparison is strong.
    pub(super) fn holds(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => {
                let current = version.number().to_string();
                tags.iter().any(|tag| tag.matches_strongly(&current))
            }
        }
    }
}

/// Returns whether the header `If-None-Match` names `version`: the client has that version already.
pub(super) fn if_none_match(header: Option<&str>, version: Version) -> bool {
    header.is_some() && entity_tags::if_none_match(header, &version.number().to_string())
}

/// Writes the entity tag of a version, as a header carries it.
pub(super) fn entity_tag(version: Version) -> String {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(version.number());
    // Exact capacity, so that `HeaderValue` takes the buffer over without the overhead of sharing a larger one.
    let mut tag = String::with_capacity(digits.len() + 2);
    tag.push('"');
    tag.push_str(digits);
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, if_none_match};
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
            let condition = IfMatch::parse(header).unwrap();
            assert_eq!(condition.holds(version(3)), holds, "{header:?}");
        }
    }

    #[test]
    fn if_match_refuses_a_malformed_list() {
        for header in ["3", "", "\"3", "3\"", "\"1\" \"3\"", "w/\"3\"", "\"a b\"", ",", "*, \"3\""] {
            assert!(IfMatch::parse(Some(header)).is_err(), "{header:?} was accepted; it must be refused");
        }
    }

    #[test]
    fn if_none_match_compares_weakly_and_ignores_a_malformed_list() {
        for (header, matches) in [
            (None, false),
            (Some("*"), true),
            (Some("\"3\""), true),
            (Some("W/\"3\""), true),
            (Some("\"2\", W/\"3\""), true),
            (Some("3"), false),
            (Some("\"2\""), false),
        ] {
            assert_eq!(if_none_match(header, version(3)), matches, "{header:?}");
        }
    }
}
