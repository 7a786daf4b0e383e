//! The promises of PostgreSQL alone: the way to a server, and order among many processes.

use crate::patient::Patient;
use crate::stores::{after, before, change, create, id, list, names, payment, postgres_at, version, walk};
use crate::view::Repo;
use payments::payments::{Error, PageStart, Payment, Position};
use payments::repo::{OpenError, Postgres, PostgresOptions};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) async fn connect(url: &str) -> Postgres {
    Postgres::connect(postgres_at(url.to_owned())).await.unwrap()
}

/// Begins an insert like the store's own, in a transaction that stays open: it has drawn its number, and commits late.
async fn begin_insert(url: &str, name: &str) -> PgConnection {
    let mut slow = PgConnection::connect(url).await.unwrap();
    let table: i64 = sqlx::query_scalar("SELECT 'payments'::regclass::oid::bigint").fetch_one(&mut slow).await.unwrap();
    let gate = format!(
        "SELECT pg_advisory_xact_lock_shared({table}::int, (last_value - CASE WHEN is_called THEN 0 ELSE 1 END)::int) \
         FROM payments_order"
    );
    let insert = format!(
        "INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
         VALUES ('{name}', 0, now(), now(), 'acme', '{{}}')"
    );
    slow.execute("BEGIN").await.unwrap();
    slow.execute(sqlx::AssertSqlSafe(gate)).await.unwrap();
    slow.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
    slow
}

/// Begins the store's own insert, which gets stuck after it has drawn its number: it waits for another transaction with the same
/// id.
async fn begin_creation(url: &str, repo: &Arc<Postgres>, name: &str) -> (PgConnection, JoinHandle<Payment>) {
    let mut rival = PgConnection::connect(url).await.unwrap();
    rival.execute("BEGIN").await.unwrap();
    let insert = format!(
        "INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
         VALUES ('{name}', 0, now(), now(), 'acme', '{{}}')"
    );
    rival.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
    let drawn = came_to(&mut rival).await;
    let creation = tokio::spawn({
        let (repo, new) = (Arc::clone(repo), payment(name));
        async move { repo.create(new).await.unwrap() }
    });
    while came_to(&mut rival).await == drawn {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    (rival, creation)
}

/// The last number that was drawn.
async fn came_to(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT last_value FROM payments_order").fetch_one(connection).await.unwrap()
}

pub(crate) async fn commit(mut slow: PgConnection) {
    slow.execute("COMMIT").await.unwrap();
    slow.close().await.unwrap();
}

#[tokio::test]
async fn a_payment_that_commits_late_is_not_skipped() {
    let url = test_support::postgres::url();
    let (repo, other) = (connect(&url).await, connect(&url).await);
    create(&repo, &["a"]).await;
    let slow = begin_insert(&url, "late").await;
    create(&repo, &["b", "c"]).await;

    // A list must not get past the number of the insert that is not yet committed, wherever it starts.
    let mut ends = Vec::new();
    for start in [PageStart::Offset(0), after(Position::BEGINNING), before(Position(i64::MAX)), PageStart::Offset(7)] {
        for repo in [&repo, &other] {
            let page = list(repo, start, 9).await;
            assert!(["a", ""].contains(&names(&page).as_str()), "{start:?} shows {}", names(&page));
            ends.push(page.last);
        }
    }
    commit(slow).await;
    for end in ends {
        let (seen, _) = walk(&repo, end, 2).await;
        assert_eq!(seen.join(" ").trim_start_matches("a "), "late b c", "resumed from {end:?}");
    }
    assert_eq!(walk(&other, Position::BEGINNING, 2).await.0, ["a", "late", "b", "c"]);
}

#[tokio::test]
async fn a_creation_that_is_slow_to_commit_is_not_skipped() {
    let url = test_support::postgres::url();
    let repo = Arc::new(connect(&url).await);
    create(&*repo, &["a"]).await;
    let (mut rival, creation) = begin_creation(&url, &repo, "late").await;
    create(&*repo, &["b"]).await;
    let page = list(&*repo, PageStart::Offset(0), 9).await;
    assert_eq!(names(&page), "a", "the list got past the number that a creation had drawn; look at the gate");

    rival.execute("ROLLBACK").await.unwrap();
    creation.await.unwrap();
    assert_eq!(walk(&*repo, page.last, 9).await.0, ["late", "b"]);
}

#[tokio::test]
async fn a_creation_announces_itself_before_it_draws_its_number() {
    let url = test_support::postgres::url();
    let repo = Arc::new(connect(&url).await);
    create(&*repo, &["a"]).await;
    let mut blocker = PgConnection::connect(&url).await.unwrap();
    let drawn = came_to(&mut blocker).await;
    let gate = "SELECT pg_advisory_lock('payments'::regclass::oid::bigint::int, $1::int)";
    sqlx::query(gate).bind(drawn).execute(&mut blocker).await.unwrap();

    let creation = tokio::spawn({
        let repo = Arc::clone(&repo);
        async move { repo.create(payment("b")).await.unwrap() }
    });
    // Counts locks of this database: other tests have some at the same server.
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                   WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut blocker).await.unwrap() == 0 {
        assert!(!creation.is_finished(), "the creation did not pass by the gate");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(came_to(&mut blocker).await, drawn, "the number was drawn before the gate was passed");
    blocker.close().await.unwrap();
    creation.await.unwrap();
}

#[tokio::test]
async fn the_first_payment_of_all_may_commit_late() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    let slow = begin_insert(&url, "late").await;
    create(&repo, &["b"]).await;
    let page = list(&repo, PageStart::Offset(0), 9).await;
    assert_eq!(names(&page), "");
    commit(slow).await;
    assert_eq!(walk(&repo, page.last, 9).await.0, ["late", "b"]);
}

