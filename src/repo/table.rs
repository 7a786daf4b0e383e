//! The two tables that hold payments, and their names.
//!
//! The payments of the anonymous tenant have a table of their own, which is as it was before there were tenants. Those of all
//! organisations share another, whose rows name their tenant too. Two tables, and not a column in one, because the release
//! before relies on ids being unique (`ON CONFLICT (id)` names that index, in both kinds of store), and knows no tenants: it
//! would refuse ids that another tenant has, and show everybody what everybody has. As it is, it goes on working beside this
//! release and after it, over what is anonymous, and finds nothing else.

use crate::payments::{BrokenRule, Tenant};

/// The longest name, in bytes: with the longest suffix of ours (`_migrations`) it stays within the 63 bytes of PostgreSQL's
/// identifiers, with some to spare.
const MAX_LENGTH: usize = 48;

/// The name of the table that holds the anonymous payments. All other names that a store creates begin with it, so that several
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

/// One of the two tables.
#[derive(Debug, Clone)]
pub(super) struct Table {
    name: TableName,
    has_tenants: bool,
}

impl Table {
    /// The name.
    pub(super) fn name(&self) -> &TableName {
        &self.name
    }

    /// Whether its rows name their tenant.
    pub(super) fn has_tenants(&self) -> bool {
        self.has_tenants
    }

    /// `sql` for this table: its name stands in place of `{payments}`, and what is between `[[` and `]]` stays only if the
    /// table has tenants.
    pub(super) fn fill_in(&self, sql: &str) -> String {
        let mut parts = sql.split("[[");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (optional, rest) = part.split_once("]]").unwrap_or((part, ""));
            if self.has_tenants {
                filled.push_str(optional);
            }
            filled.push_str(rest);
        }
        self.name.fill_in(&filled)
    }
}

/// What there is of each table: one that has no tenants, and one that has.
#[derive(Debug)]
pub(super) struct PerTable<T> {
    anonymous: T,
    organisations: T,
}

impl PerTable<Table> {
    /// The tables that begin with this name.
    pub(super) fn named(name: &TableName) -> Self {
        // Nine bytes more, so the names of its index and its sequence stay within PostgreSQL's 63 bytes.
        let of_tenants = TableName(format!("{}_tenants", name.0).into());
        Self {
            anonymous: Table { name: name.clone(), has_tenants: false },
            organisations: Table { name: of_tenants, has_tenants: true },
        }
    }
}

impl<T> PerTable<T> {
    pub(super) fn new(anonymous: T, organisations: T) -> Self {
        Self { anonymous, organisations }
    }

    /// What `make` makes of each.
    pub(super) fn map<U>(&self, make: impl Fn(&T) -> U) -> PerTable<U> {
        PerTable { anonymous: make(&self.anonymous), organisations: make(&self.organisations) }
    }

    /// What `make` makes of each and its counterpart in `other`.
    pub(super) fn zip<U, V>(&self, other: &PerTable<U>, make: impl Fn(&T, &U) -> V) -> PerTable<V> {
        PerTable {
            anonymous: make(&self.anonymous, &other.anonymous),
            organisations: make(&self.organisations, &other.organisations),
        }
    }

    /// That of the table which has the payments of `tenant`.
    pub(super) fn of(&self, tenant: &Tenant) -> &T {
        if tenant.is_anonymous() { &self.anonymous } else { &self.organisations }
    }

    /// Both, as [`both`](Self::both) has them.
    pub(super) fn into_both(self) -> [T; 2] {
        [self.anonymous, self.organisations]
    }

    /// Both: that of the anonymous tenant, and that of the others.
    pub(super) fn both(&self) -> [&T; 2] {
        [&self.anonymous, &self.organisations]
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
    use super::{PerTable, TableName};
    use proptest::prelude::*;

    #[test]
    fn what_is_for_tenants_is_left_out_of_the_other_table() {
        let filled =
            PerTable::named(&TableName::default()).map(|table| table.fill_in("[[a ]]{payments}[[, b]] c[[]] d"));
        assert_eq!(filled.both(), ["payments c d", "a payments_tenants, b c d"]);
    }

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
