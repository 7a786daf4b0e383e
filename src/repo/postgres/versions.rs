//! The SQL that reads versions and events, and the functions that run it.
//!
//! The newest version of a payment is its row, the others are rows of the past. The row of a version names the change that
//! replaced it. So what a change made is the next version: a row of the past, or the payment's own. One statement reads both
//! tables at one moment, so no version is missed on its way from one to the other.

use super::failure::failure;
use super::statements::{USUAL_ARRAY, bind_tenant};
use crate::payments::{Error, PaymentId, Tenant, Version};
use crate::repo::events::{EventReader, Scanned, VersionKey, VersionRow};
use crate::repo::table::Table;
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::collections::HashMap;
use std::sync::Arc;

/// The statements for one table. The tenant is the last parameter in those of the table that has tenants.
#[derive(Debug)]
pub(super) struct Versions {
    scan: SqlStr,
    scan_payment: SqlStr,
    newest: SqlStr,
    versions: SqlStr,
    contents: SqlStr,
}

/// The columns of a version, in the order in which [`decode`] reads them.
const COLUMNS: &str = "made.version, made.modified_on, made.deleted, made.organisation_id, made.length, \
                       made.origin_version, made.kind, made.subject, made.client_id, made.request_id";
/// Those of a row of the past, and of the row of a payment.
const OF_PAST: &str = "past.version, past.modified_on, past.deleted, past.organisation_id, \
                       octet_length(past.attributes)::bigint AS length, past.version AS origin_version, past.kind, \
                       past.subject, past.client_id, past.request_id";
const OF_NEWEST: &str = "payment.version, payment.modified_on, payment.deleted, payment.organisation_id, \
                         octet_length(payment.attributes)::bigint AS length, payment.origin_version, payment.kind, \
                         payment.subject, payment.client_id, payment.request_id";

/// What the changes made that `{found}` numbers: each names the version that it replaced, a creation -1. A creation has made the
/// first version that is known: releases without history have replaced others. `OFFSET 0` and `LIMIT` keep the look-ups of
/// each payment by themselves, so that a plan from before there were statistics walks along no table.
const MADE: &str = r#"
    SELECT found.number, payment.seq, payment.id, payment.created_on, {columns}
    FROM ({found}) AS found
    CROSS JOIN LATERAL (
        SELECT * FROM "{payments}" AS payment
        WHERE payment.id = found.id[[ AND payment.tenant = {tenant}]] OFFSET 0
    ) AS payment
    CROSS JOIN LATERAL (
        (
            SELECT {of_past} FROM "{payments}_past" AS past
            WHERE past.id = found.id AND past.version > found.replaced[[ AND past.tenant = {tenant}]]
            ORDER BY past.version LIMIT 1
        )
        UNION ALL SELECT {of_newest}
        ORDER BY version LIMIT 1
    ) AS made
    ORDER BY found.number"#;

/// The events from the number `$1` to `$2`, the first `$3`.
const SCAN: &str = r#"
    SELECT * FROM (
        (
            SELECT seq AS number, id, -1::bigint AS replaced FROM "{payments}"
            WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3
        )
        UNION ALL (
            SELECT seq, id, -1 FROM "{payments}"
            WHERE deleted[[ AND tenant COLLATE "POSIX" = $4]] AND seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3
        )
        UNION ALL (
            SELECT change, id, version FROM "{payments}_past"
            WHERE change >= $1 AND change <= $2[[ AND tenant COLLATE "POSIX" = $4]] ORDER BY change LIMIT $3
        )
    ) AS every ORDER BY number LIMIT $3"#;

/// The last event up to the number `$1`.
const NEWEST: &str = r#"
    SELECT * FROM (
        (
            SELECT seq AS number, id, -1::bigint AS replaced FROM "{payments}"
            WHERE NOT deleted[[ AND tenant COLLATE "POSIX" = $2]] AND seq <= $1 ORDER BY seq DESC LIMIT 1
        )
        UNION ALL (
            SELECT seq, id, -1 FROM "{payments}"
            WHERE deleted[[ AND tenant COLLATE "POSIX" = $2]] AND seq <= $1 ORDER BY seq DESC LIMIT 1
        )
        UNION ALL (
            SELECT change, id, version FROM "{payments}_past"
            WHERE change <= $1[[ AND tenant COLLATE "POSIX" = $2]] ORDER BY change DESC LIMIT 1
        )
    ) AS every ORDER BY number DESC LIMIT 1"#;