#[tokio::test]
async fn a_list_waits_for_an_insert_that_is_about_to_commit() {
    // A list waits for a second. An attempt in which the machine stood still for as long proves nothing, and is repeated.
    for _ in 0..20 {
        let url = test_support::postgres::url();
        let repo = Arc::new(connect(&url).await);
        let slow = begin_insert(&url, "late").await;
        create(&*repo, &["b"]).await;
        let began = Instant::now();
        let listing = tokio::spawn({
            let repo = Arc::clone(&repo);
            async move { names(&list(&*repo, PageStart::Offset(0), 9).await) }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let was_finished = listing.is_finished();
        commit(slow).await;
        let was_in_time = began.elapsed() < Duration::from_millis(900);
        let shown = listing.await.unwrap();
        if was_in_time {
            assert!(!was_finished, "the list must wait, or it could not show what was acknowledged before");
            assert_eq!(shown, "late b");
            return;
        }
    }
    panic!("no insert committed within 900 ms of its list");
}

#[tokio::test]
async fn an_insert_that_hangs_holds_up_no_other_call() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a", "b"]).await;
    list(&repo, PageStart::Offset(0), 9).await;
    let _hangs = begin_insert(&url, "late").await;

    // The quickest of several attempts counts, because the machine may stand still. A call that waits for the insert is never
    // quick.
    let mut quickest = [Duration::MAX; 2];
    for number in 0..5 {
        let (name, start) = (format!("c{number}"), Instant::now());
        create(&repo, &[&name]).await;
        repo.fetch(&id(&name)).await.unwrap();
        assert_eq!(names(&list(&repo, PageStart::Offset(0), 2).await), "a b", "an old page");
        quickest[0] = quickest[0].min(start.elapsed());
        // The newest page waits a second, and then shows what is settled.
        let start = Instant::now();
        assert_eq!(names(&list(&repo, PageStart::Offset(0), 9).await), "a b");
        quickest[1] = quickest[1].min(start.elapsed());
        if quickest[0] < Duration::from_millis(900) && quickest[1] < Duration::from_millis(2_000) {
            return;
        }
    }
    panic!("old pages and other calls took {:?} at least, and the newest page {:?}", quickest[0], quickest[1]);
}

#[tokio::test]
async fn an_insert_that_is_rolled_back_leaves_a_gap() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let mut slow = begin_insert(&url, "never").await;
    create(&repo, &["b"]).await;
    slow.execute("ROLLBACK").await.unwrap();
    assert_eq!(walk(&repo, Position::BEGINNING, 1).await.0, ["a", "b"]);
}

