//! Payments by id, which PostgreSQL is asked for together.

use crate::postgres::{connect, kill_connections};
use crate::stores::{create, create_many, id, postgres_at};
use futures_util::FutureExt;
use payments::payments::{Error, Repo};
use payments::repo::{Postgres, PostgresOptions};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How many statements the database has been through, once nobody but `watcher` is connected.
async fn transactions(watcher: &mut PgConnection) -> i64 {
    let others = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    // Those who leave tell the server then what they have done.
    while sqlx::query_scalar::<_, i64>(others).fetch_one(&mut *watcher).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let done = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    sqlx::query_scalar(done).fetch_one(watcher).await.unwrap()
}

#[tokio::test]
async fn those_who_ask_together_share_a_statement() {
    let url = test_postgres::url();
    let repo = Arc::new(connect(&url).await);
    create_many(&*repo, 200).await;
    repo.close().await;

    let mut watcher = PgConnection::connect(&url).await.unwrap();
    let before = transactions(&mut watcher).await;
    let repo = Arc::new(connect(&url).await);
    let fetches: JoinSet<_> = (0..200)
        .map(|number| {
            let repo = Arc::clone(&repo);
            let name = format!("p{number}");
            async move { (repo.fetch(&id(&name)).await.unwrap().id.as_str() == name, name) }
        })
        .collect();
    for (is_right, name) in fetches.join_all().await {
        assert!(is_right, "who asked for {name} was given another");
    }
    repo.close().await;
    let done = transactions(&mut watcher).await - before;
    // Those of the start, and of the one who counts, are among them.
    assert!(done < 50, "{done} statements for 200 who asked at once");
}

#[tokio::test]
async fn a_row_that_somebody_broke_is_no_concern_of_those_who_want_another() {
    let url = test_postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["broken", "whole"]).await;
    let mut vandal = PgConnection::connect(&url).await.unwrap();
    vandal.execute("UPDATE payments SET version = -1 WHERE id = 'broken'").await.unwrap();
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
async fn who_goes_away_does_not_take_along_those_who_asked_later() {
    let url = test_postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let a = id("a");
    let (first, second) = (repo.fetch(&a), repo.fetch(&a));
    assert!(first.now_or_never().is_none(), "nobody has gone to the server yet");
    let second = tokio::time::timeout(Duration::from_secs(5), second).await.expect("somebody goes for the second");
    assert_eq!(second.unwrap().id, a);
}

#[tokio::test]
async fn a_fetch_that_nobody_waits_for_any_more_lets_its_connection_go() {
    let url = test_postgres::url();
    let repo = Postgres::connect(PostgresOptions { max_connections: 1, ..postgres_at(url.clone()) }).await.unwrap();
    let repo = Arc::new(repo);
    create(&*repo, &["a"]).await;
    let mut blocker = PgConnection::connect(&url).await.unwrap();
    blocker.execute("BEGIN; LOCK TABLE payments").await.unwrap();
    let mut watcher = PgConnection::connect(&url).await.unwrap();
    let mut blocked = async |count: i64| {
        let blocked = "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND NOT granted";
        let began = Instant::now();
        while sqlx::query_scalar::<_, i64>(blocked).fetch_one(&mut watcher).await.unwrap() < count {
            assert!(began.elapsed() < Duration::from_secs(5), "{count} fetches do not get as far as the lock");
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
    // There may be only one connection, so this takes a new one.
    let patient = fetch();
    blocked(2).await;
    blocker.execute("ROLLBACK").await.unwrap();
    assert_eq!(patient.await.unwrap().unwrap().id, id("a"));
}

#[tokio::test]
async fn a_connection_that_broke_fails_nobody() {
    let url = test_postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    // At once, or it would be tried before it is used.
    kill_connections(&url).await;
    let a = id("a");
    for found in futures_util::future::join_all((0..64).map(|_| repo.fetch(&a))).await {
        assert_eq!(found.unwrap().id, a);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_forgotten_while_others_come_and_go() {
    let url = test_postgres::url();
    let repo = Arc::new(connect(&url).await);
    create_many(&*repo, 100).await;
    let clients: JoinSet<_> = (0..200)
        .map(|client| {
            let repo = Arc::clone(&repo);
            async move {
                for turn in 0..30 {
                    let wanted = id(&format!("p{}", (client * 7 + turn) % 100));
                    let patience = match (client + turn) % 3 {
                        0 => Duration::from_micros(turn * 20),
                        _ => Duration::from_secs(20),
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
