//! The name of the table.

use crate::payments::BrokenRule;

/// The longest name, in bytes: with the longest suffix of ours (`_migrations`) it stays within the 63 bytes of PostgreSQL's
/// identifiers, with some to spare.
const MAX_LENGTH: usize = 48;

/// The name of the table that holds the payments. All other names that a store creates begin with it, so that several
/// tables can share a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName(Box<str>);

impl TableName {
    /// Reads a name: `[a-z_][a-z0-9_]{0,47}`, and not SQLite's own `sqlite_…`. Nothing else is safe inside SQL text.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        let lawful = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if text.is_empty() || !text.bytes().all(lawful) || text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(BrokenRule("must consist of a-z, 0-9 and _, and not begin with a digit, such as \"payments\""));
        }
        if text.len() > MAX_LENGTH {
            return Err(BrokenRule("must have at most 48 characters"));
        }
        if text.starts_with("sqlite_") {
            return Err(BrokenRule("must not begin with sqlite_, which SQLite reserves"));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `sql` with this name in place of `{payments}`.
    pub(super) fn fill_in(&self, sql: &str) -> String {
        sql.replace("{payments}", &self.0)
    }
}

impl Default for TableName {
    /// `payments`.
    fn default() -> Self {
        Self("payments".into())
    }
}

#[cfg(test)]
mod tests {
    use super::TableName;
    use proptest::prelude::*;

    #[test]
    fn accepts_identifiers() {
        let longest = "x".repeat(48);
        for text in ["payments", "_", "order", "p2", longest.as_str()] {
            assert!(TableName::parse(text).is_ok(), "{text:?} was refused; it must be accepted");
        }
    }

    #[test]
    fn refuses_text_that_could_break_out_of_the_sql() {
        let too_long = "x".repeat(49);
        for text in ["", "1p", "Payments", "a-b", "a b", "a\"b", "a;b", "é", "a.b", "a$", "sqlite_x", &too_long] {
            assert!(TableName::parse(text).is_err(), "{text:?} was accepted; it must be refused");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_its_definition(text in "[a-z_0-9A-Z\"; é]{0,50}") {
            let lawful = (1..=48).contains(&text.len())
                && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
                && !text.starts_with(|c: char| c.is_ascii_digit())
                && !text.starts_with("sqlite_");
            prop_assert_eq!(TableName::parse(&text).is_ok(), lawful);
        }
    }
}
