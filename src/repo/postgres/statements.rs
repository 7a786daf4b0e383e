//! The SQL of every statement, and the functions that run it.

use super::failure::failure;
use crate::payments::{Change, Deletion, Error, Origin, Payment, Tenant, Timestamp, Version};
use crate::repo::events::storable;
use crate::repo::key::{Key, KeyRef};
use crate::repo::row::Row;
use crate::repo::table::Table;
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgConnection, PgRow, Postgres};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::sync::Arc;

/// The SQL for one table. `$1` and so on stand for values; the tenant, which only one of the tables has, is the last.
#[derive(Debug)]
pub(super) struct Statements {
    has_tenants: bool,
    create: SqlStr,
    fetch: SqlStr,
    update: SqlStr,
    delete: SqlStr,
    look: SqlStr,
    count: SqlStr,
}

// `seq` is drawn for the row that the gate yields, so after the insert was announced.
const CREATE: &str = r#"
    WITH gate AS MATERIALIZED ({gate})
    INSERT INTO "{payments}" (
        id, version, created_on, modified_on, organisation_id, attributes,
        subject, client_id, request_id, origin_version[[, tenant]]
    )
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $2[[, $10]] FROM gate
    ON CONFLICT (id[[, tenant]]) DO NOTHING"#;
const FETCH: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes FROM "{payments}"
    WHERE id = ANY($1) AND NOT deleted"#;
// Tenants stand at the same places of another array. `OFFSET 0` keeps the look-up of each key by itself: otherwise the planner
// scans a table that has no statistics yet, and keeps the plan.
const FETCH_OF_TENANTS: &str = r#"
    SELECT seq, found.id, version, created_on, modified_on, organisation_id, attributes, found.tenant
    FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS wanted (id, tenant)
    CROSS JOIN LATERAL (
        SELECT * FROM "{payments}" AS payment
        WHERE payment.id = wanted.id AND payment.tenant = wanted.tenant AND NOT payment.deleted
        OFFSET 0
    ) AS found"#;
const UPDATE: &str = r#"
    UPDATE "{payments}" SET version = $3, modified_on = greatest(modified_on, $4), organisation_id = $5, attributes = $6,
        subject = $7, client_id = $8, request_id = $9, origin_version = $3, kind = NULL
    WHERE id = $1 AND version = $2 AND NOT deleted[[ AND tenant = $10]]
    RETURNING created_on, modified_on"#;
const DELETE: &str = r#"
    UPDATE "{payments}" SET deleted = true, version = $3, modified_on = greatest(modified_on, $4),
        subject = $5, client_id = $6, request_id = $7, origin_version = $3, kind = NULL
    WHERE id = $1 AND version = $2 AND NOT deleted[[ AND tenant = $8]]"#;
const LOOK: &str = r#"
    SELECT version FROM "{payments}"
    WHERE id = $1 AND NOT deleted[[ AND tenant = $2]]"#;
const COUNT: &str = r#"SELECT count(*) FILTER (WHERE NOT deleted), count(*) FILTER (WHERE deleted) FROM "{payments}""#;

/// The length that PostgreSQL assumes for an array in a generic plan. It keeps the generic plan only if custom plans are no
/// cheaper; with fewer elements they would be, and it would plan each time.
pub(super) const USUAL_ARRAY: usize = 10;

impl Statements {
    /// `gate` announces an insert before its number is drawn: see [`Order::gate`](super::order::Order::gate).
    pub(super) fn new(table: &Table, gate: &str) -> Self {
        // Safe: a table name is an identifier and nothing else, and the gate consists of such names and numbers.
        let fill_in =
            |sql: &str| AssertSqlSafe(Arc::<str>::from(table.fill_in(&sql.replace("{gate}", gate)))).into_sql_str();
        Self {
            has_tenants: table.has_tenants(),
            create: fill_in(CREATE),
            fetch: fill_in(if table.has_tenants() { FETCH_OF_TENANTS } else { FETCH }),
            update: fill_in(UPDATE),
            delete: fill_in(DELETE),
            look: fill_in(LOOK),
            count: fill_in(COUNT),
        }
    }

    /// Inserts the payment. `false` if its id is taken.
    pub(super) async fn create(
        &self,
        connection: &mut PgConnection,
        tenant: &Tenant,
        payment: &Payment,
        origin: &Origin,
    ) -> Result<bool, Error> {
        let create = sqlx::query(self.create.clone())
            .bind(payment.id.as_str())
            .bind(payment.version.number())
            .bind(payment.created_on.to_utc())
            .bind(payment.modified_on.to_utc())
            .bind(payment.organisation_id.as_str())
            .bind(payment.attributes.as_str());
        let done = bind_tenant(bind_origin(create, origin), tenant).execute(connection).await.map_err(failure)?;
        Ok(done.rows_affected() > 0)
    }

    /// Those of the payments that exist, in no order.
    pub(super) async fn fetch(
        &self,
        connection: &mut PgConnection,
        keys: &[Key],
    ) -> Result<Vec<(Key, Payment)>, Error> {
        let fetch = sqlx::query(self.fetch.clone()).bind(array(keys, |key| key.id.as_str()));
        let fetch = if self.has_tenants { fetch.bind(array(keys, |key| key.tenant.as_str())) } else { fetch };
        let rows = fetch.fetch_all(connection).await.map_err(failure)?;
        rows.iter().map(|row| self.decode(row)).collect()
    }

