//! The SQL that reads versions and events, for one table.
//!
//! Every statement first collects `numbers`: those of the changes and creations that it is about, each with its payment and the
//! version `after` which the one stands that the change made (-1 for a creation: the oldest that is known). Then it looks each
//! of these versions up: among the rows of the past, or else in the row of the payment.

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

/// The attributes' length is looked up on either side, because SQLite knows the length of a column without reading it.
const VERSIONS: &str = r#"
    WITH {numbers}
    SELECT {packed}{more} FROM (
        SELECT numbers.position AS position, current.seq AS seq, current.id AS id, current.created_on AS created_on,
            iif(next.change IS NULL, current.version, next.version) AS version,
            iif(next.change IS NULL, current.modified_on, next.modified_on) AS modified_on,
            iif(next.change IS NULL, current.deleted, next.deleted) AS deleted,
            iif(next.change IS NULL, current.organisation_id, next.organisation_id) AS organisation_id,
            iif(next.change IS NULL, current.origin_version, next.origin_version) AS origin_version,
            iif(next.change IS NULL, current.kind, next.kind) AS kind,
            iif(next.change IS NULL, current.subject, next.subject) AS subject,
            iif(next.change IS NULL, current.client_id, next.client_id) AS client_id,
            iif(next.change IS NULL, current.request_id, next.request_id) AS request_id,
            iif(next.change IS NULL, octet_length(current.attributes), octet_length(next.attributes)) AS length
        FROM numbers
        CROSS JOIN "{payments}" AS current ON current.seq = numbers.seq
        LEFT JOIN "{payments}_past" AS next ON next.change = (
            SELECT later.change FROM "{payments}_past" AS later
            WHERE later.seq = numbers.seq AND later.version > numbers.after ORDER BY later.version LIMIT 1
        )
    )"#;

// `+ 0`: SQLite plans a statement again each time that a bare parameter is bound as its limit.
const SCAN: &str = r#"
    numbers (position, seq, after) AS (
        SELECT * FROM (
            SELECT seq, seq, -1 FROM "{payments}"{live} WHERE {is_live}seq >= ?1[[ AND tenant = ?3]] ORDER BY seq LIMIT ?2 + 0
        )[[ UNION ALL SELECT * FROM (
            SELECT seq, seq, -1 FROM "{payments}" INDEXED BY "{payments}_gone"
            WHERE deleted AND seq >= ?1 AND tenant = ?3 ORDER BY seq LIMIT ?2 + 0
        )]] UNION ALL SELECT * FROM (
            SELECT change, seq, version FROM "{payments}_past"{past}
            WHERE change >= ?1[[ AND tenant = ?3]] ORDER BY change LIMIT ?2 + 0
        )
        ORDER BY 1 LIMIT ?2 + 0
    )"#;
const NEWEST: &str = r#"
    numbers (position, seq, after) AS (
        SELECT * FROM (
            SELECT seq, seq, -1 FROM "{payments}"{live} WHERE {is_live}true[[ AND tenant = ?1]] ORDER BY seq DESC LIMIT 1
        )[[ UNION ALL SELECT * FROM (
            SELECT seq, seq, -1 FROM "{payments}" INDEXED BY "{payments}_gone"
            WHERE deleted AND tenant = ?1 ORDER BY seq DESC LIMIT 1
        )]] UNION ALL SELECT * FROM (
            SELECT change, seq, version FROM "{payments}_past"{past}
            WHERE true[[ AND tenant = ?1]] ORDER BY change DESC LIMIT 1
        )
        ORDER BY 1 DESC LIMIT 1
    )"#;
// Versions grow with changes, so a bisection finds where the changes from ?1 on begin in the index of versions. `low` is the
// first version that may be one of them.
const SCAN_PAYMENT: &str = r#"
    payment (seq, version) AS (SELECT seq, version FROM "{payments}" WHERE id = ?3[[ AND tenant = ?4]]),
    bisection (low, high) AS (
        SELECT 0, version FROM payment
        UNION ALL
        SELECT iif({is_before}, {middle} + 1, low), iif({is_before}, high, {middle}) FROM bisection WHERE low < high
    ),
    numbers (position, seq, after) AS (
        SELECT * FROM (SELECT seq, seq, -1 FROM payment WHERE seq >= ?1)
        UNION ALL SELECT * FROM (
            SELECT change, seq, version FROM "{payments}_past"
            WHERE seq = (SELECT seq FROM payment) AND version >= (SELECT max(low) FROM bisection) AND change >= ?1
            ORDER BY version LIMIT ?2 + 0
        )
        ORDER BY 1 LIMIT ?2 + 0
    )"#;
const MIDDLE: &str = "(low + (high - low) / 2)";
/// Whether the first of the versions from the middle on was replaced before the change ?1.
const IS_BEFORE: &str = r#"
    coalesce((
        SELECT change FROM "{payments}_past"
        WHERE seq = (SELECT seq FROM payment) AND version >= {middle} ORDER BY version LIMIT 1
    ) < ?1, false)"#;
// `top` is the newest version that is below ?2. What made it and what came before are the changes of older versions, and the
// creation.
const HISTORY: &str = r#"
    payment (seq, version) AS (SELECT seq, version FROM "{payments}" WHERE id = ?1[[ AND tenant = ?4]]),
    top (version) AS (
        SELECT version FROM payment WHERE ?2 IS NULL OR version < ?2
        UNION ALL SELECT * FROM (
            SELECT version FROM "{payments}_past" WHERE seq = (SELECT seq FROM payment) AND version < ?2
            ORDER BY version DESC LIMIT 1
        )
    ),
    numbers (position, seq, after) AS (
        SELECT * FROM (SELECT seq, seq, -1 FROM payment WHERE EXISTS (SELECT 1 FROM top))
        UNION ALL SELECT * FROM (
            SELECT change, seq, version FROM "{payments}_past"
            WHERE seq = (SELECT seq FROM payment) AND version < (SELECT max(version) FROM top)
            ORDER BY version DESC LIMIT ?3 + 0
        )
        ORDER BY 1 DESC LIMIT ?3 + 0
    )"#;
/// ?1 is an array of pairs in JSON: the number of a payment, and a version.
const CONTENTS: &str = r#"
    WITH wanted (seq, version) AS (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
    SELECT {packed} FROM (
        SELECT current.seq AS seq, current.version AS version, current.attributes AS attributes
        FROM wanted CROSS JOIN "{payments}" AS current ON current.seq = wanted.seq AND current.version = wanted.version
        UNION ALL
        SELECT past.seq, past.version, past.attributes
        FROM wanted CROSS JOIN "{payments}_past" AS past ON past.seq = wanted.seq AND past.version = wanted.version
    )"#;

fn scan_payment() -> String {
    SCAN_PAYMENT.replace("{is_before}", IS_BEFORE).replace("{middle}", MIDDLE)
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
        let versions = |numbers: &str, more: &str| {
            let numbers = numbers.replace("{live}", live).replace("{is_live}", is_live).replace("{past}", past);
            let sql = VERSIONS.replace("{packed}", &packed::pack_versions()).replace("{more}", more);
            fill_in(&sql.replace("{numbers}", &numbers))
        };
        Self {
            scan: versions(SCAN, ""),
            newest: versions(NEWEST, ""),
            scan_payment: versions(&format!("RECURSIVE {}", scan_payment()), ""),
            versions: versions(HISTORY, ", (SELECT version FROM payment)"),
            contents: fill_in(&CONTENTS.replace("{packed}", &packed::pack_contents())),
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
