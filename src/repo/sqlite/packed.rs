//! Rows packed into one text value, and their decoder.
//!
//! sqlx hands over a row of SQLite value by value, copies each twice, and passes each from thread to thread; for a page of 20
//! payments that costs several times what the query does (`docs/PERFORMANCE.md`). So a query packs what it finds into one
//! text: the values of a row with the control character U+001F (unit separator) between them, the rows with U+001E (record
//! separator) between them, and U+001D (group separator) in place of a NULL. None of the three occurs in stored text: ids are
//! visible ASCII, organisations and tenants have no control characters, and JSON escapes them.
//!
//! `concat_ws` leaves NULLs out, and all values behind one would move up by a column. So the type of a [`Column`] decides
//! both the SQL that packs it and the way it is decoded: the marker for NULL comes with [`Nullable`] and cannot be forgotten.
//! A NULL in any other column leaves its row a value short, which is an error when it is decoded, and never another payment.

mod version;

use super::failure::failure;
use crate::payments::{BrokenRule, Error, Payment, PaymentId, Tenant, Timestamp, Version};
use crate::repo::key::Key;
use crate::repo::page::SHORT;
use crate::repo::row::{Numbered, Row};
use memchr::memchr;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use std::marker::PhantomData;
pub(super) use version::{contents, pack_contents, pack_versions, versions};

const UNIT: u8 = 0x1f;
const RECORD: u8 = 0x1e;
const NULL: u8 = 0x1d;

/// A column, and the type of its values.
struct Column<T> {
    name: &'static str,
    values: PhantomData<T>,
}

/// The type of a column's values.
trait Type {
    /// A value as it is decoded.
    type Value<'r>;

    /// The SQL expression that packs the column `name`.
    fn packed(name: &str) -> String {
        name.to_owned()
    }

    /// Decodes a value; `None` if it is malformed.
    fn decode(text: &str) -> Option<Self::Value<'_>>;
}

/// A 64-bit integer.
enum Integer {}
/// Text without control characters.
enum Text {}
/// A moment, in microseconds.
enum Time {}
/// A value of another type, or NULL.
struct Nullable<T>(PhantomData<T>);

impl Type for Integer {
    type Value<'r> = i64;

    fn decode(text: &str) -> Option<i64> {
        text.parse().ok()
    }
}

impl Type for Text {
    type Value<'r> = &'r str;

    fn decode(text: &str) -> Option<&str> {
        Some(text)
    }
}

impl Type for Time {
    type Value<'r> = Timestamp;

    fn decode(text: &str) -> Option<Timestamp> {
        Timestamp::from_micros(Integer::decode(text)?)
    }
}

impl<T: Type> Type for Nullable<T> {
    type Value<'r> = Option<T::Value<'r>>;

    fn packed(name: &str) -> String {
        format!("coalesce({}, char({NULL}))", T::packed(name))
    }

    fn decode(text: &str) -> Option<Self::Value<'_>> {
        if text.as_bytes() == [NULL] { Some(None) } else { T::decode(text).map(Some) }
    }
}

impl<T: Type> Column<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, values: PhantomData }
    }

    fn packed(&self) -> String {
        T::packed(self.name)
    }
}

/// The values of one row, to be read in the order in which its columns were packed.
struct Values<'r> {
    rest: Option<&'r str>,
    /// How many values are left; the last one has all the rest.
    left: usize,
}

impl<'r> Values<'r> {
    fn new(record: &'r str, columns: usize) -> Self {
        Self { rest: Some(record), left: columns }
    }

    /// The next value, which is one of `column`; `None` if there is none, or it is malformed.
    fn next<T: Type>(&mut self, _column: &Column<T>) -> Option<T::Value<'r>> {
        self.left = self.left.saturating_sub(1);
        T::decode(split_off(&mut self.rest, UNIT, self.left > 0)?)
    }
}

