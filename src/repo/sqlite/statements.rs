//! The SQL of every statement over payments, and the functions that run it. Those over versions and events are in
//! [`events`](super::events).

mod values;

use super::failure::failure;
use super::job::{Creation, DueUpdate, Update};
pub(super) use super::packed::Fetched;
use super::packed::{self, Current, PackedPage};
use crate::payments::{Deletion, Error, PageStart, Payment, Position, Tenant, Version};
use crate::repo::key::Key;
use crate::repo::row::Numbered;
use crate::repo::table::Table;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments as _, AssertSqlSafe, Row as _, SqlSafeStr, SqlStr};
use std::collections::HashMap;
use std::sync::Arc;
pub(super) use values::MOST;
use values::{SIZES, Sizes, bind, bind_origin, sized, text};
pub(super) use values::{bind_key, bind_tenant};

/// Which attributes a list reads.
#[derive(Debug, Clone, Copy)]
pub(super) enum ReadAttributes {
    /// Those of at most [`SHORT`](crate::repo::page::SHORT) bytes.
    Short,
    /// All of them.
    All,
}

/// The rows of a page, and what is around them.
pub(super) struct Listed {
    /// In order of creation.
    pub(super) rows: Vec<Numbered>,
    /// The numbers of payments whose attributes were left out, and how many bytes those have.
    pub(super) large: Vec<(i64, usize)>,
    /// Whether payments stand before them; not known of no rows behind an offset.
    pub(super) has_previous: bool,
    /// The position of the last payment of all, 0 if there is none; known only to a page that starts at an offset.
    pub(super) last: Position,
}

/// The SQL for one table. `?1` and so on stand for values; the tenant, which only one of the tables has, is the last of those
/// that belong together.
///
/// Lists say `INDEXED BY`, because the planner would scan the table itself, tombstones included.
#[derive(Debug)]
pub(super) struct Statements {
    has_tenants: bool,
    create: SqlStr,
    create_many: Sizes,
    fetch: Sizes,
    fetch_one: SqlStr,
    find: Sizes,
    update_many: Sizes,
    delete: SqlStr,
    look: SqlStr,
    list_after: List,
    list_before: List,
    list_offset: List,
    count: SqlStr,
    clear: [SqlStr; 2],
    touch: SqlStr,
}

/// A statement that lists: one form reads short attributes only, and of others how many bytes they have; one reads all.
#[derive(Debug)]
struct List {
    short: SqlStr,
    whole: SqlStr,
}

/// How many values a new row binds at most.
const COLUMNS: usize = 10;
const CREATE: &str = r#"
    INSERT INTO "{payments}" (
        id, version, created_on, modified_on, organisation_id, attributes,
        subject, client_id, request_id[[, tenant]], origin_version
    )
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9[[, ?10]], ?2)
    ON CONFLICT (id[[, tenant]]) DO NOTHING"#;
// `OR ROLLBACK`: without it SQLite copies each page that a statement of several rows changes, to undo that statement alone if
// a row fails. After a failure the whole transaction is begun again anyway.
const CREATE_MANY: &str = r#"
    INSERT OR ROLLBACK INTO "{payments}" (
        id, version, created_on, modified_on, organisation_id, attributes,
        subject, client_id, request_id[[, tenant]], origin_version
    )
    SELECT *, column2 FROM (VALUES {rows}) WHERE column1 IS NOT NULL"#;
const FETCH: &str = r#"
    SELECT {fetched} FROM (SELECT {listed}[[, tenant]] FROM "{payments}" WHERE {in_rows} AND NOT deleted)"#;
const FETCH_ONE: &str = r#"
    SELECT {packed} FROM "{payments}"
    WHERE id = ?1[[ AND tenant = ?2]] AND NOT deleted"#;
const FIND: &str = r#"
    SELECT {found} FROM "{payments}"
    WHERE {in_rows} AND NOT deleted"#;
