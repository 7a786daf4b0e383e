//! Migrations: how a schema gets into a database, and what happens when the database is ahead.
//!
//! Releases run side by side during a rollout, and a rollback brings an older one back, so a program meets schemas that are
//! newer than its own. Every schema works with the program before it (`schema/README.md` has the rule), so to serve, a
//! program ignores the migrations that it does not know. To migrate is another matter: there is nothing that it could do.
//!
//! In both cases the migrations that the program does know must be those that were applied: sqlx compares their checksums.

use super::{OpenError, TableName};
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::path::Path;

/// A migration inside the binary: its number, its name, its SQL.
pub(super) type Embedded = (i64, &'static str, &'static str);

/// The migrations of one table.
pub(super) struct Migrations<'a> {
    pub(super) table: &'a TableName,
    /// A directory to read them from, instead of those inside the binary.
    pub(super) directory: Option<&'a Path>,
    pub(super) embedded: &'static [Embedded],
}

/// What to do when the database has migrations that this program does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenNewer {
    /// Work with the schema as it is, and say so in the log.
    Ignore,
    /// Fail with [`OpenError::NewerSchema`].
    Refuse,
}

impl Migrations<'_> {
    /// Applies the migrations that `connection` does not have yet.
    ///
    /// Each table has bookkeeping of its own, `<table>_migrations`, so that several can share a database. On PostgreSQL the
    /// migrator holds an advisory lock meanwhile, so concurrent starts queue up.
    ///
    /// # Errors
    /// [`OpenError::Migrations`], [`OpenError::Migrate`], [`OpenError::Unfinished`], [`OpenError::NewerSchema`]. The lock is
    /// then kept until the connection is closed.
    pub(super) async fn apply<C: Migrate>(self, connection: &mut C, when_newer: WhenNewer) -> Result<(), OpenError> {
        let Self { table, directory, embedded } = self;
        let known = match directory {
            Some(directory) => read(directory, table).await?,
            None => embedded
                .iter()
                .map(|&(version, name, sql)| migration(version, name.to_owned(), sql, false, table))
                .collect(),
        };
        let bookkeeping = format!("{}_migrations", table.as_str());
        let mut migrator = Migrator::with_migrations(known);
        // "Dangerous" for a database that was migrated under another name; this name never changes.
        migrator.dangerous_set_table_name(bookkeeping.clone());
        migrator.set_ignore_missing(when_newer == WhenNewer::Ignore);
        migrator.run_direct(None, connection, false).await.map_err(|source| refuse(table, source))?;

        let applied = connection.list_applied_migrations(&bookkeeping).await.map_err(|source| refuse(table, source))?;
        let unknown =
            applied.iter().map(|applied| applied.version).filter(|version| !migrator.version_exists(*version));
        if let unknown @ [_, ..] = unknown.collect::<Vec<_>>().as_slice() {
            tracing::warn!(
                table = table.as_str(),
                migrations = ?unknown,
                "the schema is newer than this program; serving all the same, without the migrations it does not know"
            );
        }
        Ok(())
    }
}

fn refuse(table: &TableName, source: MigrateError) -> OpenError {
    let table = table.as_str().to_owned();
    if let MigrateError::Dirty(migration) = source {
        return OpenError::Unfinished { table, migration };
    }
    if let MigrateError::VersionMissing(migration) = source {
        return OpenError::NewerSchema { table, migration };
    }
    OpenError::Migrate { table, source: Box::new(source) }
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

/// Asserts that `embedded` lists every file of the directory of this name in schema/, in order.
#[cfg(test)]
pub(super) async fn assert_lists_every_file(name: &str, embedded: &[Embedded]) {
    let table = TableName::default();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    let files = read(&directory, &table).await.unwrap();
    let files: Vec<_> =
        files.iter().map(|file| (file.version, file.description.as_ref(), file.sql.as_str().to_owned())).collect();
    let embedded: Vec<_> = embedded.iter().map(|&(version, name, sql)| (version, name, table.fill_in(sql))).collect();
    assert_eq!(files, embedded, "schema/{name} and MIGRATIONS in src/repo differ: list every file there");
}