const TENANT: Column<Text> = Column::new("tenant");
const SEQ: Column<Integer> = Column::new("seq");
const ID: Column<Text> = Column::new("id");
const VERSION: Column<Integer> = Column::new("version");
const CREATED_ON: Column<Time> = Column::new("created_on");
const MODIFIED_ON: Column<Time> = Column::new("modified_on");
const ORGANISATION_ID: Column<Text> = Column::new("organisation_id");
const ATTRIBUTES: Column<Text> = Column::new("attributes");

/// How many columns [`pack_payments`] packs.
const PAYMENT: usize = 7;

fn payment_columns() -> [String; PAYMENT] {
    [
        SEQ.packed(),
        ID.packed(),
        VERSION.packed(),
        CREATED_ON.packed(),
        MODIFIED_ON.packed(),
        ORGANISATION_ID.packed(),
        ATTRIBUTES.packed(),
    ]
}

/// The SQL expression that packs rows for [`payments`] and [`page`].
pub(super) fn pack_payments() -> String {
    pack(&payment_columns())
}

/// The SQL expression that packs rows for [`fetched`]: the tenant first, if the table has tenants.
pub(super) fn pack_fetched(has_tenants: bool) -> String {
    pack_with_tenant(has_tenants, &payment_columns())
}

fn decode_payment(record: &str) -> Option<Row<'_>> {
    let mut values = Values::new(record, PAYMENT);
    Some(Row {
        seq: values.next(&SEQ)?,
        id: values.next(&ID)?,
        version: values.next(&VERSION)?,
        created_on: values.next(&CREATED_ON)?,
        modified_on: values.next(&MODIFIED_ON)?,
        organisation_id: values.next(&ORGANISATION_ID)?,
        attributes: values.next(&ATTRIBUTES)?,
    })
}

/// The current version of a payment, and its times: all that an update needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) version: Version,
    pub(super) created_on: Timestamp,
    pub(super) modified_on: Timestamp,
}

impl From<&Payment> for Current {
    fn from(payment: &Payment) -> Self {
        Self { version: payment.version, created_on: payment.created_on, modified_on: payment.modified_on }
    }
}

/// How many columns [`pack_currents`] packs, beside the tenant.
const CURRENT: usize = 4;

/// The SQL expression that packs rows for [`currents`]: the tenant first, if the table has tenants.
pub(super) fn pack_currents(has_tenants: bool) -> String {
    let columns: [String; CURRENT] = [ID.packed(), VERSION.packed(), CREATED_ON.packed(), MODIFIED_ON.packed()];
    pack_with_tenant(has_tenants, &columns)
}

fn decode_current(record: &str) -> Option<(&str, Current)> {
    let mut values = Values::new(record, CURRENT);
    let id = values.next(&ID)?;
    let version = Version::parse(values.next(&VERSION)?).ok()?;
    let (created_on, modified_on) = (values.next(&CREATED_ON)?, values.next(&MODIFIED_ON)?);
    Some((id, Current { version, created_on, modified_on }))
}

/// The columns of a payment but its attributes.
const SHORT_COLUMNS: &str = "seq, id, version, created_on, modified_on, organisation_id";

/// The columns of a payment as a subquery.
pub(super) fn columns() -> String {
    format!("{SHORT_COLUMNS}, {}", ATTRIBUTES.name)
}

/// The columns of a payment as a subquery, for [`page`]: attributes of more than [`SHORT`] bytes are replaced by their length,
/// which SQLite knows without reading them. The limit is part of the text, because a bound value is copied for each row.
pub(super) fn columns_with_short_attributes() -> String {
    let name = ATTRIBUTES.name;
    format!("{SHORT_COLUMNS}, iif(octet_length({name}) > {SHORT}, octet_length({name}), {name}) AS {name}")
}

/// The payments of a page; of those with large attributes only their number and the length of the attributes.
#[derive(Default)]
pub(super) struct PackedPage {
    pub(super) rows: Vec<Numbered>,
    pub(super) large: Vec<(i64, usize)>,
}