/// The payments whose keys are given.
const IN_ROWS: &str = "id IN ({rows})";
const IN_ROWS_WITH_TENANTS: &str = "(id, tenant) IN (VALUES {rows})";
// The column refuses NULL, so the statement fails if one of the payments is not at the version that was expected.
const UPDATE_MANY: &str = r#"
    WITH change (
        id, version, next, modified_on, organisation_id, attributes, subject, client_id, request_id[[, tenant]]
    ) AS (VALUES {rows})
    UPDATE OR ROLLBACK "{payments}" AS payment SET
        version = iif(payment.version = change.version AND NOT payment.deleted, change.next, NULL),
        modified_on = change.modified_on, organisation_id = change.organisation_id, attributes = change.attributes,
        origin_version = change.next, subject = change.subject, client_id = change.client_id,
        request_id = change.request_id
    FROM change WHERE payment.id = change.id[[ AND payment.tenant = change.tenant]]"#;
const DELETE: &str = r#"
    UPDATE "{payments}" SET deleted = 1, version = ?3, modified_on = max(modified_on, ?4),
        origin_version = ?3, subject = ?5, client_id = ?6, request_id = ?7
    WHERE id = ?1 AND version = ?2[[ AND tenant = ?8]] AND NOT deleted"#;
const LOOK: &str = r#"
    SELECT version FROM "{payments}"
    WHERE id = ?1[[ AND tenant = ?2]] AND NOT deleted"#;
// The inner query walks along the index; the outer one packs what it finds. `+ 0`: SQLite plans a statement again each time
// that a bare parameter is bound as its limit, which takes longer than running it.
//
// The second column says whether payments stand before the page, at the same moment.
const LIST_AFTER: &str = r#"
    SELECT {packed}, EXISTS (
        SELECT 1 FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted[[ AND tenant = ?3]] AND seq <= ?1
    ) FROM (
        SELECT {listed} FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted[[ AND tenant = ?3]] AND seq > ?1
        ORDER BY seq LIMIT ?2 + 0
    )"#;
const LIST_BEFORE: &str = r#"
    SELECT {packed}, EXISTS (
        SELECT 1 FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted[[ AND tenant = ?3]] AND seq < ?1
        ORDER BY seq DESC LIMIT 1 OFFSET ?2 + 0
    ) FROM (
        SELECT {listed} FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted[[ AND tenant = ?3]] AND seq < ?1
        ORDER BY seq DESC LIMIT ?2 + 0
    )"#;
// The innermost query skips along the index, without reading rows. The second column is the number of the last payment of all.
const LIST_OFFSET: &str = r#"
    SELECT {packed}, (SELECT coalesce(max(seq), 0) FROM "{payments}") FROM (
        SELECT {listed} FROM "{payments}" INDEXED BY "{payments}_live"
        WHERE NOT deleted[[ AND tenant = ?3]] AND seq >= (
            SELECT seq FROM "{payments}" INDEXED BY "{payments}_live"
            WHERE NOT deleted[[ AND tenant = ?3]] ORDER BY seq LIMIT 1 OFFSET ?1 + 0
        )
        ORDER BY seq LIMIT ?2 + 0
    )"#;
const COUNT: &str = r#"SELECT count(*) - coalesce(sum(deleted), 0), coalesce(sum(deleted), 0) FROM "{payments}""#;
// Numbers go on growing: SQLite keeps the last one in sqlite_sequence.
const CLEAR: &str = r#"DELETE FROM "{payments}""#;
const CLEAR_PAST: &str = r#"DELETE FROM "{payments}_past""#;
const TOUCH: &str = r#"SELECT count(*) FROM (SELECT 1 FROM "{payments}" LIMIT 1)"#;

