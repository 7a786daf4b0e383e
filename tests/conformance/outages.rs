//! A PostgreSQL whose connections are killed, that is busy, or away.

use crate::patient::Patient;
use crate::postgres::{connect, kill_connections};
use crate::stores::{create, id, list, names, payment, postgres_at, refused, version, walk};
use crate::view::Repo;
use payments::payments::{Error, PageStart, Position};
use payments::repo::{Postgres, PostgresOptions};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn heals_when_connections_are_killed_under_load() {
    let url = test_support::postgres::url();
    let repo = Arc::new(connect(&url).await);
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let repo = Arc::clone(&repo);
        tasks.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0..150 {
                let name = format!("p{task}-{number}");
                match repo.create(payment(&name)).await {
                    Ok(_) => acknowledged.push(name),
                    Err(Error::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
                    Err(error) => panic!("a killed connection must make for Unavailable, not {error:?}"),
                }
            }
            acknowledged
        });
    }
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        kill_connections(&url).await;
    }
    let acknowledged: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let (seen, _) = walk(&*repo, Position::BEGINNING, 500).await;
    let lost: Vec<_> = acknowledged.iter().filter(|name| !seen.contains(name)).collect();
    assert!(lost.is_empty(), "acknowledged, and then lost: {lost:?}");
    assert!(acknowledged.len() > 16 * 100, "it did not heal: only {} of 2400 went through", acknowledged.len());
}

#[tokio::test]
async fn idle_connections_that_were_killed_fail_no_call() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    kill_connections(&url).await;
    Patient(repo).fetch(&id("a")).await.unwrap();
}

#[tokio::test]
async fn a_busy_server_is_not_taken_for_a_dead_one() {
    let url = test_support::postgres::url();
    let repo = Postgres::connect(PostgresOptions { max_connections: 1, ..postgres_at(url.clone()) }).await.unwrap();
    let repo = Arc::new(repo);
    let mut owner = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END' LANGUAGE plpgsql",
        "CREATE TRIGGER slowly BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION slowly()",
    ] {
        owner.execute(statement).await.unwrap();
    }
    // Several attempts, because calls give up rightly when the machine, and with it the queue, stands still.
    let mut failed = Vec::new();
    for attempt in 0..5 {
        // They need more than two seconds for the only connection.
        let creations: JoinSet<_> = (0..11)
            .map(|number| {
                let (repo, new) = (Arc::clone(&repo), payment(&format!("p{attempt}-{number}")));
                async move { repo.create(new).await.map(drop) }
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let checked = repo.check().await;
        let created: Result<Vec<_>, _> = creations.join_all().await.into_iter().collect();
        if checked.is_ok() && created.is_ok() {
            return;
        }
        failed.push((checked, created));
    }
    panic!("the server lives, and the queue moves, so each call gets its turn: {failed:?}");
}

/// Makes calls while the server is away, which must say so. Returns the slowest, with its time. The first round meets connections
/// that are left in the pool, the second meets none.
async fn slowest_refusal(repo: &Postgres) -> (Duration, &'static str) {
    let mut slowest = (Duration::ZERO, "");
    let mut expect = async |what: &'static str, work: &mut (dyn Future<Output = &'static str> + Unpin)| {
        let start = Instant::now();
        assert_eq!(work.await, "unavailable", "{what}");
        slowest = slowest.max((start.elapsed(), what));
    };
    for _ in 0..2 {
        expect("create", &mut Box::pin(async { refused(repo.create(payment("b")).await) })).await;
        expect("fetch", &mut Box::pin(async { refused(repo.fetch(&id("a")).await) })).await;
        let many = async || {
            let a = id("a");
            let told = futures_util::future::join_all((0..500).map(|_| repo.fetch(&a))).await;
            told.into_iter().map(refused).find(|&told| told != "unavailable").unwrap_or("unavailable")
        };
        expect("many fetches", &mut Box::pin(many())).await;
        expect("list", &mut Box::pin(async { refused(repo.list(PageStart::Offset(0), 2).await) })).await;
        expect("delete", &mut Box::pin(async { refused(repo.delete(&id("a"), version(0)).await) })).await;
        expect("check", &mut Box::pin(async { refused(repo.check().await) })).await;
    }
    slowest
}

#[tokio::test]
async fn is_unavailable_within_a_second_or_so_while_the_server_is_away() {
    let mut server = test_support::postgres::Server::start();
    let repo = Patient(connect(&server.database()).await);
    let (mut slowest, mut created) = (Vec::new(), Vec::new());
    // Several outages, one of which must be quick throughout, because the machine may stand still during the others.
    for outage in 0..3 {
        created.push(format!("p{outage}"));
        create(&repo, &[&created[outage]]).await;
        server.stop();
        slowest.push(slowest_refusal(&repo.0).await);
        server.restart();
        repo.check().await.expect("the server is back");
        assert_eq!(names(&list(&repo, PageStart::Offset(0), 9).await), created.join(" "));
        if slowest[outage].0 < Duration::from_secs(2) {
            return;
        }
    }
    panic!("in each outage a call took longer than two seconds: {slowest:?}");
}