/// The payments that a query packed into its column `column`, of [`columns_with_short_attributes`] or of all, in no order.
pub(super) fn page(row: &SqliteRow, column: usize) -> Result<PackedPage, Error> {
    let mut page = PackedPage::default();
    for row in unpack(row, column, decode_payment).map_err(failure)? {
        // Attributes are an object, and no number.
        match row.attributes.parse() {
            Ok(length) => page.large.push((row.seq, length)),
            Err(_) => page.rows.push(row.decode()?),
        }
    }
    Ok(page)
}

/// The payments that were asked for by their keys.
pub(super) struct Fetched {
    pub(super) payments: Vec<(Key, Payment)>,
    /// Whether there are others, with large attributes.
    pub(super) has_large: bool,
}

/// The payments that a query packed into its column `column`, of [`columns_with_short_attributes`], in no order.
pub(super) fn fetched(row: &SqliteRow, column: usize, has_tenants: bool) -> Result<Fetched, Error> {
    let mut fetched = Fetched { payments: Vec::new(), has_large: false };
    for (tenant, row) in unpack(row, column, keyed(has_tenants, decode_payment)).map_err(failure)? {
        // Attributes are an object, and no number.
        if row.attributes.parse::<usize>().is_ok() {
            fetched.has_large = true;
        } else {
            let payment = row.decode()?.payment;
            fetched.payments.push((Key { id: payment.id.clone(), tenant: stored_tenant(tenant)? }, payment));
        }
    }
    Ok(fetched)
}

/// The payments that a query packed into its column `column`, in no order.
pub(super) fn payments(row: &SqliteRow, column: usize) -> Result<Vec<Numbered>, Error> {
    unpack(row, column, decode_payment).map_err(failure)?.into_iter().map(Row::decode).collect()
}

/// The keys and current versions of the payments that a query packed into its column `column`, in no order.
pub(super) fn currents(row: &SqliteRow, column: usize, has_tenants: bool) -> Result<Vec<(Key, Current)>, sqlx::Error> {
    let broken = |rule: BrokenRule| sqlx::Error::Decode(format!("the key of a row {rule}").into());
    let to_key = |(tenant, (id, current))| {
        let (id, tenant) = (PaymentId::parse(id).map_err(broken)?, Tenant::stored(tenant).map_err(broken)?);
        Ok((Key { id, tenant }, current))
    };
    unpack(row, column, keyed(has_tenants, decode_current))?.into_iter().map(to_key).collect()
}

fn stored_tenant(text: &str) -> Result<Tenant, Error> {
    Tenant::stored(text).map_err(|rule| Error::Internal(format!("the tenant of a row {rule}").into()))
}

/// The SQL expression that packs the columns of all rows.
fn pack(columns: &[String]) -> String {
    format!("group_concat(concat_ws(char({UNIT}), {}), char({RECORD}))", columns.join(", "))
}

fn pack_with_tenant(has_tenants: bool, columns: &[String]) -> String {
    let tenant = has_tenants.then(|| TENANT.packed());
    pack(&tenant.into_iter().chain(columns.iter().cloned()).collect::<Vec<_>>())
}

/// Decodes a row that the tenant stands before, if the table has tenants; returns no text for the tenant otherwise.
fn keyed<'r, T>(has_tenants: bool, decode: fn(&'r str) -> Option<T>) -> impl Fn(&'r str) -> Option<(&'r str, T)> {
    move |record| {
        let mut rest = Some(record);
        let tenant = if has_tenants { split_off(&mut rest, UNIT, true)? } else { "" };
        Some((tenant, decode(rest?)?))
    }
}

fn unpack<'r, T>(
    row: &'r SqliteRow,
    column: usize,
    decode: impl Fn(&'r str) -> Option<T>,
) -> Result<Vec<T>, sqlx::Error> {
    let malformed = |record| sqlx::Error::Decode(format!("a row is malformed: {record:?}").into());
    // NULL if there are no rows.
    let mut rest = row.try_get::<Option<&str>, _>(column)?;
    let mut rows = Vec::new();
    while let Some(record) = split_off(&mut rest, RECORD, true) {
        rows.push(decode(record).ok_or_else(|| malformed(record))?);
    }
    Ok(rows)
}

