//! Fetches from PostgreSQL, which share a statement.

use crate::patient::Patient;
use crate::postgres::{connect, kill_connections};
use crate::stores::{create, create_many, id, postgres_at};
use crate::view::Repo;
use futures_util::FutureExt;
use payments::payments::Error;
use payments::repo::{Postgres, PostgresOptions};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Waits until nobody is connected to a database, and returns how many transactions it has committed. `watcher` is connected to
/// another database, so that its own statements, which are more on a slow machine, do not count.
async fn transactions(watcher: &mut PgConnection, database: &str) -> i64 {
    let clients = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
    // A connection reports its transactions to the server when it closes.
    while sqlx::query_scalar::<_, i64>(clients).bind(database).fetch_one(&mut *watcher).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let done = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1";
    sqlx::query_scalar(done).bind(database).fetch_one(watcher).await.unwrap()
}

#[tokio::test]
async fn fetches_at_once_share_a_statement() {
    let url = test_support::postgres::url();
    let repo = Arc::new(connect(&url).await);
    create_many(&*repo, 200).await;
    repo.close().await;

    let mut owner = PgConnection::connect(&url).await.unwrap();
    let database: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    let mut watcher = PgConnection::connect(&test_support::postgres::url()).await.unwrap();
    let before = transactions(&mut watcher, &database).await;
    let repo = Arc::new(connect(&url).await);
    let fetches: JoinSet<_> = (0..200)
        .map(|number| {
            let repo = Arc::clone(&repo);
            let name = format!("p{number}");
            async move { (repo.fetch(&id(&name)).await.unwrap().id.clone(), name) }
        })
        .collect();
    for (found, expected) in fetches.join_all().await {
        assert_eq!(found.as_str(), expected, "one fetch got the payment of another");
    }
    repo.close().await;
    let done = transactions(&mut watcher, &database).await - before;
    // Those of the start are among them; and one for each of 16 sessions, which sets it up.
    assert!(done < 50 + 16, "expected fewer than 50 statements for 200 fetches at once, got {done}");
}

#[tokio::test]
async fn a_broken_row_fails_no_fetch_of_another() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["broken", "whole"]).await;
    let mut vandal = PgConnection::connect(&url).await.unwrap();
    // The trigger would give the row the next version.
    let broken = "ALTER TABLE payments DISABLE TRIGGER USER; UPDATE payments SET version = -1 WHERE id = 'broken'";
    vandal.execute(broken).await.unwrap();
    let (whole, broken, absent) = (id("whole"), id("broken"), id("absent"));
    // At the same time, so that they are fetched together.
    let (first, broken, absent, second) =
        tokio::join!(repo.fetch(&whole), repo.fetch(&broken), repo.fetch(&absent), repo.fetch(&whole));
    assert!(matches!(broken, Err(Error::Internal(_))), "{broken:?}");
    assert!(matches!(absent, Err(Error::NotFound)), "{absent:?}");
    for whole in [first, second] {
        assert_eq!(whole.unwrap().id.as_str(), "whole");
    }
}

#[tokio::test]
async fn a_dropped_fetch_does_not_take_along_a_later_one() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let a = id("a");
    let (first, second) = (repo.fetch(&a), repo.fetch(&a));
    assert!(first.now_or_never().is_none(), "the first fetch was answered before it could be dropped");
    let second = tokio::time::timeout(Duration::from_secs(60), second)
        .await
        .expect("the second fetch goes to the server by itself");
    assert_eq!(second.unwrap().id, a);
}

#[tokio::test]
async fn a_dropped_fetch_lets_its_connection_go() {
    let url = test_support::postgres::url();
    let repo = Postgres::connect(PostgresOptions { max_connections: 1, ..postgres_at(url.clone()) }).await.unwrap();
    let repo = Arc::new(repo);
    create(&*repo, &["a"]).await;
    let mut blocker = PgConnection::connect(&url).await.unwrap();
    blocker.execute("BEGIN; LOCK TABLE payments").await.unwrap();
    let mut watcher = PgConnection::connect(&url).await.unwrap();
    let mut blocked = async |count: i64| {
        // Counts locks of this database: other tests have some at the same server.
        let blocked = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                       WHERE datname = current_database() AND locktype = 'relation' AND NOT granted";
        let began = Instant::now();
        while sqlx::query_scalar::<_, i64>(blocked).fetch_one(&mut watcher).await.unwrap() != count {
            // Less than the statement timeout for locks, 27.5 s, which would end the fetches.
            assert!(began.elapsed() < Duration::from_secs(20), "there are not {count} fetches that wait for the lock");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };

    let fetch = || {
        let repo = Arc::clone(&repo);
        tokio::spawn(async move { repo.fetch(&id("a")).await })
    };
    let given_up = fetch();
    blocked(1).await;
    given_up.abort();
    // Its statement is ended at the server, too.
    blocked(0).await;
    // There may be only one connection, so this takes a new one.
    let patient = fetch();
    blocked(1).await;
    blocker.execute("ROLLBACK").await.unwrap();
    assert_eq!(patient.await.unwrap().unwrap().id, id("a"));
}

#[tokio::test]
async fn a_broken_connection_fails_no_fetch() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    // At once, or it would be tried before it is used.
    kill_connections(&url).await;
    let repo = Patient(repo);
    let a = id("a");
    for found in futures_util::future::join_all((0..64).map(|_| repo.fetch(&a))).await {
        assert_eq!(found.unwrap().id, a);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fetch_is_forgotten_while_others_come_and_go() {
    let url = test_support::postgres::url();
    let repo = Arc::new(Patient(connect(&url).await));
    create_many(&*repo, 100).await;
    let clients: JoinSet<_> = (0..200)
        .map(|client| {
            let repo = Arc::clone(&repo);
            async move {
                for turn in 0..30 {
                    let wanted = id(&format!("p{}", (client * 7 + turn) % 100));
                    let patience = match (client + turn) % 3 {
                        0 => Duration::from_micros(turn * 20),
                        _ => Duration::from_secs(90),
                    };
                    match tokio::time::timeout(patience, repo.fetch(&wanted)).await {
                        Ok(found) => assert_eq!(found.unwrap().id, wanted),
                        Err(_) => assert!(patience < Duration::from_secs(1), "{wanted:?} never came"),
                    }
                }
            }
        })
        .collect();
    clients.join_all().await;
}
