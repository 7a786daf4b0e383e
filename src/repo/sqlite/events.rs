//! The SQL that reads versions and events, for one table.
//!
//! Every statement about events first collects `numbers`: those of the changes and creations that it is about, each with its
//! payment. Then it looks up the version that each of them made: a change is a row of the past, a creation is in the payment's
//! row, or in the row of its first change.
//!
//! The changes of a payment are a list: each row has the number of the change before, and the payment's that of the last. An
//! index has each [`STRIDE`]th of them, so that a walk need not begin at the end of the list.

use super::failure::failure;
use super::packed;
use super::statements::bind_tenant;
use crate::payments::{Error, PaymentId, Tenant, Version};
use crate::repo::events::{EventReader, Scanned, VersionKey};
use crate::repo::table::Table;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::collections::HashMap;
use std::sync::Arc;

/// The SQL for one table. The tenant, which only one of the tables has, is the last value.
#[derive(Debug)]
pub(super) struct EventStatements {
    scan: SqlStr,
    newest: SqlStr,
    scan_payment: SqlStr,
    versions: SqlStr,
    contents: SqlStr,
}

/// The changes of a payment that the index has: those that made a version which this divides. The schema says it, too.
const STRIDE: &str = "version % 16 = 0";

const VERSIONS: &str = r#"
    WITH RECURSIVE {numbers}
    SELECT {packed}{more} FROM (
        SELECT numbers.position AS position, current.seq AS seq, current.id AS id, current.created_on AS created_on,
            {version} AS version, {modified_on} AS modified_on, {deleted} AS deleted, {organisation_id} AS organisation_id,
            {origin_version} AS origin_version, {kind} AS kind, {subject} AS subject, {client_id} AS client_id,
            {request_id} AS request_id,
            CASE
                WHEN event.change IS NULL THEN octet_length(current.attributes)
                WHEN numbers.position = current.seq THEN octet_length(event.attributes)
                ELSE event.length
            END AS length
        FROM numbers
        CROSS JOIN "{payments}" AS current ON current.seq = numbers.seq
        LEFT JOIN "{payments}_past" AS event
            ON event.change = iif(numbers.position = current.seq, current.first_change, numbers.position)
    )"#;
/// A column of a version: of a payment that was never changed, of its creation otherwise, and of a change.
const COLUMN: &str = "CASE WHEN event.change IS NULL THEN current.{column} \
                      WHEN numbers.position = current.seq THEN event.oldest ->> '{column}' ELSE event.{column} END";
/// The columns that [`VERSIONS`] names.
const COLUMNS: [&str; 9] = [
    "version",
    "modified_on",
    "deleted",
    "organisation_id",
    "origin_version",
    "kind",
    "subject",
    "client_id",
    "request_id",
];

// `+ 0`: SQLite plans a statement again each time that a bare parameter is bound as its limit.
const SCAN: &str = r#"
    numbers (position, seq) AS (
        SELECT * FROM (
            SELECT seq, seq FROM "{payments}"{live} WHERE {is_live}seq >= ?1[[ AND tenant = ?3]] ORDER BY seq LIMIT ?2 + 0
        )[[ UNION ALL SELECT * FROM (
            SELECT seq, seq FROM "{payments}" INDEXED BY "{payments}_gone"
            WHERE deleted AND seq >= ?1 AND tenant = ?3 ORDER BY seq LIMIT ?2 + 0
        )]] UNION ALL SELECT * FROM (
            SELECT change, seq FROM "{payments}_past"{past}
            WHERE change >= ?1[[ AND tenant = ?3]] ORDER BY change LIMIT ?2 + 0
        )
        ORDER BY 1 LIMIT ?2 + 0
    )"#;
const NEWEST: &str = r#"
    numbers (position, seq) AS (
        SELECT * FROM (
            SELECT seq, seq FROM "{payments}"{live} WHERE {is_live}true[[ AND tenant = ?1]] ORDER BY seq DESC LIMIT 1
        )[[ UNION ALL SELECT * FROM (
            SELECT seq, seq FROM "{payments}" INDEXED BY "{payments}_gone"
            WHERE deleted AND tenant = ?1 ORDER BY seq DESC LIMIT 1
        )]] UNION ALL SELECT * FROM (
            SELECT change, seq FROM "{payments}_past"{past}
            WHERE true[[ AND tenant = ?1]] ORDER BY change DESC LIMIT 1
        )
        ORDER BY 1 DESC LIMIT 1
    )"#;
