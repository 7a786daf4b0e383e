//! What goes wrong inside: a full disk, a statement that fails, a writer that dies.

use super::{Sqlite, SqliteOptions};
use crate::payments::{Attributes, Error, NewPayment, OrganisationId, Page, PageStart, PaymentId, Repo};
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::task::JoinSet;

async fn in_a_file() -> (TempDir, Arc<Sqlite>) {
    let directory = tempfile::tempdir().unwrap();
    let path = Some(directory.path().join("payments.db"));
    (directory, Arc::new(Sqlite::open(SqliteOptions { path, ..SqliteOptions::default() }).await.unwrap()))
}

async fn in_memory() -> Arc<Sqlite> {
    Arc::new(Sqlite::open(SqliteOptions::default()).await.unwrap())
}

fn id(name: &str) -> PaymentId {
    PaymentId::parse(name).unwrap()
}

fn payment(name: &str, length: usize) -> NewPayment {
    NewPayment {
        id: id(name),
        organisation_id: OrganisationId::parse("acme").unwrap(),
        attributes: Attributes::stored(format!(r#"{{"amount":"1","note":"{}"}}"#, "x".repeat(length)).into()),
        created_on: chrono::Utc::now(),
    }
}

/// Creates payments at once, so that they share transactions and statements. Says who failed, and how.
async fn create_at_once(repo: &Arc<Sqlite>, names: &[&str], length: usize) -> Vec<(String, Error)> {
    let mut tasks = JoinSet::new();
    for name in names {
        let (repo, name) = (Arc::clone(repo), (*name).to_owned());
        tasks.spawn(async move { repo.create(payment(&name, length)).await.err().map(|error| (name, error)) });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn write(repo: &Sqlite, sql: &str) {
    let mut connection = repo.writer.connection().lock().await;
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection.as_mut().unwrap().sqlite).await.unwrap();
}

async fn all(repo: &Sqlite) -> Vec<String> {
    let Page { payments, first: _, last: _ } = repo.list(PageStart::Offset(0), 99).await.unwrap();
    payments.into_iter().map(|payment| payment.id.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_heals() {
    for (_directory, repo) in [in_a_file().await, (tempfile::tempdir().unwrap(), in_memory().await)] {
        repo.create(payment("before", 1)).await.unwrap();
        write(&repo, "PRAGMA max_page_count = 10").await;

        let failed = create_at_once(&repo, &["a", "b", "c", "d", "e", "f", "g"], 20_000).await;
        assert_eq!(failed.len(), 7, "no more than two such payments fit on ten pages, and these share a commit");
        for (name, error) in failed {
            assert!(matches!(error, Error::Unavailable(_)), "{name}: {error:?}");
        }
        assert_eq!(all(&repo).await, ["before"], "reads go on, and nothing of the batch is there");
        repo.check().await.expect("it can still be read");
        repo.create(payment("small", 1)).await.expect("there is room for a small one");

        write(&repo, "PRAGMA max_page_count = 1000000").await;
        repo.create(payment("a", 20_000)).await.expect("there is room again");
        assert_eq!(all(&repo).await, ["before", "small", "a"]);
    }
}

#[tokio::test]
async fn a_statement_that_fails_leaves_the_others_alone() {
    let repo = in_memory().await;
    write(&repo, "CREATE TRIGGER t BEFORE INSERT ON payments WHEN new.id = 'bad' BEGIN SELECT raise(ABORT, 'no'); END")
        .await;
    let failed = create_at_once(&repo, &["a", "b", "bad", "c", "d", "e", "f", "a"], 1).await;
    let mut failed: Vec<_> = failed
        .into_iter()
        .map(|(name, error)| (name, matches!(error, Error::Internal(_)), matches!(error, Error::AlreadyExists)))
        .collect();
    failed.sort();
    assert_eq!(failed, [("a".to_owned(), false, true), ("bad".to_owned(), true, false)]);
    assert_eq!(all(&repo).await.len(), 6);
}

#[tokio::test]
async fn a_dead_writer_is_unavailable_and_noticed() {
    let (_directory, repo) = in_a_file().await;
    repo.create(payment("a", 1)).await.unwrap();
    // Without its connection the writer gives up at the next job.
    *repo.writer.connection().lock().await = None;
    for name in ["b", "c"] {
        let refused = repo.create(payment(name, 1)).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    }
    assert!(matches!(repo.check().await, Err(Error::Unavailable(_))), "readiness must notice");
    repo.fetch(&id("a")).await.expect("reads go on");
    repo.close().await;
}
