//! The SQL that reads pages, and the functions that run it.
//!
//! A page is bounded in bytes. It is read without the attributes of large payments first; if it has such payments, it is read
//! once more by a statement that sums lengths up, and stops reading attributes where the page is full. PostgreSQL knows the
//! length of a text without reading it. Usual pages are read once, because the second statement takes twice as long.

use super::failure::failure;
use super::statements::{bind_tenant, to_row};
use crate::payments::{Error, PageStart, Position, Tenant};
use crate::repo::page::{PAGE_BYTES, SHORT, shorten};
use crate::repo::row::Numbered;
use crate::repo::table::Table;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::sync::Arc;

/// The statements for one table. `$1` is where the page starts, `$2` how many payments it has at most, `$3` the last number
/// that it may show, `$4` the tenant in the table that has tenants.
#[derive(Debug)]
pub(super) struct Pages {
    after: Forms,
    before: Forms,
    offset: Forms,
    stands_before: SqlStr,
}

/// A statement in the two forms that are described above.
#[derive(Debug)]
struct Forms {
    short: SqlStr,
    bounded: SqlStr,
}

/// The rows of a page.
pub(super) struct PageRows {
    /// In order of creation.
    pub(super) rows: Vec<Numbered>,
    /// Whether payments stand before them, at the same moment; not known of no rows.
    pub(super) has_previous: bool,
}

// The collation is that of the index: see the migration.
const AFTER: &str = r#"
    SELECT * FROM "{payments}" WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq > $1 AND seq <= $3 ORDER BY seq LIMIT $2"#;
const BEFORE: &str = r#"
    SELECT * FROM "{payments}" WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq < $1 AND seq <= $3 ORDER BY seq DESC LIMIT $2"#;
// The inner query skips along the index, without reading rows.
const OFFSET: &str = r#"
    SELECT * FROM "{payments}"
    WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq <= $3 AND seq >= (
        SELECT seq FROM "{payments}" WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] ORDER BY seq LIMIT 1 OFFSET $1
    )
    ORDER BY seq LIMIT $2"#;

// Whether payments stand before a page. `ORDER BY … LIMIT 1` instead of `EXISTS`, for which the planner would scan the table
// itself, tombstones included; from the page backwards, because the index may begin with entries of rows that were deleted
// since the last vacuum.
const STANDS_BEFORE: &str = r#"
    SELECT seq FROM "{payments}" WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = {tenant}]] AND seq <= $1 ORDER BY seq DESC LIMIT 1"#;
const STANDS_BEYOND: &str = r#"
    SELECT seq FROM "{payments}" WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq < $1 AND seq <= $3 ORDER BY seq DESC LIMIT 1 OFFSET $2"#;

impl Pages {
    pub(super) fn new(table: &Table) -> Self {
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |sql: &str| AssertSqlSafe(Arc::<str>::from(table.fill_in(sql))).into_sql_str();
        let forms = |page: &str, order: &str, has_previous: &str| Forms {
            short: fill_in(&short(page, has_previous)),
            bounded: fill_in(&bounded(page, order, has_previous)),
        };
        Self {
            after: forms(AFTER, "ASC", &format!("({}) IS NOT NULL", STANDS_BEFORE.replace("{tenant}", "$4"))),
            before: forms(BEFORE, "DESC", &format!("({STANDS_BEYOND}) IS NOT NULL")),
            // Those that were skipped.
            offset: forms(OFFSET, "ASC", "$1 > 0"),
            stands_before: fill_in(&STANDS_BEFORE.replace("{tenant}", "$2")),
        }
    }

    /// At most `size` rows of `tenant` from `start` on, as many as fit on a page, none of them beyond the number `up_to`.
    pub(super) async fn read(
        &self,
        connection: &mut PgConnection,
        tenant: &Tenant,
        start: PageStart,
        size: u32,
        up_to: i64,
    ) -> Result<PageRows, Error> {
        let (forms, from) = match start {
            // Nothing can hold more payments than there are numbers for them.
            PageStart::Offset(offset) => (&self.offset, i64::try_from(offset).unwrap_or(i64::MAX)),
            PageStart::After(Position(after)) => (&self.after, after),
            PageStart::Before(Position(before)) => (&self.before, before),
        };
        let page = |sql: &SqlStr| {
            let page = sqlx::query(sql.clone()).bind(from).bind(i64::from(size)).bind(up_to);
            bind_tenant(page, tenant)
        };
        let mut found = page(&forms.short).fetch_all(&mut *connection).await.map_err(failure)?;
        if lack_attributes(&found)? {
            found = page(&forms.bounded).fetch_all(connection).await.map_err(failure)?;
        }
        decode(start, &found)
    }

    /// Whether payments stand at `end` or before it.
    pub(super) async fn stands_before(
        &self,
        connection: &mut PgConnection,
        tenant: &Tenant,
        Position(end): Position,
    ) -> Result<bool, Error> {
        let look = bind_tenant(sqlx::query(self.stands_before.clone()).bind(end), tenant);
        Ok(look.fetch_optional(connection).await.map_err(failure)?.is_some())
    }
}

/// The columns that every row has, apart from its attributes.
const COLUMNS: &str = "seq, id, version, created_on, modified_on, organisation_id";

/// Reads short attributes only.
fn short(page: &str, has_previous: &str) -> String {
    format!(
        "SELECT {COLUMNS}, CASE WHEN octet_length(attributes) <= {SHORT} THEN attributes END, {has_previous} \
         FROM ({page}) AS found"
    )
}

/// Reads the attributes of as many payments as fit. The first fits, however large it is: its own bytes are all up to there.
fn bounded(page: &str, order: &str, has_previous: &str) -> String {
    format!(
        "SELECT {COLUMNS}, CASE WHEN bytes <= {PAGE_BYTES} OR bytes = octet_length(attributes) THEN attributes END, \
         {has_previous} \
         FROM (SELECT *, sum(octet_length(attributes)) OVER (ORDER BY seq {order} ROWS UNBOUNDED PRECEDING) AS bytes \
         FROM ({page}) AS found) AS measured"
    )
}

/// Whether the attributes of a payment were left out.
fn lack_attributes(found: &[PgRow]) -> Result<bool, Error> {
    for row in found {
        if attributes(row)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn attributes(row: &PgRow) -> Result<Option<&str>, Error> {
    row.try_get(6).map_err(failure)
}

/// Decodes the rows that have attributes; the others did not fit.
fn decode(start: PageStart, found: &[PgRow]) -> Result<PageRows, Error> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        if attributes(row)?.is_some() {
            rows.push(to_row(row)?.decode()?);
        }
    }
    // PostgreSQL keeps the order of the page, or reverses it as a whole, but does not promise to.
    rows.sort_unstable_by_key(|row| row.seq);
    let stands_before = found.first().map_or(Ok(false), |row| row.try_get(7)).map_err(failure)?;
    let leaves_out = matches!(start, PageStart::Before(_)) && rows.len() < found.len();
    let has_previous = shorten(start, &mut rows) || leaves_out || stands_before;
    Ok(PageRows { rows, has_previous })
}
