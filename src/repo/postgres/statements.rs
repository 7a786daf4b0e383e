//! The SQL of every statement, and the functions that run it.

use super::failure::failure;
use crate::payments::{Change, Error, Payment, PaymentId, Timestamp, Version};
use crate::repo::TableName;
use crate::repo::row::Row;
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::sync::Arc;

/// The SQL for one table. `$1` and so on stand for values.
#[derive(Debug)]
pub(super) struct Statements {
    create: SqlStr,
    fetch: SqlStr,
    update: SqlStr,
    delete: SqlStr,
    look: SqlStr,
    count: SqlStr,
    clear: SqlStr,
}

// `seq` is drawn for the row that the gate yields, so after the insert was announced.
const CREATE: &str = r#"
    WITH gate AS MATERIALIZED ({gate})
    INSERT INTO "{payments}" (id, version, created_on, modified_on, organisation_id, attributes)
    SELECT $1, $2, $3, $4, $5, $6 FROM gate
    ON CONFLICT (id) DO NOTHING"#;
const FETCH: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes FROM "{payments}"
    WHERE id = ANY($1) AND NOT deleted"#;
const UPDATE: &str = r#"
    UPDATE "{payments}" SET version = $3, modified_on = greatest(modified_on, $4), organisation_id = $5, attributes = $6
    WHERE id = $1 AND version = $2 AND NOT deleted
    RETURNING created_on, modified_on"#;
const DELETE: &str = r#"
    UPDATE "{payments}" SET deleted = true
    WHERE id = $1 AND version = $2 AND NOT deleted"#;
const LOOK: &str = r#"
    SELECT version FROM "{payments}"
    WHERE id = $1 AND NOT deleted"#;
const COUNT: &str = r#"SELECT count(*) FILTER (WHERE NOT deleted), count(*) FILTER (WHERE deleted) FROM "{payments}""#;
// Numbers go on growing: TRUNCATE leaves the sequence as it is by default.
const CLEAR: &str = r#"TRUNCATE "{payments}""#;

/// The length that PostgreSQL assumes for an array in a generic plan. It keeps the generic plan only if custom plans are no
/// cheaper; with fewer elements they would be, and it would plan each time.
const USUAL_ARRAY: usize = 10;

impl Statements {
    /// `gate` announces an insert before its number is drawn: see [`Order::gate`](super::order::Order::gate).
    pub(super) fn new(table: &TableName, gate: &str) -> Self {
        // Safe: a table name is an identifier and nothing else, and the gate consists of such names and numbers.
        let fill_in =
            |sql: &str| AssertSqlSafe(Arc::<str>::from(table.fill_in(&sql.replace("{gate}", gate)))).into_sql_str();
        Self {
            create: fill_in(CREATE),
            fetch: fill_in(FETCH),
            update: fill_in(UPDATE),
            delete: fill_in(DELETE),
            look: fill_in(LOOK),
            count: fill_in(COUNT),
            clear: fill_in(CLEAR),
        }
    }

    /// Inserts the payment. `false` if its id is taken.
    pub(super) async fn create(&self, connection: &mut PgConnection, payment: &Payment) -> Result<bool, Error> {
        let done = sqlx::query(self.create.clone())
            .bind(payment.id.as_str())
            .bind(payment.version.number())
            .bind(payment.created_on.to_utc())
            .bind(payment.modified_on.to_utc())
            .bind(payment.organisation_id.as_str())
            .bind(payment.attributes.as_str())
            .execute(connection)
            .await
            .map_err(failure)?;
        Ok(done.rows_affected() > 0)
    }

    /// Those of the payments that exist, in no order.
    pub(super) async fn fetch(&self, connection: &mut PgConnection, ids: &[PaymentId]) -> Result<Vec<Payment>, Error> {
        let mut ids: Vec<_> = ids.iter().map(PaymentId::as_str).collect();
        if let Some(last) = ids.last().copied() {
            ids.resize(ids.len().max(USUAL_ARRAY), last);
        }
        let rows = sqlx::query(self.fetch.clone()).bind(ids).fetch_all(connection).await.map_err(failure)?;
        rows.iter().map(|row| Ok(to_row(row)?.decode()?.payment)).collect()
    }

    /// Updates the payment, and returns when it was created and modified. `None` if it is not at version `expected`.
    pub(super) async fn update(
        &self,
        connection: &mut PgConnection,
        id: &PaymentId,
        expected: Version,
        change: &Change,
    ) -> Result<Option<(Timestamp, Timestamp)>, Error> {
        let times: Option<(DateTime<Utc>, DateTime<Utc>)> = sqlx::query_as(self.update.clone())
            .bind(id.as_str())
            .bind(expected.number())
            // NULL if there is no next version, which the column refuses.
            .bind(expected.next().map(Version::number))
            .bind(change.modified_on.to_utc())
            .bind(change.organisation_id.as_str())
            .bind(change.attributes.as_str())
            .fetch_optional(connection)
            .await
            .map_err(failure)?;
        Ok(times.map(|(created_on, modified_on)| (created_on.into(), modified_on.into())))
    }

    /// Deletes the payment. `false` if it is not at version `expected`.
    pub(super) async fn delete(
        &self,
        connection: &mut PgConnection,
        id: &PaymentId,
        expected: Version,
    ) -> Result<bool, Error> {
        let delete = sqlx::query(self.delete.clone()).bind(id.as_str()).bind(expected.number());
        Ok(delete.execute(connection).await.map_err(failure)?.rows_affected() > 0)
    }

    /// The version that the payment is at.
    pub(super) async fn look(&self, connection: &mut PgConnection, id: &PaymentId) -> Result<Option<Version>, Error> {
        let look = sqlx::query_scalar(self.look.clone()).bind(id.as_str());
        let version: Option<i64> = look.fetch_optional(connection).await.map_err(failure)?;
        let broken = |rule| Error::Internal(format!("the version of a row {rule}").into());
        version.map(Version::parse).transpose().map_err(broken)
    }

    /// How many payments exist, and how many were deleted. Reads the whole table.
    pub(super) async fn count(&self, connection: &mut PgConnection) -> Result<(u64, u64), Error> {
        let (payments, deleted): (i64, i64) =
            sqlx::query_as(self.count.clone()).fetch_one(connection).await.map_err(failure)?;
        Ok((payments.unsigned_abs(), deleted.unsigned_abs()))
    }

    pub(super) async fn clear(&self, connection: &mut PgConnection) -> Result<(), Error> {
        sqlx::query(self.clear.clone()).execute(connection).await.map(|_| ()).map_err(failure)
    }
}

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
