//! The release before this one, which knows no tenants: its schema becomes this one, and its statements go on working in the
//! anonymous tenant, beside this release (a rollout) and after it (a rollback).

use crate::stores::{attributes, change, id, list, names, now, organisation, payment, postgres_at, version};
use crate::view::tenant;
use payments::payments::{NewPayment, PageStart, Repo, Tenant};
use payments::repo::{Backend, Postgres, PostgresOptions, Sqlite, SqliteOptions, StoreOptions};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Executor, Row};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The migrations of the release before.
fn older_migrations(store: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(store).join("0001_payments.sql");
    std::fs::copy(ours, directory.path().join("0001_payments.sql")).unwrap();
    directory
}

/// What the release before wrote: a payment, one that was changed, and one that was deleted.
const ROWS: [(&str, i64, bool); 3] = [("a", 0, false), ("b", 4, false), ("gone", 1, true)];

/// The insert of the release before.
const CREATE_SQLITE: &str = r#"
    INSERT INTO "payments" (id, version, created_on, modified_on, organisation_id, attributes)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING"#;
const CREATE_MANY_SQLITE: &str = r#"
    INSERT OR ROLLBACK INTO "payments" (id, version, created_on, modified_on, organisation_id, attributes)
    SELECT * FROM (VALUES (?, ?, ?, ?, ?, ?)) WHERE column1 IS NOT NULL"#;
const CREATE_POSTGRES: &str = r#"
    WITH gate AS MATERIALIZED (
        SELECT pg_advisory_xact_lock_shared('payments'::regclass::oid::bigint::int, (came_to % 2147483648)::int)
        FROM (SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "payments_order") AS numbers (came_to)
    )
    INSERT INTO "payments" (id, version, created_on, modified_on, organisation_id, attributes)
    SELECT $1, $2, now(), now(), 'acme', '{"amount":"1"}' FROM gate
    ON CONFLICT (id) DO NOTHING"#;

async fn old_file(path: &Path) -> SqliteOptions {
    let migrations = older_migrations("sqlite3");
    let options = SqliteOptions { path: Some(path.to_owned()), ..SqliteOptions::default() };
    SqliteOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() }.migrate().await.unwrap();
    let mut writer = sqlite(path).await;
    for (name, version, deleted) in ROWS {
        assert_eq!(create_in_sqlite(&mut writer, name, version).await, 1, "{name}");
        let delete = "UPDATE payments SET deleted = ?1 WHERE id = ?2";
        sqlx::query(delete).bind(deleted).bind(name).execute(&mut writer).await.unwrap();
    }
    writer.close().await.unwrap();
    options
}

