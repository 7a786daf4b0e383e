//! The statements that move anonymous payments to the tenants of their organisations. The file must not be in use.

use super::connection::{self, Open, OpenFile};
use super::{SqliteOptions, apply_migrations};
use crate::repo::migrations::WhenNewer;
use crate::repo::moving::{BATCH, Candidate, MoveError, MoveReport, Moves, Rows, move_all};
use crate::repo::{OpenError, TableName};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row as _};
use std::collections::HashSet;

const PAYMENTS: &str = r#"
    SELECT seq, id, organisation_id FROM "{payments}" INDEXED BY "{payments}_live"
    WHERE NOT deleted AND seq > ?1 ORDER BY seq LIMIT ?2"#;
const TOMBSTONES: &str = r#"
    SELECT seq, id, organisation_id FROM "{payments}" WHERE deleted AND id > ?1 ORDER BY id LIMIT ?2"#;
/// Those of the payments whose ids, an array in JSON, are free in their tenants.
const FREE: &str = r#"
    SELECT id FROM "{payments}" AS payment WHERE id IN (SELECT value FROM json_each(?1)) AND NOT EXISTS (
        SELECT 1 FROM "{payments}_tenants" AS other WHERE other.tenant = payment.organisation_id AND other.id = payment.id
    )"#;
const COPY: &str = r#"
    INSERT INTO "{payments}_tenants" (
        tenant, id, version, created_on, modified_on, deleted, organisation_id, attributes,
        origin_version, kind, subject, client_id, request_id
    )
    SELECT
        organisation_id, id, version, created_on, modified_on, deleted, organisation_id, attributes,
        origin_version, kind, subject, client_id, request_id
    FROM "{payments}" WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY seq"#;
/// The changes that are moved: what number each had and gets, and whose it is then. SQLite removes it with the connection.
const TABLE: &str = r#"
    CREATE TEMPORARY TABLE IF NOT EXISTS "{payments}_moved" (
        change INTEGER PRIMARY KEY, number INTEGER NOT NULL, tenant TEXT NOT NULL, seq INTEGER NOT NULL
    ) STRICT"#;
const EMPTY: &str = r#"DELETE FROM temp."{payments}_moved""#;
// Walks along the changes of each payment, from the last one back. The numbers come after all creations of the batch, in the
// order that the changes had.
const NUMBER: &str = r#"
    WITH RECURSIVE changes (change, tenant, id) AS (
        SELECT last_change, organisation_id, id FROM "{payments}"
        WHERE last_change IS NOT NULL AND id IN (SELECT value FROM json_each(?1))
        UNION ALL
        SELECT past.previous, changes.tenant, changes.id
        FROM changes CROSS JOIN "{payments}_past" AS past ON past.change = changes.change
        WHERE past.previous IS NOT NULL
    )
    INSERT INTO temp."{payments}_moved" (change, number, tenant, seq)
    SELECT changes.change, sequence.seq + row_number() OVER (ORDER BY changes.change), changes.tenant, other.seq
    FROM sqlite_sequence AS sequence CROSS JOIN changes
    CROSS JOIN "{payments}_tenants" AS other ON other.tenant = changes.tenant AND other.id = changes.id
    WHERE sequence.name = '{payments}_tenants'"#;
const COPY_PAST: &str = r#"
    INSERT INTO "{payments}_tenants_past" (
        change, tenant, seq, previous, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, length, oldest, attributes
    )
    SELECT moved.number, moved.tenant, moved.seq, before.number, version, modified_on, deleted, organisation_id,
        origin_version, kind, subject, client_id, request_id, length, oldest, attributes
    FROM temp."{payments}_moved" AS moved
    CROSS JOIN "{payments}_past" AS past ON past.change = moved.change
    LEFT JOIN temp."{payments}_moved" AS before ON before.change = past.previous
    ORDER BY moved.number"#;
const LINK: &str = r#"
    UPDATE "{payments}_tenants" AS other SET first_change = first.number, last_change = last.number
    FROM "{payments}" AS payment
    CROSS JOIN temp."{payments}_moved" AS first ON first.change = payment.first_change
    CROSS JOIN temp."{payments}_moved" AS last ON last.change = payment.last_change
    WHERE payment.id IN (SELECT value FROM json_each(?1)) AND other.tenant = payment.organisation_id AND other.id = payment.id"#;
