//! Every statement, and the one place that runs it.

use super::failure;
use super::packed::{self, FOUND, PAYMENT, Standing, pack};
use crate::payments::{Change, Error, Payment, PaymentId, Version};
use crate::repo::TableName;
use crate::repo::row::Numbered;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::collections::HashMap;
use std::sync::Arc;

type Insert<'q> = Query<'q, Sqlite, SqliteArguments>;

/// The SQL text for one table. `?1` and so on stand for values.
///
/// `INDEXED BY`: the planner would walk along the table itself, and through all the tombstones in it.
#[derive(Debug)]
pub(super) struct Statements {
    create: SqlStr,
    create_many: Sizes,
    fetch: Sizes,
    find: Sizes,
    update_many: Sizes,
    delete: SqlStr,
    look: SqlStr,
    list_after: SqlStr,
    list_before: SqlStr,
    list_offset: SqlStr,
    count: SqlStr,
    clear: SqlStr,
    touch: SqlStr,
}

/// The same statement for several rows, and how many each is for, fewest first. Few sizes, so that each is prepared once;
/// what a statement has too many of is NULL, which names nothing.
type Sizes = [(usize, SqlStr); SIZES.len()];
const SIZES: [usize; 9] = [1, 4, 8, 16, 24, 32, 40, 48, MOST];
/// The most rows that a statement is for.
pub(super) const MOST: usize = 64;

/// How many values a new row has.
const COLUMNS: usize = 6;
const CREATE: &str = r#"
    INSERT INTO "{payments}" (id, version, created_on, modified_on, organisation_id, attributes)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING"#;
// `OR ROLLBACK`: otherwise SQLite keeps a copy of each page that a statement of several rows changes, to undo that statement
// alone if a row fails. Whoever shares a statement begins the whole transaction again then.
const CREATE_MANY: &str = r#"
    INSERT OR ROLLBACK INTO "{payments}" (id, version, created_on, modified_on, organisation_id, attributes)
    SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL"#;
const FETCH: &str = r#"
    SELECT {packed} FROM "{payments}"
    WHERE id IN ({rows}) AND NOT deleted"#;
const FIND: &str = r#"
    SELECT {found} FROM "{payments}"
    WHERE id IN ({rows}) AND NOT deleted"#;
// No version may be NULL: where one is not what it was said to be, nothing is changed.
const UPDATE_MANY: &str = r#"
    WITH change (id, version, modified_on, organisation_id, attributes) AS (VALUES {rows})
    UPDATE OR ROLLBACK "{payments}" AS payment SET
        version = iif(payment.version = change.version AND NOT payment.deleted, payment.version + 1, NULL),
        modified_on = change.modified_on, organisation_id = change.organisation_id, attributes = change.attributes
    FROM change WHERE payment.id = change.id"#;
const DELETE: &str = r#"
    UPDATE "{payments}" SET deleted = 1
    WHERE id = ?1 AND version = ?2 AND NOT deleted"#;
const LOOK: &str = r#"
    SELECT version FROM "{payments}"
    WHERE id = ?1 AND NOT deleted"#;
// The inner query walks along the index; the outer one packs what it came by. `+ 0`: SQLite plans a statement anew each
// time that a bare parameter is bound as its limit, which takes longer than to run it.
const LIST_AFTER: &str = r#"
    SELECT {packed} FROM (
        SELECT * FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted AND seq > ?1
        ORDER BY seq LIMIT ?2 + 0
    )"#;
const LIST_BEFORE: &str = r#"
    SELECT {packed} FROM (
        SELECT * FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted AND seq < ?1
        ORDER BY seq DESC LIMIT ?2 + 0
    )"#;
// The innermost query skips along the index alone.
const LIST_OFFSET: &str = r#"
    SELECT {packed}, (SELECT coalesce(max(seq), 0) FROM "{payments}") FROM (
        SELECT * FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted AND seq >= (
            SELECT seq FROM "{payments}" INDEXED BY "{payments}_live"
            WHERE NOT deleted ORDER BY seq LIMIT 1 OFFSET ?1 + 0
        )
        ORDER BY seq LIMIT ?2 + 0
    )"#;
const COUNT: &str = r#"SELECT count(*) - coalesce(sum(deleted), 0), coalesce(sum(deleted), 0) FROM "{payments}""#;
// Numbers go on growing: they are kept beside the table, in sqlite_sequence.
const CLEAR: &str = r#"DELETE FROM "{payments}""#;
const TOUCH: &str = r#"SELECT count(*) FROM (SELECT 1 FROM "{payments}" LIMIT 1)"#;

