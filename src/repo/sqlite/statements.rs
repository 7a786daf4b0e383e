//! Every statement, and the one place that runs it.

use super::failure;
use crate::payments::{Change, Error, Payment, PaymentId, Timestamp, Version};
use crate::repo::TableName;
use crate::repo::row::Row;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::sync::Arc;

type Insert<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The SQL text for one table. `?1` and so on stand for values.
///
/// `INDEXED BY`: the planner would walk along the table itself, and through all the tombstones in it.
#[derive(Debug)]
pub(super) struct Statements {
    create: SqlStr,
    create_many: [(usize, SqlStr); MANY.len()],
    fetch: SqlStr,
    update: SqlStr,
    delete: SqlStr,
    look: SqlStr,
    list_after: SqlStr,
    list_before: SqlStr,
    list_offset: SqlStr,
    last: SqlStr,
    count: SqlStr,
    clear: SqlStr,
    touch: SqlStr,
}

const CREATE: &str = r#"
    INSERT INTO "{payments}" (id, version, created_on, modified_on, organisation_id, attributes)
    VALUES {rows}
    ON CONFLICT (id) DO NOTHING"#;
const ROW: &str = "(?, ?, ?, ?, ?, ?)";
/// How many rows one statement creates, most first. Few sizes, so that each is prepared once.
const MANY: [usize; 3] = [64, 16, 4];
const FETCH: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes FROM "{payments}"
    WHERE id = ?1 AND NOT deleted"#;
// The last version of all has no next one: adding to it would make a floating-point number.
const UPDATE: &str = r#"
    UPDATE "{payments}" SET version = version + 1, modified_on = ?3, organisation_id = ?4, attributes = ?5
    WHERE id = ?1 AND version = ?2 AND NOT deleted AND version < 9223372036854775807
    RETURNING created_on"#;
const DELETE: &str = r#"
    UPDATE "{payments}" SET deleted = 1
    WHERE id = ?1 AND version = ?2 AND NOT deleted"#;
const LOOK: &str = r#"
    SELECT version FROM "{payments}"
    WHERE id = ?1 AND NOT deleted"#;
const LIST_AFTER: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes
    FROM "{payments}" INDEXED BY "{payments}_live"
    WHERE NOT deleted AND seq > ?1
    ORDER BY seq LIMIT ?2"#;
const LIST_BEFORE: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes
    FROM "{payments}" INDEXED BY "{payments}_live"
    WHERE NOT deleted AND seq < ?1
    ORDER BY seq DESC LIMIT ?2"#;
// The inner query skips along the index alone.
const LIST_OFFSET: &str = r#"
    SELECT seq, id, version, created_on, modified_on, organisation_id, attributes
    FROM "{payments}" INDEXED BY "{payments}_live"
    WHERE NOT deleted AND seq <= ?3 AND seq >= (
        SELECT seq FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted ORDER BY seq LIMIT 1 OFFSET ?1
    )
    ORDER BY seq LIMIT ?2"#;
const LAST: &str = r#"SELECT coalesce(max(seq), 0) FROM "{payments}""#;
const COUNT: &str = r#"SELECT count(*) - coalesce(sum(deleted), 0), coalesce(sum(deleted), 0) FROM "{payments}""#;
// Numbers go on growing: they are kept beside the table, in sqlite_sequence.
const CLEAR: &str = r#"DELETE FROM "{payments}""#;
const TOUCH: &str = r#"SELECT count(*) FROM (SELECT 1 FROM "{payments}" LIMIT 1)"#;

impl Statements {
    pub(super) fn new(table: &TableName) -> Self {
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |sql: &str| AssertSqlSafe(Arc::<str>::from(table.fill_in(sql))).into_sql_str();
        let create = |rows: usize| fill_in(&CREATE.replace("{rows}", &vec![ROW; rows].join(", ")));
        Self {
            create: create(1),
            create_many: MANY.map(|rows| (rows, create(rows))),
            fetch: fill_in(FETCH),
            update: fill_in(UPDATE),
            delete: fill_in(DELETE),
            look: fill_in(LOOK),
            list_after: fill_in(LIST_AFTER),
            list_before: fill_in(LIST_BEFORE),
            list_offset: fill_in(LIST_OFFSET),
            last: fill_in(LAST),
            count: fill_in(COUNT),
            clear: fill_in(CLEAR),
            touch: fill_in(TOUCH),
        }
    }

