//! More calls than PostgreSQL takes at once: they wait for each other. That is no failure of the server, and no kind of call
//! holds up the others.

use crate::{
    service::{payment, start_over_postgres},
    stalls::Mark,
};
use sqlx::{Connection, Executor, postgres::PgConnection};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_support::{Answer, Service, postgres};
use tokio::task::JoinSet;

/// Puts a view before the system's `pg_locks`. Who locks the table `bar` holds up every look at it.
const BARRED_LOOK: &str = "
    CREATE TABLE bar (x int);
    CREATE VIEW public.pg_locks AS SELECT locks.* FROM pg_catalog.pg_locks AS locks LEFT JOIN bar ON false;
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$";

/// How long an answer may take that waits for nothing, on a machine that is busy; the time in which it stands still comes on
/// top. One that waits for a connection that does not come is refused before that.
const SOON: Duration = Duration::from_secs(2);
/// A stall that changes what becomes of calls which take seconds: some of them would count as hanging.
const TOO_LONG: Duration = Duration::from_secs(1);

async fn start(url: &str) -> Arc<Service> {
    Arc::new(start_over_postgres(url, &["--metrics", "--timeout", "16"]).await)
}

/// Asserts that these circuits are closed.
async fn expect_closed(service: &Service, circuits: &[&str]) {
    let metrics = service.get("/metrics").await;
    for circuit in circuits {
        let line = format!("payments_repo_circuit_state{{circuit=\"{circuit}\",state=\"closed\"}} 1");
        assert!(metrics.text().contains(&line), "expected {line}, got {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_hang_hold_up_no_fetch_and_no_change() {
    let url = postgres::url();
    // A list has to look at the locks, to see which writes are under way; fetches and changes do not. A view of the same name, which
    // sessions find first, lets the rival bar that look.
    let mut rival = PgConnection::connect(&url).await.unwrap();
    rival.execute(BARRED_LOOK).await.unwrap();
    let service = start(&url).await;
    service.post(&payment("a", 0, "1")).await.expect_status(201);
    rival.execute("BEGIN; LOCK TABLE bar").await.unwrap();

    let lists: JoinSet<Answer> = (0..64)
        .map(|_| {
            let service = Arc::clone(&service);
            async move { service.get("/v1/payments").await }
        })
        .collect();
    let began = Instant::now();
    for version in 0.. {
        let mark = Mark::now();
        let (fetched, changed) =
            (service.get("/v1/payments/a").await, service.put("a", &payment("a", version, "2")).await);
        for answer in [fetched.expect_status(200), changed.expect_status(200)] {
            assert!(answer.took < SOON + mark.stalled(), "{answer}");
        }
        if began.elapsed() > Duration::from_secs(3) {
            break;
        }
    }
    let answers: Vec<_> = lists.join_all().await.into_iter().map(Answer::expect_unavailable_or_overloaded).collect();
    let overloaded = answers.iter().filter(|answer| answer.says_overloaded()).count();
    assert!(overloaded >= 32, "{overloaded} of 64 were told that others are before them");
    expect_closed(&service, &["fetches", "writes"]).await;

    rival.execute("ROLLBACK").await.unwrap();
    let began = Instant::now();
    while service.get("/v1/payments").await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(30), "lists do not heal");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_writes_than_there_are_connections_open_no_circuit() {
    for _ in 0..10 {
        if write_more_than_there_are_connections().await {
            return;
        }
    }
    panic!("this machine stands still again and again");
}

/// Returns whether the outcome says anything. It does not when calls counted as hanging because the machine stood still.
async fn write_more_than_there_are_connections() -> bool {
    let url = postgres::url();
    let service = start(&url).await;
    service.post(&payment("a", 0, "1")).await.expect_status(201);
    let mut owner = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(3); RETURN NEW; END' LANGUAGE plpgsql",
        "CREATE TRIGGER slowly BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION slowly()",
    ] {
        owner.execute(statement).await.unwrap();
    }
    let since_the_writes = Mark::now();
    let writes: JoinSet<(String, Answer)> = (0..60)
        .map(|number| {
            let (service, id) = (Arc::clone(&service), format!("p-{number}"));
            async move { (id.clone(), service.post(&payment(&id, 0, "1")).await) }
        })
        .collect();
    for _ in 0..10 {
        let mark = Mark::now();
        let answer = service.get("/v1/payments/a").await.expect_status(200);
        assert!(answer.took < SOON + mark.stalled(), "writes hold up a fetch: {answer}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (mut overloaded, answers) = (0, writes.join_all().await);
    let is_in_doubt = |(_, answer): &(String, Answer)| answer.status != 201 && !answer.says_overloaded();
    if answers.iter().any(is_in_doubt) && since_the_writes.stalled() > TOO_LONG {
        return false;
    }
    for (id, answer) in answers {
        let expected = if answer.status == 201 { 200 } else { 404 };
        if answer.status != 201 {
            answer.expect_overloaded();
            overloaded += 1;
        }
        service.get(&format!("/v1/payments/{id}")).await.expect_status(expected);
    }
    assert!((20..60).contains(&overloaded), "{overloaded} of 60 were told that others are before them");
    expect_closed(&service, &["fetches", "lists", "writes"]).await;
    true
}
