//! Rows that come packed into one value.
//!
//! sqlx hands over a row of SQLite value by value, each copied twice, and from thread to thread; for a page of 20 that
//! costs several times what the query does (`bench/README.md`). So a query packs what it found into one text: the values of
//! a row with the control character U+001F (unit separator) between, the rows with U+001E (record separator). Neither can
//! stand in what we store: ids are visible ASCII, organisations have no control characters, and JSON escapes them.

use super::failure;
use crate::payments::{Error, Timestamp};
use crate::repo::row::{Numbered, Row};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

/// The SQL expression that packs the rows of `payments`, each with the columns of a [`Row`].
pub(super) const PACKED: &str = "group_concat(concat_ws(char(31), seq, id, version, created_on, modified_on, \
                                 organisation_id, attributes), char(30))";

const UNIT: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// The rows that a query packed into its column `column`, in no order.
pub(super) fn unpack(row: &SqliteRow, column: usize) -> Result<Vec<Numbered>, Error> {
    match row.try_get::<Option<&str>, _>(column).map_err(failure)? {
        Some(packed) => packed.split(RECORD).map(read).collect(),
        // Nothing to pack.
        None => Ok(Vec::new()),
    }
}

fn read(record: &str) -> Result<Numbered, Error> {
    row(record).ok_or_else(|| Error::Internal(format!("a row cannot be read: {record:?}").into()))?.read()
}

fn row(record: &str) -> Option<Row<'_>> {
    let mut values = record.splitn(7, UNIT);
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
    use super::row;

    #[test]
    fn what_somebody_else_wrote_is_refused() {
        let whole = "1\u{1f}a\u{1f}0\u{1f}5\u{1f}6\u{1f}acme\u{1f}{\"amount\":\"1\"}";
        let read = row(whole).unwrap();
        assert_eq!((read.seq, read.id, read.version, read.attributes), (1, "a", 0, r#"{"amount":"1"}"#));
        assert_eq!((read.created_on.timestamp_micros(), read.modified_on.timestamp_micros()), (5, 6));
        for broken in ["", "1", "1\u{1f}a", &whole.replace("5", "x"), &whole.replace("5", "9223372036854775807")] {
            assert!(row(broken).is_none(), "{broken:?}");
        }
    }
}
