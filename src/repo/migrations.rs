//! The schema, and how it gets into a database.

use super::{OpenError, TableName};
use sqlx::migrate::{Migrate, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::path::Path;

/// A migration inside the binary: its number, what it does, its SQL.
pub(super) type Embedded = (i64, &'static str, &'static str);

/// Brings the schema of `table` up to date on `connection`, with what `directory` holds or else with `embedded`.
///
/// Each table has bookkeeping of its own, `<table>_migrations`, so that several can share a database. On PostgreSQL the
/// migrator holds an advisory lock meanwhile, so concurrent starts queue up.
///
/// # Errors
/// [`OpenError::Migrations`], [`OpenError::Migrate`]. The lock is then kept until the connection is closed.
pub(super) async fn run<C: Migrate>(
    connection: &mut C,
    table: &TableName,
    directory: Option<&Path>,
    embedded: &[Embedded],
) -> Result<(), OpenError> {
    let migrations = match directory {
        Some(directory) => read(directory, table).await?,
        None => embedded
            .iter()
            .map(|&(version, name, sql)| migration(version, name.to_owned(), sql, false, table))
            .collect(),
    };
    let mut migrator = Migrator::with_migrations(migrations);
    // "Dangerous" only for a database that was migrated under another name; this one is the same from the first start.
    migrator.dangerous_set_table_name(format!("{}_migrations", table.as_str()));
    migrator.run_direct(None, connection, false).await.map_err(|source| {
        let table = table.as_str().to_owned();
        OpenError::Migrate { table, source: Box::new(source) }
    })
}

async fn read(directory: &Path, table: &TableName) -> Result<Vec<Migration>, OpenError> {
    let refuse = |source| OpenError::Migrations { path: directory.to_owned(), source };
    let found = Migrator::new(directory).await.map_err(|error| refuse(error.into()))?;
    let ups = found.iter().filter(|found| found.migration_type.is_up_migration());
    let migrations: Vec<_> = ups
        .map(|up| migration(up.version, up.description.clone().into_owned(), up.sql.as_str(), up.no_tx, table))
        .collect();
    if migrations.is_empty() {
        return Err(refuse("it has no file named like 0001_payments.sql".into()));
    }
    Ok(migrations)
}

fn migration(version: i64, description: String, sql: &str, no_tx: bool, table: &TableName) -> Migration {
    // Safe: a table name is an identifier and nothing else.
    let sql = AssertSqlSafe(table.fill_in(sql)).into_sql_str();
    Migration::new(version, description.into(), MigrationType::Simple, sql, no_tx)
}
