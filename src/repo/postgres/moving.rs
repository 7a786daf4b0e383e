//! The statements that move anonymous payments to the tenants of their organisations. Replicas may serve meanwhile.
//!
//! A batch is one transaction: it locks its rows, copies them with their past, and removes what was copied. A write of such a
//! payment waits for the batch, and then finds the payment gone, or the batch waits for the write, and moves what that has
//! written. The copies are announced like creations ([`Order`]), so that no list of their tenant gets past them, and no feed.

use super::order::Order;
use super::{PostgresOptions, apply_migrations, connection};
use crate::repo::migrations::WhenNewer;
use crate::repo::moving::{BATCH, Candidate, MoveError, MoveReport, Moves, Rows, move_all};
use crate::repo::table::{PerTable, TableName};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::collections::HashSet;

const PAYMENTS: &str = r#"
    SELECT seq, id, organisation_id FROM "{payments}" WHERE NOT deleted AND seq > $1 ORDER BY seq LIMIT $2"#;
const TOMBSTONES: &str = r#"
    SELECT seq, id, organisation_id FROM "{payments}" WHERE deleted AND id > $1 ORDER BY id LIMIT $2"#;
/// Locks in the order of ids, so that two moves at once do not wait for each other. A statement of its own: the next one begins
/// after the locks are held, so that it sees the past that the last writes have left.
const LOCK: &str = r#"SELECT FROM "{payments}" WHERE id = ANY($1) ORDER BY id FOR UPDATE"#;
/// A row whose organisation has become another one since it was looked at stays. The numbers of the copies are drawn in the
/// order of the old ones: those of the payments first, then those of their changes.
const TRANSFER: &str = r#"
    WITH gate AS MATERIALIZED ({gate}),
    moved AS (
        INSERT INTO "{payments}_tenants" (
            tenant, id, version, created_on, modified_on, deleted, organisation_id, attributes,
            subject, client_id, request_id, origin_version, kind
        )
        SELECT organisation_id, id, version, created_on, modified_on, deleted, organisation_id, attributes,
            subject, client_id, request_id, origin_version, kind
        FROM gate CROSS JOIN "{payments}"
        WHERE id = ANY($1) AND (id, organisation_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
        ORDER BY seq
        ON CONFLICT (tenant, id) DO NOTHING
        RETURNING tenant, id
    ),
    past AS (
        DELETE FROM "{payments}_past" AS past USING moved WHERE past.id = moved.id RETURNING moved.tenant, past.*
    ),
    moved_past AS (
        INSERT INTO "{payments}_tenants_past" (
            change, tenant, id, version, modified_on, deleted, organisation_id,
            subject, client_id, request_id, kind, attributes
        )
        SELECT nextval('"{payments}_tenants_order"'), tenant, id, version, modified_on, deleted, organisation_id,
            subject, client_id, request_id, kind, attributes
        FROM (SELECT * FROM past ORDER BY change) AS past
    )
    DELETE FROM "{payments}" AS payment USING moved WHERE payment.id = moved.id
    RETURNING payment.id"#;

/// Brings the schema up to date, and moves what can be moved.
///
/// # Errors
/// [`MoveError`].
pub(super) async fn move_to_tenants(
    options: PostgresOptions,
    progress: fn(&MoveReport),
) -> Result<MoveReport, MoveError> {
    let address = connection::address(&options.url)?;
    let mut only = connection::first(&address).await?;
    apply_migrations(&mut only.connection, &options, WhenNewer::Refuse).await?;
    let [_, organisations] = PerTable::named(&options.table).into_both();
    let order = Order::new(&mut only.connection, &organisations).await;
    let order = order.map_err(|error| connection::refuse(&address, error))?;
    // The gate is about the table of tenants, and the rest of the statement names both.
    let gate = organisations.fill_in(order.gate());
    let transfer = options.table.fill_in(&TRANSFER.replace("{gate}", &gate));
    let lock = options.table.fill_in(LOCK);
    let mut moves = Moving { connection: &mut only.connection, table: &options.table, lock, transfer };
    let moved = move_all(&mut moves, progress).await;
    only.close().await;
    let table = options.table.as_str().to_owned();
    moved.map_err(|(done, source)| MoveError::Batch { table, done, source })
}

struct Moving<'m> {
    connection: &'m mut PgConnection,
    table: &'m TableName,
    lock: String,
    transfer: String,
}

impl Moves for Moving<'_> {
    async fn next(&mut self, rows: Rows, last: Option<&Candidate>) -> Result<Vec<Candidate>, sqlx::Error> {
        // Safe: a table name is an identifier and nothing else.
        let statement = |sql| AssertSqlSafe(self.table.fill_in(sql));
        let query = match rows {
            Rows::Payments => sqlx::query(statement(PAYMENTS)).bind(last.map_or(0, |last| last.seq)),
            Rows::Tombstones => sqlx::query(statement(TOMBSTONES)).bind(last.map_or("", |last| last.id.as_str())),
        };
        let found = query.bind(BATCH).fetch_all(&mut *self.connection).await?;
        let candidate = |row: &sqlx::postgres::PgRow| {
            Ok(Candidate { seq: row.try_get(0)?, id: row.try_get(1)?, organisation_id: row.try_get(2)? })
        };
        found.iter().map(candidate).collect()
    }

    async fn transfer(&mut self, due: &[&Candidate]) -> Result<HashSet<String>, sqlx::Error> {
        let ids: Vec<_> = due.iter().map(|candidate| candidate.id.as_str()).collect();
        let organisations: Vec<_> = due.iter().map(|candidate| candidate.organisation_id.as_str()).collect();
        // Read committed, so that each statement sees what was committed before it.
        let mut batch = self.connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        // Safe: the statements have names of tables and numbers, and no values.
        let lock = sqlx::query(AssertSqlSafe(self.lock.clone())).bind(&ids);
        lock.execute(&mut *batch).await?;
        let transfer = sqlx::query_scalar(AssertSqlSafe(self.transfer.clone())).bind(&ids).bind(&organisations);
        let moved: Vec<String> = transfer.fetch_all(&mut *batch).await?;
        batch.commit().await?;
        Ok(moved.into_iter().collect())
    }
}