/// The events of the payment `$4` from the number `$1` to `$2`, the first `$3`. The version to begin with is found by bisection,
/// because the past of a payment is in the order of its versions, in which the changes ascend too: all versions below `low` were
/// replaced before `$1`, and the one at `high` was not.
const SCAN_PAYMENT: &str = r#"
    WITH RECURSIVE search (low, high) AS (
        SELECT 0::bigint, version FROM "{payments}" WHERE id = $4[[ AND tenant = $5]]
        UNION ALL
        SELECT CASE WHEN is_before THEN middle + 1 ELSE low END, CASE WHEN is_before THEN high ELSE middle END
        FROM (SELECT low, high, low + (high - low) / 2 AS middle FROM search WHERE low < high) AS half
        CROSS JOIN LATERAL (
            SELECT coalesce((
                SELECT change < $1 FROM "{payments}_past"
                WHERE id = $4 AND version >= middle[[ AND tenant = $5]] ORDER BY version LIMIT 1
            ), false) AS is_before
        ) AS look
    )
    SELECT * FROM (
        SELECT seq AS number, id, -1::bigint AS replaced FROM "{payments}" WHERE id = $4[[ AND tenant = $5]]
        UNION ALL (
            SELECT change, id, version FROM "{payments}_past"
            WHERE id = $4 AND version >= (SELECT max(low) FROM search)[[ AND tenant = $5]] ORDER BY version LIMIT $3
        )
    ) AS every WHERE number >= $1 AND number <= $2 ORDER BY number LIMIT $3"#;

/// The versions of the payment `$1` that are `$2` at most, the last `$3`; if there are none, one row without them. `change` is
/// the number of the change that replaced the version.
const VERSIONS: &str = r#"
    SELECT made.change, payment.seq, payment.id, payment.created_on, {columns}, payment.version
    FROM "{payments}" AS payment
    LEFT JOIN LATERAL (
        SELECT NULL::bigint AS change, {of_newest} WHERE payment.version <= $2
        UNION ALL (
            SELECT past.change, {of_past} FROM "{payments}_past" AS past
            WHERE past.id = $1 AND past.version <= $2[[ AND past.tenant = $4]]
            ORDER BY past.version DESC LIMIT $3
        )
        ORDER BY version DESC LIMIT $3
    ) AS made ON true
    WHERE payment.id = $1[[ AND payment.tenant = $4]]
    ORDER BY made.version DESC"#;

/// The content of the versions `$3` of the payments `$2`, whose numbers are `$1`.
const CONTENTS: &str = r#"
    SELECT wanted.seq, wanted.version, found.attributes
    FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])) AS wanted (seq, id, version)
    CROSS JOIN LATERAL (
        SELECT attributes FROM "{payments}_past" AS past
        WHERE past.id = wanted.id AND past.version = wanted.version[[ AND past.tenant = $4]]
        UNION ALL
        SELECT attributes FROM "{payments}" AS payment
        WHERE payment.id = wanted.id AND payment.version = wanted.version[[ AND payment.tenant = $4]]
        OFFSET 0
    ) AS found"#;

impl Versions {
    pub(super) fn new(table: &Table) -> Self {
        let fill_in = |sql: &str| {
            let sql = sql.replace("{of_past}", OF_PAST).replace("{of_newest}", OF_NEWEST);
            let sql = sql.replace("{columns}", COLUMNS);
            // Safe: a table name is an identifier and nothing else.
            AssertSqlSafe(Arc::<str>::from(table.fill_in(&sql))).into_sql_str()
        };
        let made = |found: &str, tenant: &str| fill_in(&MADE.replace("{found}", found).replace("{tenant}", tenant));
        Self {
            scan: made(SCAN, "$4"),
            scan_payment: made(SCAN_PAYMENT, "$5"),
            newest: made(NEWEST, "$2"),
            versions: fill_in(VERSIONS),
            contents: fill_in(CONTENTS),
        }
    }
}

/// Reads the versions and events of one tenant.
pub(super) struct Reader<'r> {
    connection: &'r mut PgConnection,
    versions: &'r Versions,
    tenant: &'r Tenant,
    /// The last number that is shown.
    up_to: i64,
    /// The ids of the payments that were found, by their numbers.
    ids: HashMap<i64, PaymentId>,
}

impl<'r> Reader<'r> {
    /// A reader of events up to the number `up_to`.
    pub(super) fn new(
        connection: &'r mut PgConnection,
        versions: &'r Versions,
        tenant: &'r Tenant,
        up_to: i64,
    ) -> Self {
        Self { connection, versions, tenant, up_to, ids: HashMap::new() }
    }

    fn decode(&mut self, rows: &[PgRow]) -> Result<Vec<Scanned>, Error> {
        rows.iter().map(|row| Ok(self.remember(decode(row, row.try_get(0).map_err(failure)?)?))).collect()
    }