impl Statements {
    pub(super) fn new(table: &Table) -> Self {
        let has_tenants = table.has_tenants();
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |sql: &str| {
            let sql = sql
                .replace("{packed}", &packed::pack_payments())
                .replace("{fetched}", &packed::pack_fetched(has_tenants))
                .replace("{found}", &packed::pack_currents(has_tenants));
            AssertSqlSafe(Arc::<str>::from(table.fill_in(&sql))).into_sql_str()
        };
        let sizes = |sql: &str, row: &str| {
            SIZES.map(|rows| (rows, fill_in(&sql.replace("{rows}", &vec![row; rows].join(", ")))))
        };
        let (in_rows, key) = if has_tenants { (IN_ROWS_WITH_TENANTS, "(?, ?)") } else { (IN_ROWS, "?") };
        let of_keys = |sql: &str| sizes(&sql.replace("{in_rows}", in_rows), key);
        let short = packed::columns_with_short_attributes();
        let list = |sql: &str| List {
            short: fill_in(&sql.replace("{listed}", &short)),
            whole: fill_in(&sql.replace("{listed}", &packed::columns())),
        };
        Self {
            has_tenants,
            create: fill_in(CREATE),
            create_many: sizes(CREATE_MANY, "(?, ?, ?, ?, ?, ?, ?, ?, ?[[, ?]])"),
            fetch: of_keys(&FETCH.replace("{listed}", &short)),
            fetch_one: fill_in(FETCH_ONE),
            find: of_keys(FIND),
            update_many: sizes(UPDATE_MANY, "(?, ?, ?, ?, ?, ?, ?, ?, ?[[, ?]])"),
            delete: fill_in(DELETE),
            look: fill_in(LOOK),
            list_after: list(LIST_AFTER),
            list_before: list(LIST_BEFORE),
            list_offset: list(LIST_OFFSET),
            count: fill_in(COUNT),
            clear: [CLEAR, CLEAR_PAST].map(fill_in),
            touch: fill_in(TOUCH),
        }
    }

