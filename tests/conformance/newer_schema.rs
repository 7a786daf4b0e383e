//! A schema that a newer release has migrated: the present code serves over it, and does not migrate it.
//!
//! The list of stores has stores over such a schema, so every promise is held there, too.

use crate::patient::Patient;
use crate::stores::{Store, postgres_at};
use payments::repo::{OpenError, Postgres, PostgresOptions, Sqlite, SqliteOptions, StoreOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use std::path::Path;
use tempfile::TempDir;

/// What a newer release may do by the rule of schema/README.md: a nullable column, a column with a default, an index.
const NEWER: &str = r#"
    ALTER TABLE "{payments}" ADD COLUMN note text;
    ALTER TABLE "{payments}" ADD COLUMN state text NOT NULL DEFAULT 'accepted';
    CREATE INDEX "{payments}_by_state" ON "{payments}" (state);
    ALTER TABLE "{payments}_tenants" ADD COLUMN note text;
    ALTER TABLE "{payments}_tenants" ADD COLUMN state text NOT NULL DEFAULT 'accepted';
    CREATE INDEX "{payments}_tenants_by_state" ON "{payments}_tenants" (state);
"#;

/// The migrations of a newer release: those of schema/, and one more.
pub(crate) fn newer_migrations(store: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(store);
    for file in ours.read_dir().unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
    }
    std::fs::write(directory.path().join("9999_newer.sql"), NEWER).unwrap();
    std::fs::write(directory.path().join("README.md"), "not a migration").unwrap();
    directory
}

/// The options of a file that a newer release has migrated.
async fn newer_file(directory: &TempDir) -> SqliteOptions {
    let migrations = newer_migrations("sqlite3");
    let options = SqliteOptions { path: Some(directory.path().join("payments.db")), ..SqliteOptions::default() };
    let newer = SqliteOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() };
    newer.migrate().await.unwrap();
    options
}

/// The options of a database that a newer release has migrated.
async fn newer_database() -> PostgresOptions {
    let migrations = newer_migrations("postgres");
    let options = postgres_at(test_support::postgres::url());
    let newer = PostgresOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() };
    newer.migrate().await.unwrap();
    options
}

pub(crate) async fn in_a_newer_file() -> Store<Sqlite> {
    let directory = tempfile::tempdir().unwrap();
    let repo = Sqlite::open(newer_file(&directory).await).await.expect("a newer schema can be used");
    Store::new(repo, Some(directory))
}

pub(crate) async fn in_newer_postgres() -> Store<Patient<Postgres>> {
    let repo = Postgres::connect(newer_database().await).await.expect("a newer schema can be used");
    Store::new(Patient(repo), None)
}

#[tokio::test]
async fn a_newer_schema_is_not_migrated() {
    let directory = tempfile::tempdir().unwrap();
    let (file, database) = (newer_file(&directory).await.migrate().await, newer_database().await.migrate().await);
    for refused in [file, database] {
        let error = refused.expect_err("there is nothing that this release could migrate");
        assert!(matches!(error, OpenError::NewerSchema { migration: 9999, .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.contains("run `payments migrate` of the release that brought it"), "{message}");
        assert!(!message.contains('\n'), "a message is one line: {message}");
    }
}

/// Opens and migrates a file and a database that were migrated by a newer release and then changed by `sql`. Returns the
/// errors.
async fn refusals_after(sql: &'static str) -> Vec<OpenError> {
    let directory = tempfile::tempdir().unwrap();
    let (file, database) = (newer_file(&directory).await, newer_database().await);
    let path = file.path.clone().unwrap();
    let mut sqlite = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlite.execute(AssertSqlSafe(sql)).await.unwrap();
    let mut postgres = database.url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    postgres.execute(AssertSqlSafe(sql)).await.unwrap();
    drop(sqlite);
    vec![
        Sqlite::open(file.clone()).await.expect_err("the file is served"),
        file.migrate().await.expect_err("the file is migrated"),
        Postgres::connect(database.clone()).await.expect_err("the database is served"),
        database.migrate().await.expect_err("the database is migrated"),
    ]
}

#[tokio::test]
async fn a_migration_that_was_changed_is_refused() {
    let refusals = refusals_after("UPDATE payments_migrations SET checksum = '\\x00' WHERE version = 1").await;
    for error in refusals {
        let is_refused = matches!(&error, OpenError::Migrate { .. }) && error.to_string().contains("migration 1")
            // To migrate, the program refuses the migration that it does not know before it looks at checksums.
            || matches!(&error, OpenError::NewerSchema { .. });
        assert!(is_refused, "{error:?}");
    }
}

#[tokio::test]
async fn a_migration_that_was_not_finished_is_refused() {
    for migration in [1, 9999] {
        let sql = match migration {
            1 => "UPDATE payments_migrations SET success = false WHERE version = 1",
            _ => "UPDATE payments_migrations SET success = false WHERE version = 9999",
        };
        for error in refusals_after(sql).await {
            assert!(
                matches!(&error, OpenError::Unfinished { migration: found, .. } if *found == migration),
                "{error:?}"
            );
        }
    }
}