    fn remember(&mut self, scanned: Scanned) -> Scanned {
        self.ids.entry(scanned.seq).or_insert_with(|| scanned.event.payment_id.clone());
        scanned
    }
}

impl EventReader for Reader<'_> {
    async fn scan(&mut self, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        // An event at `from` was shown by another process, which knew it to be settled: see `Order`.
        let scan = sqlx::query(self.versions.scan.clone()).bind(from).bind(self.up_to.max(from)).bind(i64::from(most));
        let rows = bind_tenant(scan, self.tenant).fetch_all(&mut *self.connection).await.map_err(failure)?;
        self.decode(&rows)
    }

    async fn scan_payment(&mut self, id: &PaymentId, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        let scan = sqlx::query(self.versions.scan_payment.clone());
        let scan = scan.bind(from).bind(self.up_to).bind(i64::from(most)).bind(id.as_str());
        let rows = bind_tenant(scan, self.tenant).fetch_all(&mut *self.connection).await.map_err(failure)?;
        self.decode(&rows)
    }

    async fn newest(&mut self) -> Result<Option<Scanned>, Error> {
        let newest = bind_tenant(sqlx::query(self.versions.newest.clone()).bind(self.up_to), self.tenant);
        let rows = newest.fetch_all(&mut *self.connection).await.map_err(failure)?;
        Ok(self.decode(&rows)?.pop())
    }

    async fn versions(
        &mut self,
        id: &PaymentId,
        below: Option<Version>,
        most: u32,
    ) -> Result<Option<(Version, Vec<Scanned>)>, Error> {
        let up_to = below.map_or(i64::MAX, |below| below.number() - 1);
        // One more: what replaced it made the last of them.
        let versions = sqlx::query(self.versions.versions.clone());
        let versions = versions.bind(id.as_str()).bind(up_to).bind(i64::from(most) + 1);
        let rows = bind_tenant(versions, self.tenant).fetch_all(&mut *self.connection).await.map_err(failure)?;
        let Some(first) = rows.first() else { return Ok(None) };
        let broken = |rule| Error::Internal(format!("the version of a row {rule}").into());
        let newest = Version::parse(first.try_get(14).map_err(failure)?).map_err(broken)?;
        let mut found = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate().take(most as usize) {
            if row.try_get::<Option<i64>, _>(4).map_err(failure)?.is_none() {
                break;
            }
            let made_by = rows.get(number + 1).map_or_else(|| row.try_get(1), |replaced| replaced.try_get(0));
            let scanned = decode(row, made_by.map_err(failure)?)?;
            found.push(self.remember(scanned));
        }
        Ok(Some((newest, found)))
    }

    async fn contents(&mut self, versions: &[VersionKey]) -> Result<HashMap<VersionKey, Arc<str>>, Error> {
        let wanted = versions.iter().filter_map(|key| Some((self.ids.get(&key.0)?.as_str(), *key)));
        let mut wanted: Vec<_> = wanted.collect();
        if let Some(last) = wanted.last().copied() {
            wanted.resize(wanted.len().max(USUAL_ARRAY), last);
        }
        let contents = sqlx::query(self.versions.contents.clone())
            .bind(wanted.iter().map(|(_, (seq, _))| *seq).collect::<Vec<_>>())
            .bind(wanted.iter().map(|(id, _)| *id).collect::<Vec<_>>())
            .bind(wanted.iter().map(|(_, (_, version))| *version).collect::<Vec<_>>());
        let rows = bind_tenant(contents, self.tenant).fetch_all(&mut *self.connection).await.map_err(failure)?;
        let content = |row: &PgRow| {
            let key = (row.try_get(0)?, row.try_get(1)?);
            Ok((key, Arc::from(row.try_get::<&str, _>(2)?)))
        };
        rows.iter().map(content).collect::<Result<_, sqlx::Error>>().map_err(failure)
    }
}

/// The event that the change `position` was.
fn decode(row: &PgRow, position: i64) -> Result<Scanned, Error> {
    fn columns(row: &PgRow, position: i64) -> Result<VersionRow<'_>, sqlx::Error> {
        let time = |column: usize| row.try_get::<DateTime<Utc>, _>(column).map(Into::into);
        Ok(VersionRow {
            position,
            seq: row.try_get(1)?,
            id: row.try_get(2)?,
            created_on: time(3)?,
            version: row.try_get(4)?,
            modified_on: time(5)?,
            deleted: row.try_get(6)?,
            organisation_id: row.try_get(7)?,
            length: row.try_get(8)?,
            origin_version: row.try_get(9)?,
            kind: row.try_get(10)?,
            subject: row.try_get(11)?,
            client_id: row.try_get(12)?,
            request_id: row.try_get(13)?,
        })
    }
    columns(row, position).map_err(failure)?.decode()
}