    fn decode(&self, row: &PgRow) -> Result<(Key, Payment), Error> {
        let payment = to_row(row)?.decode()?.payment;
        let tenant = if self.has_tenants { row.try_get(7).map_err(failure)? } else { "" };
        let broken = |rule| Error::Internal(format!("the tenant of a row {rule}").into());
        Ok((Key { id: payment.id.clone(), tenant: Tenant::stored(tenant).map_err(broken)? }, payment))
    }

    /// Updates the payment, and returns when it was created and modified. `None` if it is not at version `expected`.
    pub(super) async fn update(
        &self,
        connection: &mut PgConnection,
        KeyRef { id, tenant }: KeyRef<'_>,
        expected: Version,
        change: &Change,
    ) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        let update = sqlx::query(self.update.clone())
            .bind(id.as_str())
            .bind(expected.number())
            // NULL if there is no next version, which the column refuses.
            .bind(expected.next().map(Version::number))
            .bind(change.modified_on.to_utc())
            .bind(change.organisation_id.as_str())
            .bind(change.attributes.as_str());
        let Some(row) = bind_tenant(bind_origin(update, &change.origin), tenant)
            .fetch_optional(connection)
            .await
            .map_err(failure)?
        else {
            return Ok(None);
        };
        let time = |column: usize| row.try_get::<DateTime<Utc>, _>(column).map(Timestamp::from).map_err(failure);
        Ok(Some((time(0)?, time(1)?)))
    }

    /// Deletes the payment. `false` if it is not at version `expected`.
    pub(super) async fn delete(
        &self,
        connection: &mut PgConnection,
        KeyRef { id, tenant }: KeyRef<'_>,
        expected: Version,
        deletion: &Deletion,
    ) -> Result<bool, Error> {
        let delete = sqlx::query(self.delete.clone())
            .bind(id.as_str())
            .bind(expected.number())
            // NULL if there is no next version, as in an update.
            .bind(expected.next().map(Version::number))
            .bind(deletion.deleted_on.to_utc());
        Ok(bind_tenant(bind_origin(delete, &deletion.origin), tenant)
            .execute(connection)
            .await
            .map_err(failure)?
            .rows_affected()
            > 0)
    }

    /// The version that the payment is at.
    pub(super) async fn look(
        &self,
        connection: &mut PgConnection,
        KeyRef { id, tenant }: KeyRef<'_>,
    ) -> Result<Option<Version>, Error> {
        let look = bind_tenant(sqlx::query(self.look.clone()).bind(id.as_str()), tenant);
        let found = look.fetch_optional(connection).await.map_err(failure)?;
        let version: Option<i64> = found.map(|row| row.try_get(0)).transpose().map_err(failure)?;
        let broken = |rule| Error::Internal(format!("the version of a row {rule}").into());
        version.map(Version::parse).transpose().map_err(broken)
    }

    /// How many payments exist, and how many were deleted. Reads the whole table.
    pub(super) async fn count(&self, connection: &mut PgConnection) -> Result<(u64, u64), Error> {
        let (payments, deleted): (i64, i64) =
            sqlx::query_as(self.count.clone()).fetch_one(connection).await.map_err(failure)?;
        Ok((payments.unsigned_abs(), deleted.unsigned_abs()))
    }
}

/// The array of what `part` says of each key.
fn array<'k>(keys: &'k [Key], part: impl Fn(&'k Key) -> &'k str) -> Vec<&'k str> {
    let mut parts: Vec<_> = keys.iter().map(part).collect();
    if let Some(last) = parts.last().copied() {
        parts.resize(parts.len().max(USUAL_ARRAY), last);
    }
    parts
}

/// Binds the tenant, in statements of the table that has tenants.
pub(super) fn bind_tenant<'q>(query: Bound<'q>, tenant: &'q Tenant) -> Bound<'q> {
    match tenant.organisation() {
        Some(organisation) => query.bind(&**organisation),
        None => query,
    }
}

/// Binds who writes.
fn bind_origin<'q>(query: Bound<'q>, origin: &Origin) -> Bound<'q> {
    let Origin { subject, client_id, request_id } = origin;
    let storable = |text: &Option<Arc<str>>| text.as_ref().map(storable);
    query.bind(storable(subject)).bind(storable(client_id)).bind(storable(request_id))
}

pub(super) type Bound<'q> = Query<'q, Postgres, PgArguments>;

pub(super) fn to_row(row: &PgRow) -> Result<Row<'_>, Error> {
    Ok(Row {
        seq: row.try_get(0).map_err(failure)?,
        id: row.try_get(1).map_err(failure)?,
        version: row.try_get(2).map_err(failure)?,
        created_on: row.try_get::<DateTime<Utc>, _>(3).map_err(failure)?.into(),
        modified_on: row.try_get::<DateTime<Utc>, _>(4).map_err(failure)?.into(),
        organisation_id: row.try_get(5).map_err(failure)?,
        attributes: row.try_get(6).map_err(failure)?,
    })
}