async fn sqlite(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn create_in_sqlite(writer: &mut SqliteConnection, name: &str, version: i64) -> u64 {
    let insert = sqlx::query(CREATE_SQLITE).bind(name).bind(version).bind(1_i64).bind(2_i64).bind("acme");
    insert.bind(r#"{"amount":"1"}"#).execute(writer).await.unwrap().rows_affected()
}

async fn old_database() -> PostgresOptions {
    let migrations = older_migrations("postgres");
    let options = postgres_at(test_support::postgres::url());
    let older = PostgresOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() };
    older.migrate().await.unwrap();
    let mut writer = PgConnection::connect(&options.url).await.unwrap();
    for (name, version, deleted) in ROWS {
        assert_eq!(create_in_postgres(&mut writer, name, version).await, 1, "{name}");
        let delete = "UPDATE payments SET deleted = $1 WHERE id = $2";
        sqlx::query(delete).bind(deleted).bind(name).execute(&mut writer).await.unwrap();
    }
    options
}

async fn create_in_postgres(writer: &mut PgConnection, name: &str, version: i64) -> u64 {
    sqlx::query(CREATE_POSTGRES).bind(name).bind(version).execute(writer).await.unwrap().rows_affected()
}

/// Asserts that the store has what the release before wrote, in the anonymous tenant and in no other.
async fn ensure_it_has_the_rows<R: Backend>(repo: &R) {
    assert_eq!(names(&list(repo, PageStart::Offset(0), 9).await), "a b");
    for (name, number, deleted) in ROWS {
        let found = repo.fetch(&Tenant::ANONYMOUS, &id(name)).await.ok().map(|payment| payment.version);
        assert_eq!(found, (!deleted).then_some(version(number)), "{name}");
        assert!(repo.create(&Tenant::ANONYMOUS, payment(name)).await.is_err(), "the id {name} is taken");
        assert!(repo.fetch(&tenant("acme"), &id(name)).await.is_err(), "{name} belongs to no organisation");
        repo.create(&tenant("acme"), payment(name)).await.expect("the organisation has no such id");
    }
    repo.update(&Tenant::ANONYMOUS, &id("b"), version(4), change("7")).await.expect("what is old can be changed");
}

#[tokio::test]
async fn what_the_release_before_wrote_is_in_the_anonymous_tenant() {
    let directory = tempfile::tempdir().unwrap();
    let repo = Sqlite::open(old_file(&directory.path().join("payments.db")).await).await.unwrap();
    ensure_it_has_the_rows(&repo).await;
    let repo = Postgres::connect(old_database().await).await.unwrap();
    ensure_it_has_the_rows(&repo).await;
}

/// Gives two organisations a payment with an id that is free in the anonymous tenant, and one that is not.
async fn let_tenants_write<R: Backend>(repo: &R) {
    for (tenant, name) in ["acme", "other"].iter().flat_map(|name| ["a", "secret"].map(|id| (tenant(name), id))) {
        let secret = NewPayment {
            attributes: attributes(r#"{"amount":"1","note":"secret"}"#),
            organisation_id: organisation("acme"),
            created_on: now(),
            ..payment(name)
        };
        repo.create(&tenant, secret).await.unwrap();
    }
}

#[tokio::test]
async fn after_a_rollback_a_file_shows_nothing_of_tenants_and_takes_every_write() {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("payments.db");
    let options = old_file(&path).await;
    let repo = Sqlite::open(options.clone()).await.unwrap();
    let_tenants_write(&repo).await;
    repo.close().await;

    let mut older = sqlite(&path).await;
    assert_eq!(create_in_sqlite(&mut older, "a", 0).await, 0, "the id is taken");
    assert_eq!(create_in_sqlite(&mut older, "secret", 0).await, 1, "the id of a tenant is free");
    let many = sqlx::query(CREATE_MANY_SQLITE).bind("c").bind(0_i64).bind(1_i64).bind(2_i64).bind("acme").bind("{}");
    assert_eq!(many.execute(&mut older).await.unwrap().rows_affected(), 1);
    let shown = older.fetch_all("SELECT attributes FROM payments").await.unwrap();
    let shown = shown.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>();
    assert!(shown.len() == 5 && shown.iter().all(|text| !text.contains("secret")), "{shown:?}");
    older.close().await.unwrap();

    // And on again.
    let repo = Sqlite::open(options).await.unwrap();
    assert_eq!(names(&list(&repo, PageStart::Offset(0), 9).await), "a b secret c");
    let found = repo.fetch(&tenant("acme"), &id("secret")).await.unwrap();
    assert!(found.attributes.as_str().contains("secret"), "{found:?}");
    repo.close().await;
}

#[tokio::test]
async fn beside_this_release_the_one_before_shows_nothing_of_tenants_and_takes_every_write() {
    let options = old_database().await;
    let repo = Postgres::connect(options.clone()).await.unwrap();
    let_tenants_write(&repo).await;
    let mut older = PgConnection::connect(&options.url).await.unwrap();
    assert_eq!(create_in_postgres(&mut older, "a", 0).await, 0, "the id is taken");
    assert_eq!(create_in_postgres(&mut older, "secret", 0).await, 1, "the id of a tenant is free");
    let shown = older.fetch_all("SELECT attributes FROM payments").await.unwrap();
    let shown = shown.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>();
    assert!(shown.len() == 4 && shown.iter().all(|text| !text.contains("secret")), "{shown:?}");
    assert_eq!(names(&list(&repo, PageStart::Offset(0), 9).await), "a b secret", "this release sees what it wrote");
    older.execute(r#"TRUNCATE "payments""#).await.unwrap();
    repo.fetch(&tenant("acme"), &id("a")).await.expect("its clear is about what it knows");
}
