//! Lists of entity tags, as `If-Match` and `If-None-Match` carry them (RFC 9110, sections 8.8.3 and 13.1).

use std::iter;

/// The entity tags of one header. They borrow its text, which was checked once, so that a comparison allocates nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityTags<'a> {
    /// `*`, which matches whatever exists.
    Any,
    /// `"a", W/"b"`
    List(&'a str),
}

/// One entity tag: `"opaque"`, or `W/"opaque"` when it is weak.
#[derive(Debug, Clone, Copy)]
struct EntityTag<'a> {
    weak: bool,
    opaque: &'a str,
}

impl<'a> EntityTags<'a> {
    /// Parses a header. Commas may stand inside the quotes. `None` for an empty or malformed list.
    pub(super) fn parse(header: &'a str) -> Option<Self> {
        match header.trim() {
            "*" => Some(Self::Any),
            list => is_list(list).then_some(Self::List(list)),
        }
    }

    /// Compares strongly (RFC 9110, section 8.8.3.2): a weak tag never matches. `None` is a resource that has no tag.
    pub(super) fn match_strongly(self, opaque: Option<&str>) -> bool {
        self.any(|tag| !tag.weak && Some(tag.opaque) == opaque)
    }

    /// Compares weakly: it makes no difference whether a tag is weak. `None` is a resource that has no tag.
    pub(super) fn match_weakly(self, opaque: Option<&str>) -> bool {
        self.any(|tag| Some(tag.opaque) == opaque)
    }

    fn any(self, matches: impl Fn(EntityTag<'a>) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::List(list) => tags(list).any(matches),
        }
    }
}

/// Returns whether every tag of a list can be read, and there is one.
fn is_list(list: &str) -> bool {
    let mut rest = list.trim_start_matches(SEPARATORS);
    let is_empty = rest.is_empty();
    while let Some((_, behind)) = split_first(rest) {
        rest = behind;
    }
    rest.is_empty() && !is_empty
}

/// The tags of a list, up to the first that cannot be read.
fn tags(list: &str) -> impl Iterator<Item = EntityTag<'_>> {
    let mut rest = list.trim_start_matches(SEPARATORS);
    iter::from_fn(move || {
        let (tag, behind) = split_first(rest)?;
        rest = behind;
        Some(tag)
    })
}

/// What stands between tags. Empty elements are ignored (RFC 9110, section 5.6.1.2).
const SEPARATORS: [char; 3] = [' ', '\t', ','];

/// Splits a list into its first tag and what follows it.
fn split_first(list: &str) -> Option<(EntityTag<'_>, &str)> {
    let (weak, quoted) = list.strip_prefix("W/").map_or((false, list), |quoted| (true, quoted));
    let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
    let behind = behind.trim_start_matches([' ', '\t']);
    let is_tag = !opaque.contains(|character: char| character.is_ascii_whitespace());
    let is_separated = behind.is_empty() || behind.starts_with(',');
    (is_tag && is_separated).then(|| (EntityTag { weak, opaque }, behind.trim_start_matches(SEPARATORS)))
}

#[cfg(test)]
mod tests {
    use super::EntityTags;

    #[test]
    fn a_malformed_list_is_refused() {
        for header in ["3", "", " ", "\"3", "3\"", "\"1\" \"3\"", "w/\"3\"", "\"a b\"", ",", "*, \"3\"", "\"1\", 3"] {
            assert_eq!(EntityTags::parse(header), None, "{header:?}");
        }
    }

    #[test]
    fn tags_are_compared_strongly_or_weakly() {
        for (header, strongly, weakly) in [
            ("*", true, true),
            ("\"3\"", true, true),
            (" \"1\" ,\t\"3\"", true, true),
            (",\"1\",, \"3\",", true, true),
            ("\"2\", W/\"3\"", false, true),
            ("W/\"3\"", false, true),
            ("\"2\"", false, false),
            ("\"03\"", false, false),
            ("\"1,3\"", false, false),
        ] {
            let tags = EntityTags::parse(header).unwrap();
            assert_eq!(tags.match_strongly(Some("3")), strongly, "strongly: {header:?}");
            assert_eq!(tags.match_weakly(Some("3")), weakly, "weakly: {header:?}");
            let is_any = tags == EntityTags::Any;
            assert_eq!((tags.match_strongly(None), tags.match_weakly(None)), (is_any, is_any), "no tag: {header:?}");
        }
    }
}
