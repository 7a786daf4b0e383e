//! The organisations that own payments.

use super::BrokenRule;
use crate::vectorised;
use std::sync::Arc;

/// The longest organisation id, in characters.
const MAX_LENGTH: usize = 64;

const BLANK: BrokenRule = BrokenRule("must not be blank");

/// The id of the organisation that owns a payment: not blank, at most 64 characters, no control characters (PostgreSQL
/// cannot store U+0000 in text, and no name needs the others). A clone shares the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganisationId(Arc<str>);

impl OrganisationId {
    /// Reads an organisation's id; white space around it is kept.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        Self::check(text).map(|()| Self(text.into()))
    }

    /// Reads an id from a store, which may have been written before [`parse`](Self::parse) knew all of its rules.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn stored(text: &str) -> Result<Self, BrokenRule> {
        Self::check_stored(text).map(|()| Self(text.into()))
    }

    /// Says whether [`parse`](Self::parse) would accept `text`, without an allocation.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn check(text: &str) -> Result<(), BrokenRule> {
        // The fast path: most ids are short ASCII text, which breaks no rule.
        let is_plain = vectorised::all(text.as_bytes(), |byte| byte.is_ascii_graphic());
        if is_plain && (1..=MAX_LENGTH).contains(&text.len()) {
            return Ok(());
        }
        // U+FEFF shows nothing, and ECMA-262 counts it as white space; Unicode does not, and neither does `trim`. Its neighbours are
        // unassigned. The contract's pattern names all three by a range: in Go, sources that contain U+FEFF do not compile.
        if text.chars().all(|char| char.is_whitespace() || ('\u{fefe}'..='\u{ff00}').contains(&char)) {
            return Err(BLANK);
        }
        Self::check_stored(text)
    }

    fn check_stored(text: &str) -> Result<(), BrokenRule> {
        if text.trim().is_empty() {
            return Err(BLANK);
        }
        if text.chars().any(char::is_control) {
            return Err(BrokenRule("must not contain control characters"));
        }
        if text.chars().count() > MAX_LENGTH {
            return Err(BrokenRule("must have at most 64 characters"));
        }
        Ok(())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as text, without a copy.
    #[must_use]
    pub fn into_text(self) -> Arc<str> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::OrganisationId;

    #[test]
    fn an_id_is_kept_as_it_was_written() {
        for text in ["acme", " A cm\u{e9} "] {
            assert_eq!(OrganisationId::parse(text).unwrap().as_str(), text);
            assert_eq!(OrganisationId::stored(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(OrganisationId::parse(&"é".repeat(64)).is_ok());
        assert!(OrganisationId::parse(&"é".repeat(65)).is_err());
    }

    #[test]
    fn refuses_blanks_and_control_characters() {
        for text in ["", " ", "\u{a0}\u{2003}", "\u{feff}", " \u{feff}", "\u{fefe}\u{ff00}", "a\0b", "a\nb", "\u{85}x"]
        {
            assert!(OrganisationId::parse(text).is_err(), "{text:?} was accepted; it must be refused");
        }
    }

    #[test]
    fn an_invisible_id_that_was_stored_is_still_read() {
        assert!(OrganisationId::stored("\u{feff}").is_ok());
        assert!(OrganisationId::stored(" ").is_err());
    }
}