/// Takes the text before the next separator off `rest`; all of it if there is none, or if it is not `split`.
///
/// [`str::split`] takes 170 instructions a value (`docs/PERFORMANCE.md`), memchr a fraction of that.
fn split_off<'t>(rest: &mut Option<&'t str>, separator: u8, split: bool) -> Option<&'t str> {
    let text = rest.take()?;
    let end = if split { memchr(separator, text.as_bytes()) } else { None };
    *rest = end.and_then(|end| text.get(end + 1..));
    text.get(..end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::{Column, Integer, Nullable, Text, Values, decode_payment, pack, split_off, unpack};
    use sqlx::sqlite::{SqliteConnection, SqliteRow};
    use sqlx::{AssertSqlSafe, Connection, Executor};

    #[test]
    fn splits_as_the_standard_library_does() {
        for text in ["", "a", "|", "|a", "a|", "a|b", "||", "é||b|cd|"] {
            for most in 1..6 {
                let (mut rest, mut splits) = (Some(text), 1..most);
                let parts = std::iter::from_fn(|| split_off(&mut rest, b'|', splits.next().is_some()));
                assert_eq!(
                    parts.collect::<Vec<_>>(),
                    text.splitn(most, '|').collect::<Vec<_>>(),
                    "{text:?} into {most}"
                );
            }
        }
    }

    #[test]
    fn malformed_rows_are_refused() {
        let whole = "1\u{1f}a\u{1f}0\u{1f}5\u{1f}6\u{1f}acme\u{1f}{\"amount\":\"1\"}";
        let read = decode_payment(whole).unwrap();
        assert_eq!((read.seq, read.id, read.version, read.attributes), (1, "a", 0, r#"{"amount":"1"}"#));
        assert_eq!((read.created_on.micros(), read.modified_on.micros()), (5, 6));
        for broken in ["", "1", "1\u{1f}a", &whole.replace("5", "x"), &whole.replace("5", "9223372036854775807")] {
            assert!(decode_payment(broken).is_none(), "{broken:?}");
        }
    }

    const NUMBER: Column<Integer> = Column::new("number");
    const LAST: Column<Text> = Column::new("last");

    /// Packs rows whose `middle` is NULL, empty and present, in SQLite itself.
    async fn with_a_null_in_the_middle(middle: String) -> SqliteRow {
        let columns = pack(&[NUMBER.packed(), middle, LAST.packed()]);
        let mut sqlite = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let rows = "CREATE TABLE t (number INTEGER, middle TEXT, last TEXT); \
                    INSERT INTO t VALUES (1, NULL, 'x'), (2, '', 'y'), (3, 'm', 'z')";
        sqlite.execute(rows).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("SELECT {columns} FROM t"))).fetch_one(&mut sqlite).await.unwrap()
    }

    #[tokio::test]
    async fn a_null_stays_in_its_column() {
        const MIDDLE: Column<Nullable<Text>> = Column::new("middle");
        let packed = with_a_null_in_the_middle(MIDDLE.packed()).await;
        let rows = unpack(&packed, 0, |record| {
            let mut values = Values::new(record, 3);
            Some((values.next(&NUMBER)?, values.next(&MIDDLE)?, values.next(&LAST)?))
        });
        assert_eq!(rows.unwrap(), [(1, None, "x"), (2, Some(""), "y"), (3, Some("m"), "z")]);
    }

    #[tokio::test]
    async fn a_null_in_a_column_that_has_none_is_an_error() {
        const MIDDLE: Column<Text> = Column::new("middle");
        let packed = with_a_null_in_the_middle(MIDDLE.packed()).await;
        let rows = unpack(&packed, 0, |record| {
            let mut values = Values::new(record, 3);
            Some((values.next(&NUMBER)?, values.next(&MIDDLE)?, values.next(&LAST)?))
        });
        assert!(rows.is_err(), "a row that is a value short was decoded: {rows:?}");
    }
}
