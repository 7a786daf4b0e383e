//! Writes that PostgreSQL does not get done in time: what was given up takes no effect later.

use crate::{
    service::{payment, start_over_postgres},
    stalls::Mark,
};
use sqlx::{Connection, Executor, postgres::PgConnection};
use std::time::{Duration, Instant};
use test_support::{Connection as RawConnection, postgres};

/// Waits until a statement waits for the lock of the table. `pg_stat_activity` would not show a session that is opened after a
/// first look within the same transaction.
async fn a_statement_waits(watcher: &mut PgConnection) {
    let began = Instant::now();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'payments'::regclass";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut *watcher).await.unwrap() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "no statement comes to the lock");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until no statement waits for a lock. The time in which this machine stands still comes on top.
async fn no_statement_waits(watcher: &mut PgConnection, within: Duration) {
    let (mark, began) = (Mark::now(), Instant::now());
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut *watcher).await.unwrap() > 0 {
        let took = began.elapsed();
        assert!(took < within + mark.stalled(), "a statement that was given up waits on, after {took:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_for_a_lock_end_with_their_requests() {
    let url = postgres::url();
    let service = start_over_postgres(&url, &["--timeout", "4"]).await;
    service.post(&payment("a", 0, "1")).await.expect_status(201);
    let mut rival = PgConnection::connect(&url).await.unwrap();
    rival.execute("BEGIN; LOCK TABLE payments IN SHARE MODE").await.unwrap();

    let (new, next) = (payment("b", 0, "1"), payment("a", 0, "2"));
    let mark = Mark::now();
    let (created, replaced) = tokio::join!(service.post(&new), service.put("a", &next));
    for answer in [created, replaced] {
        assert!(answer.took < Duration::from_secs(5) + mark.stalled(), "{answer}");
        answer.expect_unavailable();
    }
    service.get("/v1/payments/a").await.expect_status(200);
    no_statement_waits(&mut rival, Duration::from_millis(500)).await;

    rival.execute("ROLLBACK").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    service.get("/v1/payments/b").await.expect_problem(404, "payment-not-found");
    let kept = service.get("/v1/payments/a").await.expect_status(200).json();
    assert_eq!(kept["data"]["version"], 0, "the change was given up, and is there: {kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_client_is_gone_is_ended_at_the_server() {
    let url = postgres::url();
    // So that no timeout of a statement ends it.
    let service = start_over_postgres(&url, &["--timeout", "60"]).await;
    let mut rival = PgConnection::connect(&url).await.unwrap();
    rival.execute("BEGIN; LOCK TABLE payments IN SHARE MODE").await.unwrap();
    let body = payment("b", 0, "1").to_string();
    let mut client = RawConnection::open(service.address()).await;
    let head = format!(
        "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.send(&(head + &body)).await;
    a_statement_waits(&mut rival).await;
    drop(client);
    // A statement that is not ended waits for half a minute, which is the timeout for locks.
    no_statement_waits(&mut rival, Duration::from_secs(10)).await;

    rival.execute("ROLLBACK").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    service.get("/v1/payments/b").await.expect_problem(404, "payment-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_that_holds_an_id_holds_up_the_lists_for_no_longer_than_a_request() {
    let url = postgres::url();
    let service = start_over_postgres(&url, &["--timeout", "4"]).await;
    let mut stranger = PgConnection::connect(&url).await.unwrap();
    let insert = "BEGIN; INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
                  VALUES ('late', 0, now(), now(), 'acme', '{}')";
    stranger.execute(insert).await.unwrap();
    // Draws its number, and waits for the stranger.
    let (late, mark, began) = (payment("late", 0, "1"), Mark::now(), Instant::now());
    let stuck = async { service.post(&late).await.expect_unavailable() };
    let others = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        service.post(&payment("b", 0, "1")).await.expect_status(201);
        while service.ids().await != ["b"] {
            let allowed = Duration::from_secs(6) + mark.stalled();
            assert!(began.elapsed() < allowed, "one insert that is stuck holds up every list");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::join!(stuck, others);
}