    /// Inserts the payment. `false` if its id is taken.
    pub(super) async fn create(
        &self,
        writer: &mut SqliteConnection,
        creation: Creation<'_>,
    ) -> Result<bool, sqlx::Error> {
        let done = bind(sqlx::query(self.create.clone()), creation).execute(writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Inserts the payments of all `creations`, [`MOST`] at most.
    ///
    /// # Errors
    /// When an id is taken; then none of them was inserted.
    pub(super) async fn create_many(
        &self,
        writer: &mut SqliteConnection,
        creations: &[Creation<'_>],
    ) -> Result<(), sqlx::Error> {
        let mut values = SqliteArguments::default();
        values.reserve(creations.len() * COLUMNS, 0);
        let insert = sqlx::query_with(sized(&self.create_many, creations.len())?, values);
        creations.iter().copied().fold(insert, bind).execute(writer).await.map(|_| ())
    }

    /// The current versions of those of the payments that exist. There must be no more than [`MOST`] keys.
    pub(super) async fn find(
        &self,
        writer: &mut SqliteConnection,
        keys: &[&Key],
    ) -> Result<HashMap<Key, Current>, sqlx::Error> {
        let find = sqlx::query(sized(&self.find, keys.len())?);
        let packed = keys.iter().fold(find, |find, key| bind_key(find, key)).fetch_one(writer).await?;
        Ok(packed::currents(&packed, 0, self.has_tenants)?.into_iter().collect())
    }

    /// Changes the payments, each from the expected version to the next. They must be different payments, [`MOST`] at most.
    ///
    /// # Errors
    /// When one of them is at another version or deleted; then none was changed. [`sqlx::Error::Protocol`] when one has
    /// vanished from the table, and others were changed.
    pub(super) async fn update_many(
        &self,
        writer: &mut SqliteConnection,
        changes: &[DueUpdate<'_>],
    ) -> Result<(), sqlx::Error> {
        let mut update = sqlx::query(sized(&self.update_many, changes.len())?);
        for DueUpdate { update: Update { key, expected, change }, modified_before } in changes {
            update = update
                .bind(text(&key.id))
                .bind(expected.number())
                // NULL if there is no next version, which the column refuses.
                .bind(expected.next().map(Version::number))
                .bind(change.modified_after(*modified_before).micros())
                .bind(change.organisation_id.clone().into_text())
                .bind(change.attributes.clone().into_text());
            update = bind_tenant(bind_origin(update, &change.origin), &key.tenant);
        }
        let updated = update.execute(writer).await?.rows_affected();
        match usize::try_from(updated) {
            Ok(updated) if updated == changes.len() => Ok(()),
            Ok(0) => Err(sqlx::Error::RowNotFound),
            _ => Err(sqlx::Error::Protocol("another program writes into this database: stop it".into())),
        }
    }

    /// Deletes the payment. `false` if it is not at version `expected`.
    pub(super) async fn delete(
        &self,
        writer: &mut SqliteConnection,
        key: &Key,
        expected: Version,
        deletion: &Deletion,
    ) -> Result<bool, sqlx::Error> {
        let delete = sqlx::query(self.delete.clone())
            .bind(text(&key.id))
            .bind(expected.number())
            // NULL if there is no next version, which the column refuses.
            .bind(expected.next().map(Version::number))
            .bind(deletion.deleted_on.micros());
        let done = bind_tenant(bind_origin(delete, &deletion.origin), &key.tenant).execute(writer).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The version that the payment is at.
    pub(super) async fn look(&self, writer: &mut SqliteConnection, key: &Key) -> Result<Option<Version>, sqlx::Error> {
        let found = bind_key(sqlx::query(self.look.clone()), key).fetch_optional(writer).await?;
        let version: Option<i64> = found.map(|row| row.try_get(0)).transpose()?;
        let broken = |rule| sqlx::Error::Decode(format!("the version of a row {rule}").into());
        version.map(Version::parse).transpose().map_err(broken)
    }

    pub(super) async fn clear(&self, writer: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for clear in &self.clear {
            sqlx::query(clear.clone()).execute(&mut *writer).await?;
        }
        Ok(())
    }

    /// Those of the payments that exist, in no order; of large ones no more than that there are some. There must be no more
    /// than [`MOST`] keys.
    pub(super) async fn fetch(&self, reader: &mut SqliteConnection, keys: &[&Key]) -> Result<Fetched, Error> {
        let fetch = sqlx::query(sized(&self.fetch, keys.len()).map_err(failure)?);
        let fetch = keys.iter().fold(fetch, |fetch, key| bind_key(fetch, key));
        packed::fetched(&fetch.fetch_one(reader).await.map_err(failure)?, 0, self.has_tenants)
    }

    /// The payment, however large it is.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(super) async fn fetch_one(&self, reader: &mut SqliteConnection, key: &Key) -> Result<Payment, Error> {
        let fetch = bind_key(sqlx::query(self.fetch_one.clone()), key);
        let packed = fetch.fetch_one(reader).await.map_err(failure)?;
        packed::payments(&packed, 0)?.pop().map(|row| row.payment).ok_or(Error::NotFound)
    }

    /// At most `size` rows of `tenant` from `start` on, and what is before and behind them at the same moment. [`ReadAttributes::Short`] leaves
    /// long attributes out, so that the text of the page is bounded.
    pub(super) async fn list(
        &self,
        reader: &mut SqliteConnection,
        tenant: &Tenant,
        start: PageStart,
        size: u32,
        attributes: ReadAttributes,
    ) -> Result<Listed, Error> {
        let (list, from) = match start {
            // Nothing can hold more payments than there are numbers for them.
            PageStart::Offset(offset) => (&self.list_offset, i64::try_from(offset).unwrap_or(i64::MAX)),
            PageStart::After(Position(after)) => (&self.list_after, after),
            PageStart::Before(Position(before)) => (&self.list_before, before),
        };
        let sql = match attributes {
            ReadAttributes::Short => &list.short,
            ReadAttributes::All => &list.whole,
        };
        let list = bind_tenant(sqlx::query(sql.clone()).bind(from).bind(size), tenant);
        let packed = list.fetch_one(reader).await.map_err(failure)?;
        let second: i64 = packed.try_get(1).map_err(failure)?;
        let (has_previous, last) = match start {
            PageStart::Offset(skipped) => (skipped > 0, second),
            PageStart::After(_) | PageStart::Before(_) => (second != 0, 0),
        };
        let PackedPage { mut rows, large } = packed::page(&packed, 0)?;
        // SQLite aggregates rows in the order of the inner query, but does not promise to.
        rows.sort_unstable_by_key(|row| row.seq);
        Ok(Listed { rows, large, has_previous, last: Position(last) })
    }

    /// How many payments exist, and how many were deleted. Reads the whole table.
    pub(super) async fn count(&self, reader: &mut SqliteConnection) -> Result<(u64, u64), Error> {
        let (payments, deleted): (i64, i64) =
            sqlx::query_as(self.count.clone()).fetch_one(reader).await.map_err(failure)?;
        Ok((payments.unsigned_abs(), deleted.unsigned_abs()))
    }

    /// Reads from the database file, however little is in it.
    pub(super) async fn touch(&self, reader: &mut SqliteConnection) -> Result<(), Error> {
        sqlx::query(self.touch.clone()).fetch_one(reader).await.map(|_| ()).map_err(failure)
    }
}

#[cfg(test)]
mod tests;
