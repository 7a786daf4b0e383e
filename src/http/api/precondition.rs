//! The preconditions `If-Match` and `If-None-Match` of every operation on payments (RFC 9110, section 13): the one place
//! that evaluates them. The entity tag of a payment is its version in quotes.
//!
//! `If-Modified-Since` and `If-Unmodified-Since` are ignored, because no response has a `Last-Modified` (sections 13.1.3
//! and 13.1.4).

use crate::{
    http::{
        entity_tags::EntityTags,
        problem::{UnmetPrecondition, fault},
    },
    payments::Version,
};
use payments_server::Fault;

/// The preconditions of a request. A missing header always holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preconditions<'a> {
    if_match: Option<EntityTags<'a>>,
    if_none_match: Option<EntityTags<'a>>,
}

/// The header whose condition does not hold.
enum Unmet {
    IfMatch,
    IfNoneMatch,
}

impl<'a> Preconditions<'a> {
    /// Reads the preconditions of a change. What cannot be read is refused: without its condition, the change is not the
    /// one that the client asked for.
    pub(super) fn of_change(if_match: Option<&'a str>, if_none_match: Option<&'a str>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut read = |pointer, header: Option<&'a str>| {
            let tags = EntityTags::parse(header?);
            if tags.is_none() {
                faults.push(fault(pointer, "must be *, or entity tags in quotes, such as \"0\""));
            }
            tags
        };
        let read = Self {
            if_match: read("/header/If-Match", if_match),
            if_none_match: read("/header/If-None-Match", if_none_match),
        };
        if faults.is_empty() { Ok(read) } else { Err(faults) }
    }

    /// Reads the preconditions of a read. An `If-None-Match` that cannot be read counts as missing: the client then receives
    /// the whole response, which is never wrong.
    pub(super) fn of_read(if_match: Option<&'a str>, if_none_match: Option<&'a str>) -> Result<Self, Vec<Fault>> {
        let if_none_match = if_none_match.and_then(EntityTags::parse);
        Ok(Self { if_none_match, ..Self::of_change(if_match, None)? })
    }

    /// Returns whether `If-Match` has tags. Such a write is for few versions, and not repeated for many.
    pub(super) fn names_versions(&self) -> bool {
        matches!(self.if_match, Some(EntityTags::List(_)))
    }

    /// Evaluates the preconditions while `current` is the version of the payment.
    pub(super) fn evaluate(&self, current: Version) -> Result<(), UnmetPrecondition> {
        // Fast path: most requests have no precondition.
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(());
        }
        let mut digits = itoa::Buffer::new();
        let opaque = digits.format(current.number());
        match self.first_unmet(Some(opaque)) {
            None => Ok(()),
            Some(Unmet::IfMatch) => {
                let weak = self.if_match.is_some_and(|tags| tags.match_weakly(Some(opaque)));
                Err(UnmetPrecondition::NotMatched { current, weak })
            }
            Some(Unmet::IfNoneMatch) => Err(UnmetPrecondition::Matched { current }),
        }
    }

    /// Evaluates the preconditions of a resource that exists and has no entity tag, such as the list of all payments.
    pub(super) fn evaluate_untagged(&self) -> Result<(), UnmetPrecondition> {
        match self.first_unmet(None) {
            None => Ok(()),
            Some(Unmet::IfMatch) => Err(UnmetPrecondition::NotTagged),
            Some(Unmet::IfNoneMatch) => Err(UnmetPrecondition::Exists),
        }
    }

    /// The first precondition that does not hold, in the order of RFC 9110, section 13.2.2.
    fn first_unmet(&self, opaque: Option<&str>) -> Option<Unmet> {
        if self.if_match.is_some_and(|tags| !tags.match_strongly(opaque)) {
            return Some(Unmet::IfMatch);
        }
        self.if_none_match.is_some_and(|tags| tags.match_weakly(opaque)).then_some(Unmet::IfNoneMatch)
    }
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
    use super::Preconditions;
    use crate::{http::problem::UnmetPrecondition, payments::Version};

    fn version(number: i64) -> Version {
        Version::parse(number).unwrap()
    }

    #[test]
    fn preconditions_are_evaluated_in_order() {
        let current = version(3);
        let if_match = |weak| Err(UnmetPrecondition::NotMatched { current, weak });
        let if_none_match = Err(UnmetPrecondition::Matched { current });
        for (header, other, expected) in [
            (None, None, Ok(())),
            (Some("*"), None, Ok(())),
            (Some("\"3\""), None, Ok(())),
            (Some("\"2\""), None, if_match(false)),
            (Some("W/\"3\""), None, if_match(true)),
            (Some("W/\"2\""), None, if_match(false)),
            (None, Some("*"), if_none_match),
            (None, Some("\"3\""), if_none_match),
            (None, Some("W/\"3\""), if_none_match),
            (None, Some("\"2\", \"4\""), Ok(())),
            (Some("\"3\""), Some("\"2\""), Ok(())),
            (Some("\"3\""), Some("\"3\""), if_none_match),
            (Some("\"2\""), Some("\"3\""), if_match(false)),
            (Some("\"2\""), Some("\"2\""), if_match(false)),
        ] {
            let of_change = Preconditions::of_change(header, other).unwrap();
            assert_eq!(of_change.evaluate(current), expected, "If-Match {header:?}, If-None-Match {other:?}");
            assert_eq!(Preconditions::of_read(header, other).unwrap(), of_change);
        }
    }

    #[test]
    fn what_has_no_tag_matches_none() {
        let (if_match, if_none_match) = (Err(UnmetPrecondition::NotTagged), Err(UnmetPrecondition::Exists));
        for (header, other, expected) in [
            (None, None, Ok(())),
            (Some("*"), Some("\"0\""), Ok(())),
            (Some("\"0\""), None, if_match),
            (None, Some("*"), if_none_match),
            (Some("\"0\""), Some("*"), if_match),
        ] {
            let preconditions = Preconditions::of_change(header, other).unwrap();
            assert_eq!(preconditions.evaluate_untagged(), expected, "If-Match {header:?}, If-None-Match {other:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_unless_the_whole_response_will_do() {
        let pointers = |read: Result<Preconditions<'_>, Vec<payments_server::Fault>>| {
            read.map_or_else(|faults| faults.into_iter().map(|fault| fault.pointer).collect(), |_| Vec::new())
        };
        let (if_match, if_none_match) = ("/header/If-Match", "/header/If-None-Match");
        assert_eq!(pointers(Preconditions::of_change(Some("3"), Some("3"))), [if_match, if_none_match]);
        assert_eq!(pointers(Preconditions::of_change(None, Some(""))), [if_none_match]);
        assert_eq!(pointers(Preconditions::of_read(Some("3"), Some("3"))), [if_match]);
        let ignored = Preconditions::of_read(None, Some("3")).unwrap();
        assert_eq!(ignored.evaluate(version(3)), Ok(()));
    }
}