    /// Whether the payment went in; `false` when its id is taken.
    pub(super) async fn create(&self, writer: &mut SqliteConnection, payment: &Payment) -> Result<bool, sqlx::Error> {
        let done = bind(sqlx::query(self.create.clone()), payment).execute(writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The first of `payments`, as many as one statement can create, and that statement. `None` for one payment alone.
    pub(super) fn portion<'a, 'p>(&'a self, payments: &'p [&'p Payment]) -> Option<(&'a SqlStr, &'p [&'p Payment])> {
        self.create_many.iter().find_map(|(rows, sql)| Some((sql, payments.get(..*rows)?)))
    }

    /// Whether all of a [`portion`](Self::portion) went in; when `false`, some may have.
    pub(super) async fn create_many(
        writer: &mut SqliteConnection,
        (sql, payments): (&SqlStr, &[&Payment]),
    ) -> Result<bool, sqlx::Error> {
        let insert = payments.iter().fold(sqlx::query(sql.clone()), |insert, payment| bind(insert, payment));
        let created = insert.execute(writer).await?.rows_affected();
        Ok(usize::try_from(created).is_ok_and(|created| created == payments.len()))
    }

    /// When the payment was created, if it was at version `expected`; it is at the next one now.
    pub(super) async fn update(
        &self,
        writer: &mut SqliteConnection,
        id: &PaymentId,
        expected: Version,
        change: &Change,
    ) -> Result<Option<Timestamp>, sqlx::Error> {
        let created_on = sqlx::query_scalar(self.update.clone())
            .bind(id.as_str())
            .bind(expected.number())
            .bind(change.modified_on.timestamp_micros())
            .bind(change.organisation_id.as_str())
            .bind(change.attributes.as_str())
            .fetch_optional(writer)
            .await?;
        created_on.map(to_time).transpose()
    }

    /// Whether the payment was at version `expected`, and is deleted now.
    pub(super) async fn delete(
        &self,
        writer: &mut SqliteConnection,
        id: &PaymentId,
        expected: Version,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(self.delete.clone()).bind(id.as_str()).bind(expected.number()).execute(writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The version that the payment is at.
    pub(super) async fn look(&self, writer: &mut SqliteConnection, id: &PaymentId) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar(self.look.clone()).bind(id.as_str()).fetch_optional(writer).await
    }

    pub(super) async fn clear(&self, writer: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::query(self.clear.clone()).execute(writer).await.map(|_| ())
    }

    pub(super) async fn fetch(&self, reader: &mut SqliteConnection, id: &PaymentId) -> Result<Payment, Error> {
        let row = sqlx::query(self.fetch.clone()).bind(id.as_str()).fetch_optional(reader).await.map_err(failure)?;
        to_row(&row.ok_or(Error::NotFound)?)?.into_payment()
    }

    pub(super) async fn list_after(
        &self,
        reader: &mut SqliteConnection,
        after: i64,
        size: u32,
    ) -> Result<Vec<Row>, Error> {
        let rows = sqlx::query(self.list_after.clone()).bind(after).bind(size).fetch_all(reader).await;
        to_rows(rows)
    }

    pub(super) async fn list_before(
        &self,
        reader: &mut SqliteConnection,
        before: i64,
        size: u32,
    ) -> Result<Vec<Row>, Error> {
        let rows = sqlx::query(self.list_before.clone()).bind(before).bind(size).fetch_all(reader).await;
        let mut rows = to_rows(rows)?;
        rows.reverse();
        Ok(rows)
    }

    /// None of the rows is behind `last`.
    pub(super) async fn list_offset(
        &self,
        reader: &mut SqliteConnection,
        offset: u64,
        size: u32,
        last: i64,
    ) -> Result<Vec<Row>, Error> {
        // Nothing can hold more payments than there are numbers for them.
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let rows = sqlx::query(self.list_offset.clone()).bind(offset).bind(size).bind(last).fetch_all(reader).await;
        to_rows(rows)
    }

    /// The highest number in use, 0 if there is none.
    pub(super) async fn last(&self, reader: &mut SqliteConnection) -> Result<i64, Error> {
        sqlx::query_scalar(self.last.clone()).fetch_one(reader).await.map_err(failure)
    }

    /// How many payments there are, and how many were deleted. Reads them all.
    pub(super) async fn count(&self, reader: &mut SqliteConnection) -> Result<(u64, u64), Error> {
        let (payments, deleted): (i64, i64) =
            sqlx::query_as(self.count.clone()).fetch_one(reader).await.map_err(failure)?;
        Ok((payments.unsigned_abs(), deleted.unsigned_abs()))
    }

    /// Reads something, however little there is.
    pub(super) async fn touch(&self, reader: &mut SqliteConnection) -> Result<(), Error> {
        sqlx::query(self.touch.clone()).fetch_one(reader).await.map(|_| ()).map_err(failure)
    }
}

/// Binds the values of a [`ROW`].
fn bind<'q>(query: Insert<'q>, payment: &Payment) -> Insert<'q> {
    query
        .bind(payment.id.as_str())
        .bind(payment.version.number())
        .bind(payment.created_on.timestamp_micros())
        .bind(payment.modified_on.timestamp_micros())
        .bind(payment.organisation_id.as_str())
        .bind(payment.attributes.as_str())
}

fn to_rows(rows: Result<Vec<SqliteRow>, sqlx::Error>) -> Result<Vec<Row>, Error> {
    rows.map_err(failure)?.iter().map(to_row).collect()
}

fn to_row(row: &SqliteRow) -> Result<Row, Error> {
    Ok(Row {
        seq: row.try_get(0).map_err(failure)?,
        id: row.try_get(1).map_err(failure)?,
        version: row.try_get(2).map_err(failure)?,
        created_on: row.try_get(3).and_then(to_time).map_err(failure)?,
        modified_on: row.try_get(4).and_then(to_time).map_err(failure)?,
        organisation_id: row.try_get(5).map_err(failure)?,
        attributes: row.try_get(6).map_err(failure)?,
    })
}

fn to_time(microseconds: i64) -> Result<Timestamp, sqlx::Error> {
    Timestamp::from_timestamp_micros(microseconds)
        .ok_or_else(|| sqlx::Error::Decode(format!("{microseconds} is no time in microseconds").into()))
}

#[cfg(test)]
mod tests {
    use super::{SqlStr, Statements};
    use crate::repo::TableName;
    use crate::repo::sqlite::{Sqlite, SqliteOptions};
    use sqlx::{AssertSqlSafe, Row as _};

