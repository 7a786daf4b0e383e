//! Rows that come packed into one value.
//!
//! sqlx hands over a row of SQLite value by value, each copied twice, and from thread to thread; for a page of 20 that
//! costs several times what the query does (`bench/README.md`). So a query packs what it found into one text: the values of
//! a row with the control character U+001F (unit separator) between, the rows with U+001E (record separator). Neither can
//! stand in what we store: ids are visible ASCII, organisations have no control characters, and JSON escapes them.

use super::failure;
use crate::payments::{Error, Payment, Timestamp, Version};
use crate::repo::row::{Numbered, Row};
use memchr::memchr;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

/// The columns of a [`Row`].
pub(super) const PAYMENT: &str = "seq, id, version, created_on, modified_on, organisation_id, attributes";
/// The columns of a [`Found`].
pub(super) const FOUND: &str = "id, version, created_on";

/// A payment that was found, and how it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'r> {
    pub(super) id: &'r str,
    pub(super) standing: Standing,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) version: i64,
    pub(super) created_on: Timestamp,
}

impl Standing {
    /// How a payment stands of which all is known.
    pub(super) fn of(payment: &Payment) -> Self {
        Self { version: payment.version.number(), created_on: payment.created_on }
    }

    /// Whether it is at that version.
    pub(super) fn is_at(self, version: Version) -> bool {
        self.version == version.number()
    }
}

const UNIT: u8 = 0x1f;
const RECORD: u8 = 0x1e;

/// The SQL expression that packs `columns` of all rows.
pub(super) fn pack(columns: &str) -> String {
    format!("group_concat(concat_ws(char({UNIT}), {columns}), char({RECORD}))")
}

/// The payments that a query packed into its column `column`, in no order.
pub(super) fn payments(row: &SqliteRow, column: usize) -> Result<Vec<Numbered>, Error> {
    unpack(row, column, row_of).map_err(failure)?.into_iter().map(Row::read).collect()
}

/// What was found, in no order.
pub(super) fn found(row: &SqliteRow, column: usize) -> Result<Vec<Found<'_>>, sqlx::Error> {
    unpack(row, column, found_of)
}

fn unpack<'r, T>(row: &'r SqliteRow, column: usize, read: fn(&'r str) -> Option<T>) -> Result<Vec<T>, sqlx::Error> {
    let broken = |record| sqlx::Error::Decode(format!("a row cannot be read: {record:?}").into());
    match row.try_get::<Option<&str>, _>(column)? {
        Some(packed) => {
            split(packed, RECORD, usize::MAX).map(|record| read(record).ok_or_else(|| broken(record))).collect()
        }
        // Nothing to pack.
        None => Ok(Vec::new()),
    }
}

/// The parts of `text` between separators, at most so many: the last has all that is left.
///
/// Like [`str::splitn`], which takes 170 instructions a value (`bench/README.md`).
fn split(text: &str, separator: u8, most: usize) -> impl Iterator<Item = &str> {
    let (mut rest, mut left) = (Some(text), most);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        left = left.saturating_sub(1);
        let end = if left > 0 { memchr(separator, text.as_bytes()) } else { None };
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

fn found_of(record: &str) -> Option<Found<'_>> {
    let mut values = split(record, UNIT, 3);
    let id = values.next()?;
    let version = values.next()?.parse().ok()?;
    let created_on = Timestamp::from_timestamp_micros(values.next()?.parse().ok()?)?;
    Some(Found { id, standing: Standing { version, created_on } })
}

fn row_of(record: &str) -> Option<Row<'_>> {
    let mut values = split(record, UNIT, 7);
    let mut number = || values.next()?.parse::<i64>().ok();
    let seq = number()?;
    let id = values.next()?;
    let mut number = || values.next()?.parse::<i64>().ok();
    let version = number()?;
    let created_on = Timestamp::from_timestamp_micros(number()?)?;
    let modified_on = Timestamp::from_timestamp_micros(number()?)?;
    let (organisation_id, attributes) = (values.next()?, values.next()?);
    Some(Row { seq, id, version, created_on, modified_on, organisation_id, attributes })
}

#[cfg(test)]
mod tests {
    use super::{row_of, split};

    #[test]
    fn splits_as_the_standard_library_does() {
        for text in ["", "a", "|", "|a", "a|", "a|b", "||", "é||b|cd|"] {
            for most in 1..6 {
                let parts: Vec<_> = split(text, b'|', most).collect();
                assert_eq!(parts, text.splitn(most, '|').collect::<Vec<_>>(), "{text:?} into {most}");
            }
        }
    }

    #[test]
    fn what_somebody_else_wrote_is_refused() {
        let whole = "1\u{1f}a\u{1f}0\u{1f}5\u{1f}6\u{1f}acme\u{1f}{\"amount\":\"1\"}";
        let read = row_of(whole).unwrap();
        assert_eq!((read.seq, read.id, read.version, read.attributes), (1, "a", 0, r#"{"amount":"1"}"#));
        assert_eq!((read.created_on.timestamp_micros(), read.modified_on.timestamp_micros()), (5, 6));
        for broken in ["", "1", "1\u{1f}a", &whole.replace("5", "x"), &whole.replace("5", "9223372036854775807")] {
            assert!(row_of(broken).is_none(), "{broken:?}");
        }
    }
}