// Versions grow with changes, so a bisection finds where the changes from ?1 on begin in the index: none made a version below `low`,
// and the first of them made one at most a stride above. Versions are consecutive, so a walk back from ?2 versions and a stride above
// `low`, or from the end of the list, comes by the whole page.
const SCAN_PAYMENT: &str = r#"
    payment (seq, version, last_change) AS (
        SELECT seq, version, last_change FROM "{payments}" WHERE id = ?3[[ AND tenant = ?4]]
    ),
    bisection (low, high) AS (
        SELECT 0, version FROM payment
        UNION ALL
        SELECT iif({is_before}, {middle} + 1, low), iif({is_before}, high, {middle}) FROM bisection WHERE low < high
    ),
    walk (change, previous) AS (
        SELECT change, previous FROM "{payments}_past"
        WHERE change = (SELECT coalesce((
            SELECT past.change FROM "{payments}_past" AS past
            WHERE past.seq = payment.seq AND {stride} AND past.version >= (SELECT max(low) FROM bisection) + ?2 + 16
            ORDER BY past.version LIMIT 1
        ), last_change) FROM payment)
        UNION ALL
        SELECT past.change, past.previous FROM walk CROSS JOIN "{payments}_past" AS past ON past.change = walk.previous
        WHERE walk.previous >= ?1
    ),
    numbers (position, seq) AS (
        SELECT * FROM (SELECT seq, seq FROM payment WHERE seq >= ?1)
        UNION ALL SELECT walk.change, payment.seq FROM payment CROSS JOIN walk WHERE walk.change >= ?1
        ORDER BY 1 LIMIT ?2 + 0
    )"#;
const MIDDLE: &str = "(low + (high - low) / 2)";
/// Whether the first change from the middle on that the index has came before the change ?1.
const IS_BEFORE: &str = r#"
    coalesce((
        SELECT change FROM "{payments}_past"
        WHERE seq = (SELECT seq FROM payment) AND {stride} AND version >= {middle} ORDER BY version LIMIT 1
    ) < ?1, false)"#;
// `count` is how many versions below ?2 the walk has found.
const HISTORY: &str = r#"
    payment (seq, version, last_change) AS (
        SELECT seq, version, last_change FROM "{payments}" WHERE id = ?1[[ AND tenant = ?4]]
    ),
    walk (change, previous, count) AS (
        SELECT change, previous, ?2 IS NULL OR version < ?2 FROM "{payments}_past"
        WHERE change = (SELECT coalesce((
            SELECT past.change FROM "{payments}_past" AS past
            WHERE past.seq = payment.seq AND {stride} AND past.version >= ?2 ORDER BY past.version LIMIT 1
        ), last_change) FROM payment)
        UNION ALL
        SELECT past.change, past.previous, walk.count + (?2 IS NULL OR past.version < ?2)
        FROM walk CROSS JOIN "{payments}_past" AS past ON past.change = walk.previous
        WHERE walk.count < ?3
    ),
    numbers (position, seq) AS (
        SELECT seq, seq FROM payment
        WHERE last_change IS NULL AND (?2 IS NULL OR version < ?2) OR EXISTS (
            SELECT 1 FROM walk CROSS JOIN "{payments}_past" AS past ON past.change = walk.change
            WHERE walk.previous IS NULL AND (?2 IS NULL OR past.version <= ?2)
        )
        UNION ALL SELECT walk.change, payment.seq FROM payment CROSS JOIN walk WHERE walk.count > 0
        ORDER BY 1 DESC LIMIT ?3 + 0
    )"#;
/// ?1 is an array of pairs in JSON: the number of a payment, and a version. The change that made the next version has its content.
const CONTENTS: &str = r#"
    WITH RECURSIVE wanted (seq, version) AS (SELECT value ->> 0, value ->> 1 FROM json_each(?1)),
    walk (seq, version, change, previous, made) AS (
        SELECT wanted.seq, wanted.version, past.change, past.previous, past.version
        FROM wanted
        CROSS JOIN "{payments}" AS current ON current.seq = wanted.seq AND current.version > wanted.version
        CROSS JOIN "{payments}_past" AS past ON past.change = coalesce((
            SELECT later.change FROM "{payments}_past" AS later
            WHERE later.seq = wanted.seq AND later.{stride} AND later.version > wanted.version
            ORDER BY later.version LIMIT 1
        ), current.last_change)
        UNION ALL
        SELECT walk.seq, walk.version, past.change, past.previous, past.version
        FROM walk CROSS JOIN "{payments}_past" AS past ON past.change = walk.previous
        WHERE walk.made > walk.version + 1
    )
    SELECT {packed} FROM (
        SELECT current.seq AS seq, current.version AS version, current.attributes AS attributes
        FROM wanted CROSS JOIN "{payments}" AS current ON current.seq = wanted.seq AND current.version = wanted.version
        UNION ALL
        SELECT walk.seq, walk.version, past.attributes
        FROM walk CROSS JOIN "{payments}_past" AS past ON past.change = walk.change
        WHERE walk.made = walk.version + 1
    )"#;