    /// What SQLite means to do about `sql`, a step a line.
    async fn plan(repo: &Sqlite, sql: &SqlStr) -> String {
        let mut connection = repo.readers[0].lock().await;
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
        let steps = sqlx::query(explain).fetch_all(&mut connection.as_mut().unwrap().sqlite).await.unwrap();
        steps.iter().map(|step| step.get::<String, _>("detail")).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn lists_walk_along_the_index_of_the_living() {
        let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let statements = Statements::new(&TableName::default());
        for sql in [&statements.list_after, &statements.list_before, &statements.list_offset] {
            let plan = plan(&repo, sql).await;
            assert!(plan.starts_with("SEARCH payments USING INDEX payments_live (seq"), "{}\n{plan}", sql.as_str());
            assert!(!plan.contains("TEMP B-TREE"), "it sorts: {}\n{plan}", sql.as_str());
        }
        let skip = plan(&repo, &statements.list_offset).await;
        assert!(skip.contains("SCAN payments USING INDEX payments_live"), "an offset reads rows:\n{skip}");
    }

    #[tokio::test]
    async fn one_payment_is_found_by_its_id() {
        let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let statements = Statements::new(&TableName::default());
        for sql in [&statements.fetch, &statements.look, &statements.update, &statements.delete] {
            let plan = plan(&repo, sql).await;
            assert!(plan.contains("SEARCH payments USING INDEX sqlite_autoindex_payments_1 (id=?)"), "{plan}");
        }
    }
}