impl Statements {
    pub(super) fn new(table: &TableName) -> Self {
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |sql: &str| {
            let sql = sql.replace("{packed}", &pack(PAYMENT)).replace("{found}", &pack(FOUND));
            AssertSqlSafe(Arc::<str>::from(table.fill_in(&sql))).into_sql_str()
        };
        let sizes = |sql: &str, row: &str| {
            SIZES.map(|rows| (rows, fill_in(&sql.replace("{rows}", &vec![row; rows].join(", ")))))
        };
        Self {
            create: fill_in(CREATE),
            create_many: sizes(CREATE_MANY, "(?, ?, ?, ?, ?, ?)"),
            fetch: sizes(FETCH, "?"),
            find: sizes(FIND, "?"),
            update_many: sizes(UPDATE_MANY, "(?, ?, ?, ?, ?)"),
            delete: fill_in(DELETE),
            look: fill_in(LOOK),
            list_after: fill_in(LIST_AFTER),
            list_before: fill_in(LIST_BEFORE),
            list_offset: fill_in(LIST_OFFSET),
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

    /// Puts all of `payments` in, [`MOST`] at most.
    ///
    /// # Errors
    /// When an id is taken, and then none of them went in.
    pub(super) async fn create_many(
        &self,
        writer: &mut SqliteConnection,
        payments: &[&Payment],
    ) -> Result<(), sqlx::Error> {
        let mut values = SqliteArguments::default();
        values.reserve(payments.len() * COLUMNS, 0);
        let insert = sqlx::query_with(sized(&self.create_many, payments.len())?, values);
        payments.iter().fold(insert, |insert, payment| bind(insert, payment)).execute(writer).await.map(|_| ())
    }

    /// How those of the payments stand that there are, by their ids. No more than [`MOST`] may be asked for.
    pub(super) async fn find(
        &self,
        writer: &mut SqliteConnection,
        ids: &[&PaymentId],
    ) -> Result<HashMap<Box<str>, Standing>, sqlx::Error> {
        let find = sqlx::query(sized(&self.find, ids.len())?);
        let packed = ids.iter().fold(find, |find, id| find.bind(text(id))).fetch_one(writer).await?;
        Ok(packed::found(&packed, 0)?.into_iter().map(|found| (found.id.into(), found.standing)).collect())
    }

    /// Changes the payments that are at these versions, to the next. They must all be different, and [`MOST`] at most.
    ///
    /// # Errors
    /// When one of them is not, and then nothing is changed; [`sqlx::Error::Protocol`] when one is not there at all, and
    /// others have been changed.
    pub(super) async fn update_many(
        &self,
        writer: &mut SqliteConnection,
        changes: &[(&PaymentId, Version, &Change)],
    ) -> Result<(), sqlx::Error> {
        let mut update = sqlx::query(sized(&self.update_many, changes.len())?);
        for (id, version, change) in changes {
            update = update
                .bind(text(id))
                .bind(version.number())
                .bind(change.modified_on.timestamp_micros())
                .bind(change.organisation_id.clone().into_text())
                .bind(change.attributes.clone().into_text());
        }
        let updated = update.execute(writer).await?.rows_affected();
        match usize::try_from(updated) {
            Ok(updated) if updated == changes.len() => Ok(()),
            Ok(0) => Err(sqlx::Error::RowNotFound),
            _ => Err(sqlx::Error::Protocol("somebody else writes into this database: stop them".into())),
        }
    }

    /// Whether the payment was at version `expected`, and is deleted now.
    pub(super) async fn delete(
        &self,
        writer: &mut SqliteConnection,
        id: &PaymentId,
        expected: Version,
    ) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(self.delete.clone()).bind(text(id)).bind(expected.number()).execute(writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The version that the payment is at.
    pub(super) async fn look(&self, writer: &mut SqliteConnection, id: &PaymentId) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar(self.look.clone()).bind(text(id)).fetch_optional(writer).await
    }

    pub(super) async fn clear(&self, writer: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::query(self.clear.clone()).execute(writer).await.map(|_| ())
    }

    /// Those of the payments that there are, in no order. No more than [`MOST`] may be asked for.
    pub(super) async fn fetch(&self, reader: &mut SqliteConnection, ids: &[&PaymentId]) -> Result<Vec<Payment>, Error> {
        let fetch = sqlx::query(sized(&self.fetch, ids.len()).map_err(failure)?);
        let fetch = ids.iter().fold(fetch, |fetch, id| fetch.bind(text(id)));
        let packed = fetch.fetch_one(reader).await.map_err(failure)?;
        Ok(packed::payments(&packed, 0)?.into_iter().map(|row| row.payment).collect())
    }

    pub(super) async fn list_after(
        &self,
        reader: &mut SqliteConnection,
        after: i64,
        size: u32,
    ) -> Result<Vec<Numbered>, Error> {
        let packed = sqlx::query(self.list_after.clone()).bind(after).bind(size).fetch_one(reader).await;
        in_order(&packed.map_err(failure)?)
    }

    pub(super) async fn list_before(
        &self,
        reader: &mut SqliteConnection,
        before: i64,
        size: u32,
    ) -> Result<Vec<Numbered>, Error> {
        let packed = sqlx::query(self.list_before.clone()).bind(before).bind(size).fetch_one(reader).await;
        in_order(&packed.map_err(failure)?)
    }

    /// The rows, and the highest number in use, 0 if there is none: both as of the same moment.
    pub(super) async fn list_offset(
        &self,
        reader: &mut SqliteConnection,
        offset: u64,
        size: u32,
    ) -> Result<(Vec<Numbered>, i64), Error> {
        // Nothing can hold more payments than there are numbers for them.
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let packed = sqlx::query(self.list_offset.clone()).bind(offset).bind(size).fetch_one(reader).await;
        let packed = packed.map_err(failure)?;
        Ok((in_order(&packed)?, packed.try_get(1).map_err(failure)?))
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

/// The id as SQLite's thread can take it along. A `&str` would be copied, into memory that two allocations make and that thread
/// gives back; and each thread has a store of its own for what is given back.
fn text(id: &PaymentId) -> Arc<str> {
    id.as_str().into()
}

/// Binds the values of a new row.
fn bind<'q>(query: Insert<'q>, payment: &Payment) -> Insert<'q> {
    query
        .bind(text(&payment.id))
        .bind(payment.version.number())
        .bind(payment.created_on.timestamp_micros())
        .bind(payment.modified_on.timestamp_micros())
        .bind(payment.organisation_id.clone().into_text())
        .bind(payment.attributes.clone().into_text())
}

/// The rows of a page, in order of creation.
fn in_order(packed: &SqliteRow) -> Result<Vec<Numbered>, Error> {
    let mut rows = packed::payments(packed, 0)?;
    // They come as the inner query found them, but no standard says that an aggregate keeps to that.
    rows.sort_unstable_by_key(|row| row.seq);
    Ok(rows)
}

/// The statement for `rows` rows or a few more.
fn sized(sizes: &Sizes, rows: usize) -> Result<SqlStr, sqlx::Error> {
    let fitting = sizes.iter().find(|(size, _)| *size >= rows);
    let too_many = || sqlx::Error::InvalidArgument(format!("{rows} rows are too many for one statement"));
    fitting.map(|(_, sql)| sql.clone()).ok_or_else(too_many)
}

#[cfg(test)]
mod tests {
    use super::{SqlStr, Statements};
    use crate::repo::TableName;
    use crate::repo::sqlite::{Sqlite, SqliteOptions};
    use sqlx::{AssertSqlSafe, Row as _};

    /// What SQLite means to do about `sql`, a step a line.
    async fn plan(repo: &Sqlite, sql: &SqlStr) -> String {
        let mut connection = repo.readers.connections()[0].lock().await;
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
            assert!(plan.contains("SEARCH payments USING INDEX payments_live (seq"), "{}\n{plan}", sql.as_str());
            assert!(!plan.contains("TEMP B-TREE"), "it sorts: {}\n{plan}", sql.as_str());
        }
        let skip = plan(&repo, &statements.list_offset).await;
        assert!(skip.contains("SCAN payments USING INDEX payments_live"), "an offset reads rows:\n{skip}");
    }

    #[tokio::test]
    async fn payments_are_changed_by_their_ids() {
        let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
        for (_, sql) in &Statements::new(&TableName::default()).update_many {
            let plan = plan(&repo, sql).await;
            assert!(
                plan.contains("SEARCH payment USING INDEX sqlite_autoindex_payments_1 (id=?)"),
                "{}\n{plan}",
                sql.as_str()
            );
        }
    }

    #[tokio::test]
    async fn one_payment_is_found_by_its_id() {
        let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let statements = Statements::new(&TableName::default());
        let several = [&statements.fetch, &statements.find].map(|sizes| sizes.iter().map(|(_, sql)| sql));
        for sql in [&statements.look, &statements.delete].into_iter().chain(several.into_iter().flatten()) {
            let plan = plan(&repo, sql).await;
            assert!(plan.contains("USING INDEX sqlite_autoindex_payments_1 (id=?)"), "{}\n{plan}", sql.as_str());
        }
    }
}