const DRAW: &str = r#"
    UPDATE sqlite_sequence SET seq = seq + (SELECT count(*) FROM temp."{payments}_moved")
    WHERE name = '{payments}_tenants'"#;
const REMOVE_PAST: &str = r#"
    DELETE FROM "{payments}_past" WHERE change IN (SELECT change FROM temp."{payments}_moved")"#;
const REMOVE: &str = r#"DELETE FROM "{payments}" WHERE id IN (SELECT value FROM json_each(?1))"#;

/// Brings the schema up to date, and moves what can be moved.
///
/// # Errors
/// [`MoveError`]; [`OpenError::InUse`] if a service has the file open.
pub(super) async fn move_to_tenants(
    options: SqliteOptions,
    progress: fn(&MoveReport),
) -> Result<MoveReport, MoveError> {
    let path = options.path.as_ref().ok_or(OpenError::NothingToMigrate)?;
    // A file that is not there has nothing to move: the path is wrong.
    let OpenFile { write, read: _, path: _, identity: _ } = connection::open_file(path, true).await?;
    let moved = async {
        apply_migrations(&write, &options, WhenNewer::Refuse).await?;
        match write.lock().await.as_mut() {
            Some(Open { sqlite, .. }) => {
                let mut moves = Moving { sqlite, table: &options.table };
                let table = options.table.as_str().to_owned();
                move_all(&mut moves, progress).await.map_err(|(done, source)| MoveError::Batch { table, done, source })
            }
            // It was opened just now.
            None => Ok(MoveReport::default()),
        }
    };
    let moved = moved.await;
    connection::close(&write).await;
    moved
}

struct Moving<'m> {
    sqlite: &'m mut SqliteConnection,
    table: &'m TableName,
}

impl Moving<'_> {
    /// Safe: a table name is an identifier and nothing else.
    fn statement(&self, sql: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.table.fill_in(sql))
    }

    async fn transfer_in_transaction(&mut self, due: &[&Candidate]) -> Result<HashSet<String>, sqlx::Error> {
        let ids: Vec<_> = due.iter().map(|candidate| candidate.id.as_str()).collect();
        let free = sqlx::query_scalar(self.statement(FREE)).bind(array(&ids));
        let free: Vec<String> = free.fetch_all(&mut *self.sqlite).await?;
        let ids = array(&free.iter().map(String::as_str).collect::<Vec<_>>());
        for (sql, has_ids) in [
            (TABLE, false),
            (EMPTY, false),
            (COPY, true),
            (NUMBER, true),
            (COPY_PAST, false),
            (LINK, true),
            (DRAW, false),
            (REMOVE_PAST, false),
            (REMOVE, true),
        ] {
            let step = sqlx::query(self.statement(sql));
            let step = if has_ids { step.bind(ids.clone()) } else { step };
            step.execute(&mut *self.sqlite).await?;
        }
        Ok(free.into_iter().collect())
    }
}

impl Moves for Moving<'_> {
    async fn next(&mut self, rows: Rows, last: Option<&Candidate>) -> Result<Vec<Candidate>, sqlx::Error> {
        let query = match rows {
            Rows::Payments => sqlx::query(self.statement(PAYMENTS)).bind(last.map_or(0, |last| last.seq)),
            Rows::Tombstones => {
                sqlx::query(self.statement(TOMBSTONES)).bind(last.map(|last| last.id.clone()).unwrap_or_default())
            }
        };
        let found = query.bind(BATCH).fetch_all(&mut *self.sqlite).await?;
        let candidate = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Candidate { seq: row.try_get(0)?, id: row.try_get(1)?, organisation_id: row.try_get(2)? })
        };
        found.iter().map(candidate).collect()
    }

    async fn transfer(&mut self, due: &[&Candidate]) -> Result<HashSet<String>, sqlx::Error> {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *self.sqlite).await?;
        let moved = self.transfer_in_transaction(due).await;
        let end = if moved.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = sqlx::query(end).execute(&mut *self.sqlite).await;
        let moved = moved?;
        ended.map(|_| moved)
    }
}

/// The ids as an array in JSON. SQLite has no arrays.
fn array(ids: &[&str]) -> String {
    serde_json::to_string(ids).unwrap_or_default()
}