#[tokio::test]
async fn a_poller_misses_nothing_that_many_processes_create() {
    let url = test_support::postgres::url();
    let poller = Arc::new(Patient(connect(&url).await));
    let mut creators = JoinSet::new();
    for process in 0..4 {
        let repo = Arc::new(Patient(connect(&url).await));
        for task in 0..6 {
            let repo = Arc::clone(&repo);
            creators.spawn(async move {
                for number in 0..50 {
                    repo.create(payment(&format!("p{process}-{task}-{number}"))).await.unwrap();
                }
            });
        }
    }
    // Several, because pollers share what is settled: no poller may take another past a payment.
    let stop = Arc::new(AtomicBool::new(false));
    let pollers: JoinSet<_> = (0..8).map(|_| poll(Arc::clone(&poller), Arc::clone(&stop))).collect();
    creators.join_all().await;
    stop.store(true, Ordering::SeqCst);
    for seen in pollers.join_all().await {
        assert_eq!(seen, 4 * 6 * 50, "a position was handed out before everything up to it was settled");
    }
}

/// Polls until `stop`, and to the end then. Returns how many payments were seen.
async fn poll(repo: Arc<Patient<Postgres>>, stop: Arc<AtomicBool>) -> usize {
    let (mut seen, mut position) = (0, Position::BEGINNING);
    loop {
        let is_last = stop.load(Ordering::SeqCst);
        let page = list(&*repo, after(position), 5).await;
        (seen, position) = (seen + page.payments.len(), page.last);
        if page.payments.is_empty() && is_last {
            return seen;
        }
    }
}

/// Ends every connection of the store, as a failover does.
pub(crate) async fn kill_connections(url: &str) {
    let mut killer = PgConnection::connect(url).await.unwrap();
    killer
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    killer.close().await.unwrap();
}

#[tokio::test]
async fn the_last_version_of_all_has_no_next() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let mut writer = PgConnection::connect(&url).await.unwrap();
    writer.execute("UPDATE payments SET version = 9223372036854775807").await.unwrap();
    let result = repo.update(&id("a"), version(i64::MAX), change("2")).await;
    assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
    assert_eq!(repo.fetch(&id("a")).await.unwrap().version, version(i64::MAX));
    let result = repo.delete(&id("a"), version(i64::MAX)).await;
    assert!(matches!(result, Err(Error::Internal(_))), "a deletion makes a version, too: {result:?}");
}

#[tokio::test]
async fn says_what_is_wrong_with_an_address() {
    for (url, expected) in [
        ("nonsense", "a good one is postgres://user@host/database"),
        ("postgres://user:hidden@127.0.0.1:1/payments", "127.0.0.1:1/payments"),
        ("postgres://user:hidden@no-such-host.invalid/payments", "no-such-host.invalid:5432/payments"),
    ] {
        let options = PostgresOptions { max_connections: 1, ..postgres_at(url.to_owned()) };
        let shown = format!("{options:?}");
        let error = Postgres::connect(options).await.expect_err("there is no server");
        assert!(matches!(error, OpenError::Url(_) | OpenError::Connect { .. }), "{error:?}");
        let message = error.to_string();
        assert!(message.contains(expected) && message.contains("--repo-uri"), "{message}");
        assert!(!message.contains("hidden") && !shown.contains("hidden"), "a password in {message} or {shown}");
        assert!(!message.contains('\n'), "a message is one line: {message}");
    }
}
