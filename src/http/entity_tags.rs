//! Lists of entity tags, as `If-Match` and `If-None-Match` carry them (RFC 9110, sections 8.8.3 and 13.1).

/// One entity tag: `"opaque"`, or `W/"opaque"` when it is weak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntityTag {
    weak: bool,
    opaque: String,
}

impl EntityTag {
    /// Compares strongly: a weak tag never matches.
    pub(super) fn matches_strongly(&self, opaque: &str) -> bool {
        !self.weak && self.opaque == opaque
    }
}

/// Compares the header `If-None-Match` weakly with the tag whose quotes enclose `opaque`.
///
/// A header that cannot be parsed matches nothing: the client then receives the whole response, which is never wrong.
pub(super) fn if_none_match(header: Option<&str>, opaque: &str) -> bool {
    match header.map(str::trim) {
        None => false,
        Some("*") => true,
        Some(list) => parse_list(list).is_some_and(|tags| tags.iter().any(|tag| tag.opaque == opaque)),
    }
}

/// Parses a list of entity tags: `"a", W/"b"`. Commas may stand inside the quotes. `None` for an empty or malformed
/// list.
pub(super) fn parse_list(list: &str) -> Option<Vec<EntityTag>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (weak, quoted) = rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (opaque, behind) = quoted.strip_prefix('"')?.split_once('"')?;
        if opaque.contains(|character: char| character.is_ascii_whitespace()) {
            return None;
        }
        tags.push(EntityTag { weak, opaque: opaque.to_owned() });
        let behind = behind.trim_start_matches([' ', '\t']);
        if !behind.is_empty() && !behind.starts_with(',') {
            return None;
        }
        rest = behind.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(tags)
}
