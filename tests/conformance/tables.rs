//! Tables: several in one database, and how they get there.

use crate::newer_schema::newer_migrations;
use crate::stores::{create, list, names, payment, postgres_at};
use crate::view::Repo;
use payments::payments::PageStart;
use payments::repo::{OpenError, Postgres, PostgresOptions, Sqlite, SqliteOptions, TableName};
use std::path::Path;
use tokio::task::JoinSet;

fn table(name: &str) -> TableName {
    TableName::parse(name).expect("the test uses a good name")
}

fn at(path: &Path, name: &str) -> SqliteOptions {
    SqliteOptions { path: Some(path.to_owned()), table: table(name), ..SqliteOptions::default() }
}

async fn shown(repo: &impl Repo) -> String {
    names(&list(repo, PageStart::Offset(0), 9).await)
}

#[tokio::test]
async fn two_tables_share_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("payments.db");
    for (name, payment) in [("payments", "a"), ("order", "b")] {
        let repo = Sqlite::open(at(&path, name)).await.unwrap();
        assert_eq!(shown(&repo).await, "", "a new table must be empty");
        create(&repo, &[payment]).await;
        repo.close().await;
    }
    for (name, expected) in [("payments", "a"), ("order", "b")] {
        let repo = Sqlite::open(at(&path, name)).await.unwrap();
        assert_eq!(shown(&repo).await, expected);
        repo.close().await;
    }
}

#[tokio::test]
async fn two_tables_share_a_database() {
    let url = test_support::postgres::url();
    let longest = "l".repeat(48);
    let open = async |name: &str| {
        Postgres::connect(PostgresOptions { table: table(name), ..postgres_at(url.clone()) }).await.unwrap()
    };
    let (payments, order, long) = (open("payments").await, open("order").await, open(&longest).await);
    create(&payments, &["a", "b"]).await;
    create(&order, &["a"]).await;
    create(&long, &["c"]).await;
    order.clear().await.unwrap();
    assert_eq!(shown(&payments).await, "a b");
    assert_eq!(shown(&order).await, "");
    assert_eq!(shown(&long).await, "c");
    assert_eq!(shown(&open("payments").await).await, "a b", "a second process must see the same");
}

#[tokio::test]
async fn eight_processes_may_start_at_once_on_postgres() {
    let url = test_support::postgres::url();
    let starts: JoinSet<_> = (0..8).map(|_| Postgres::connect(postgres_at(url.clone()))).collect();
    let repos: Vec<_> = starts.join_all().await.into_iter().collect::<Result<_, _>>().unwrap();
    for (number, repo) in repos.iter().enumerate() {
        create(repo, &[&format!("p{number}")]).await;
    }
    assert_eq!(shown(&repos[0]).await, "p0 p1 p2 p3 p4 p5 p6 p7");
}

#[tokio::test]
async fn of_eight_that_start_at_once_one_gets_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("payments.db");
    let starts: JoinSet<_> = (0..8).map(|_| Sqlite::open(at(&path, "payments"))).collect();
    let (won, lost): (Vec<_>, Vec<_>) = starts.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1, "expected one process with the file; the others got {lost:?}");
    for error in lost.into_iter().filter_map(Result::err) {
        assert!(matches!(error, OpenError::InUse { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn runs_the_migrations_of_a_directory_instead_of_ours() {
    let own = newer_migrations("sqlite3");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("payments.db");

    // A database that was migrated by the program goes on from there.
    let repo = Sqlite::open(at(&path, "payments")).await.unwrap();
    create(&repo, &["a"]).await;
    repo.close().await;
    let repo = Sqlite::open(SqliteOptions { migrations: Some(own.path().to_owned()), ..at(&path, "payments") }).await;
    let repo = repo.unwrap();
    assert_eq!(shown(&repo).await, "a");
    repo.close().await;

    let own = newer_migrations("postgres");
    let options =
        PostgresOptions { migrations: Some(own.path().to_owned()), ..postgres_at(test_support::postgres::url()) };
    let repo = Postgres::connect(options).await.unwrap();
    repo.create(payment("a")).await.unwrap();
}

#[tokio::test]
async fn says_what_is_wrong_with_a_directory_of_migrations() {
    let empty = tempfile::tempdir().unwrap();
    for (directory, expected) in [
        (empty.path().to_owned(), "it has no file named like 0001_payments.sql"),
        (empty.path().join("missing"), "error canonicalizing path"),
    ] {
        let options = SqliteOptions { migrations: Some(directory), ..SqliteOptions::default() };
        let message = Sqlite::open(options).await.expect_err("there is nothing to run").to_string();
        assert!(message.contains(expected) && message.contains("--repo-migrations"), "{message}");
        assert!(!message.contains('\n'), "a message is one line: {message}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let bad = "CREATE TABLE \"{payments}\" (id text); CREATE TABLE nonsense (;";
    std::fs::write(directory.path().join("0001_payments.sql"), bad).unwrap();
    let url = test_support::postgres::url();
    let path = directory.path().join("payments.db");
    for attempt in 0..2 {
        let migrations = Some(directory.path().to_owned());
        let sqlite = Sqlite::open(SqliteOptions { migrations: migrations.clone(), ..at(&path, "payments") }).await;
        let postgres = Postgres::connect(PostgresOptions { migrations, ..postgres_at(url.clone()) }).await;
        for error in [sqlite.err(), postgres.err()] {
            assert!(matches!(error, Some(OpenError::Migrate { .. })), "attempt {attempt}: {error:?}");
        }
    }
    create(&Sqlite::open(at(&path, "payments")).await.unwrap(), &["a"]).await;
    create(&Postgres::connect(postgres_at(url)).await.unwrap(), &["a"]).await;
}