fn scan_payment() -> String {
    SCAN_PAYMENT.replace("{is_before}", IS_BEFORE).replace("{middle}", MIDDLE)
}

/// [`VERSIONS`] with its columns.
fn versions() -> String {
    let packed = VERSIONS.replace("{packed}", &packed::pack_versions());
    COLUMNS
        .iter()
        .fold(packed, |sql, column| sql.replace(&format!("{{{column}}}"), &COLUMN.replace("{column}", column)))
}

impl EventStatements {
    pub(super) fn new(table: &Table) -> Self {
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |sql: &str| AssertSqlSafe(Arc::<str>::from(table.fill_in(sql))).into_sql_str();
        // Payments and tombstones of a tenant are in one index each; without tenants both are in the table.
        let (live, is_live, past) = match table.has_tenants() {
            true => (r#" INDEXED BY "{payments}_live""#, "NOT deleted AND ", r#" INDEXED BY "{payments}_past_of""#),
            false => ("", "", ""),
        };
        let selected = versions();
        let versions = |numbers: &str, more: &str| {
            let numbers = numbers.replace("{live}", live).replace("{is_live}", is_live).replace("{past}", past);
            fill_in(&selected.replace("{more}", more).replace("{numbers}", &numbers).replace("{stride}", STRIDE))
        };
        Self {
            scan: versions(SCAN, ""),
            newest: versions(NEWEST, ""),
            scan_payment: versions(&scan_payment(), ""),
            versions: versions(HISTORY, ", (SELECT version FROM payment)"),
            contents: fill_in(&CONTENTS.replace("{packed}", &packed::pack_contents()).replace("{stride}", STRIDE)),
        }
    }

    /// Every statement.
    #[cfg(test)]
    pub(super) fn all(&self) -> [&SqlStr; 5] {
        [&self.scan, &self.newest, &self.scan_payment, &self.versions, &self.contents]
    }
}

/// The events of a tenant, read on one connection.
pub(super) struct Reader<'r> {
    pub(super) sqlite: &'r mut SqliteConnection,
    pub(super) statements: &'r EventStatements,
    pub(super) tenant: &'r Tenant,
}

impl EventReader for Reader<'_> {
    async fn scan(&mut self, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        let scan = bind_tenant(sqlx::query(self.statements.scan.clone()).bind(from).bind(most), self.tenant);
        found(scan.fetch_one(&mut *self.sqlite).await)
    }

    async fn scan_payment(&mut self, id: &PaymentId, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        let scan = sqlx::query(self.statements.scan_payment.clone()).bind(from).bind(most).bind(id.as_str());
        found(bind_tenant(scan, self.tenant).fetch_one(&mut *self.sqlite).await)
    }

    async fn newest(&mut self) -> Result<Option<Scanned>, Error> {
        let newest = bind_tenant(sqlx::query(self.statements.newest.clone()), self.tenant);
        Ok(found(newest.fetch_one(&mut *self.sqlite).await)?.pop())
    }

    async fn versions(
        &mut self,
        id: &PaymentId,
        below: Option<Version>,
        most: u32,
    ) -> Result<Option<(Version, Vec<Scanned>)>, Error> {
        let versions = sqlx::query(self.statements.versions.clone());
        let versions = versions.bind(id.as_str()).bind(below.map(Version::number)).bind(most);
        let row = bind_tenant(versions, self.tenant).fetch_one(&mut *self.sqlite).await.map_err(failure)?;
        let Some(newest) = row.try_get::<Option<i64>, _>(1).map_err(failure)? else { return Ok(None) };
        let broken = |rule| Error::Internal(format!("the version of a row {rule}").into());
        let mut versions = packed::versions(&row, 0)?;
        versions.reverse();
        Ok(Some((Version::parse(newest).map_err(broken)?, versions)))
    }

    async fn contents(&mut self, versions: &[VersionKey]) -> Result<HashMap<VersionKey, Arc<str>>, Error> {
        let wanted = serde_json::to_string(versions).map_err(|error| Error::Internal(error.into()))?;
        let contents = sqlx::query(self.statements.contents.clone()).bind(wanted);
        packed::contents(&contents.fetch_one(&mut *self.sqlite).await.map_err(failure)?, 0)
    }
}

fn found(row: Result<SqliteRow, sqlx::Error>) -> Result<Vec<Scanned>, Error> {
    packed::versions(&row.map_err(failure)?, 0)
}
