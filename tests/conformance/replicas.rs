//! The order of events in PostgreSQL, when many processes write at once and commit late.

use crate::patient::Patient;
use crate::postgres::{commit, connect};
use crate::stores::{change, create, events, id, payment, query, version};
use crate::view::{Repo, tenant};
use payments::payments::{self as port, Error, Event, EventStart, Mark, Tenant};
use payments::repo::Postgres;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs statements one by one.
async fn run(url: &str, statements: &[&str]) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    for statement in statements {
        connection.execute(AssertSqlSafe((*statement).to_owned())).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// Begins a change like the store's own, in a transaction that stays open: it has drawn its number, and commits late.
async fn begin_change(url: &str, name: &str) -> PgConnection {
    let mut slow = PgConnection::connect(url).await.unwrap();
    slow.execute("BEGIN").await.unwrap();
    let update = format!("UPDATE payments SET version = version + 1 WHERE id = '{name}'");
    slow.execute(AssertSqlSafe(update)).await.unwrap();
    slow
}

/// A transaction of a stranger that has written elsewhere, holds a snapshot, and does nothing any more.
async fn begin_idling(url: &str) -> PgConnection {
    let mut stranger = PgConnection::connect(url).await.unwrap();
    for statement in [
        "CREATE TABLE IF NOT EXISTS elsewhere (n int)",
        "BEGIN ISOLATION LEVEL REPEATABLE READ",
        "INSERT INTO elsewhere VALUES (1)",
    ] {
        stranger.execute(statement).await.unwrap();
    }
    stranger
}

/// The last number that was drawn.
async fn came_to(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT last_value FROM payments_order").fetch_one(connection).await.unwrap()
}

/// How many announcements there are in this database.
async fn announced(connection: &mut PgConnection) -> i64 {
    let count = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                 WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2 AND granted";
    sqlx::query_scalar(count).fetch_one(connection).await.unwrap()
}

/// The events in words.
fn words(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| format!("{} {}", event.payment_id.as_str(), event.version)).collect()
}

async fn shown(repo: &impl Repo, start: EventStart) -> (Vec<String>, Mark) {
    let page = events(repo, start, &query(99)).await;
    (words(&page.events), page.last)
}

#[tokio::test]
async fn a_change_that_commits_late_is_not_skipped_and_holds_up_no_writer() {
    let url = test_support::postgres::url();
    let (repo, other) = (connect(&url).await, connect(&url).await);
    create(&repo, &["a", "b"]).await;
    let slow = begin_change(&url, "a").await;
    // The quickest writers and readers count, because the machine may stand still.
    let mut quickest = [Duration::MAX; 2];
    let mut expected = vec!["a 1".to_owned()];
    for number in 0..5 {
        let (name, began) = (format!("c{number}"), Instant::now());
        repo.update(&id("b"), version(number), change("2")).await.unwrap();
        create(&repo, &[&name]).await;
        quickest[0] = quickest[0].min(began.elapsed());
        expected.extend([format!("b {}", number + 1), format!("{name} 0")]);
    }
    assert!(quickest[0] < Duration::from_millis(900), "writers waited for {:?} at least", quickest[0]);

    let mut ends = Vec::new();
    for repo in [&repo, &other] {
        let began = Instant::now();
        let (seen, end) = shown(repo, EventStart::Beginning).await;
        assert_eq!(seen, ["a 0", "b 0"], "a page got past a change that is under way");
        ends.push(end);
        ends.push(shown(repo, EventStart::End).await.1);
        quickest[1] = quickest[1].min(began.elapsed());
    }
    assert!(quickest[1] < Duration::from_secs(3), "readers waited for {:?} at least", quickest[1]);
    commit(slow).await;
    for end in ends {
        assert_eq!(shown(&other, EventStart::After(end)).await.0, expected, "resumed from {end:?}");
    }
}

#[tokio::test]
async fn a_change_that_is_rolled_back_leaves_a_gap() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a", "b"]).await;
    let mut slow = begin_change(&url, "a").await;
    repo.update(&id("b"), version(0), change("2")).await.unwrap();
    slow.execute("ROLLBACK").await.unwrap();
    let (seen, end) = shown(&repo, EventStart::Beginning).await;
    assert_eq!(seen, ["a 0", "b 0", "b 1"]);
    repo.delete(&id("a"), version(0)).await.unwrap();
    assert_eq!(shown(&repo, EventStart::After(end)).await.0, ["a 1"]);
}

#[tokio::test]
async fn a_change_announces_itself_before_it_draws_its_number() {
    let url = test_support::postgres::url();
    let repo = Arc::new(connect(&url).await);
    create(&*repo, &["a", "b"]).await;
    for work in ["update", "delete"] {
        let mut blocker = PgConnection::connect(&url).await.unwrap();
        let drawn = came_to(&mut blocker).await;
        let gate = "SELECT pg_advisory_lock('payments'::regclass::oid::bigint::int, $1::int)";
        sqlx::query(gate).bind(drawn).execute(&mut blocker).await.unwrap();
        let writing = tokio::spawn({
            let repo = Arc::clone(&repo);
            async move {
                match work {
                    "update" => repo.update(&id("a"), version(0), change("2")).await.map(drop).unwrap(),
                    _ => repo.delete(&id("b"), version(0)).await.unwrap(),
                }
            }
        });
        // Counts locks of this database: other tests have some at the same server.
        let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
                       WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut blocker).await.unwrap() == 0 {
            assert!(!writing.is_finished(), "the {work} did not pass by the gate");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(came_to(&mut blocker).await, drawn, "the number of the {work} was drawn before it was announced");
        blocker.close().await.unwrap();
        writing.await.unwrap();
    }
}

#[tokio::test]
async fn a_change_draws_its_number_when_its_payment_is_locked() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a", "b"]).await;
    let mut first = begin_change(&url, "a").await;
    let drawn = came_to(&mut first).await;
    let second = tokio::spawn({
        let url = url.clone();
        async move { commit(begin_change(&url, "a").await).await }
    });
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut first).await.unwrap() == 0 {
        assert!(!second.is_finished(), "the second change did not wait for the first");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let announced = announced(&mut first).await;
    assert_eq!((came_to(&mut first).await, announced), (drawn, 1), "what waits for a row has announced itself");
    repo.update(&id("b"), version(0), change("2")).await.unwrap();
    commit(first).await;
    second.await.unwrap();
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, ["a 0", "b 0", "a 1", "b 1", "a 2"]);
}

#[tokio::test]
async fn a_transaction_announces_its_changes_once() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a", "b", "c"]).await;
    let mut slow = PgConnection::connect(&url).await.unwrap();
    slow.execute("BEGIN; UPDATE payments SET version = version + 1; UPDATE payments SET version = version + 1")
        .await
        .unwrap();
    assert_eq!(announced(&mut slow).await, 1);
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, ["a 0", "b 0", "c 0"]);
    commit(slow).await;
    let (seen, _) = shown(&repo, EventStart::Beginning).await;
    assert_eq!(seen[3..], ["a 1", "b 1", "c 1", "a 2", "b 2", "c 2"]);
    // The next transaction of the session announces itself anew.
    let slow = begin_change(&url, "b").await;
    repo.update(&id("a"), version(2), change("2")).await.unwrap();
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, seen);
    drop(slow);
}

#[tokio::test]
async fn a_stranger_that_idles_in_a_transaction_stalls_nobody() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let stranger = begin_idling(&url).await;
    let (mut end, mut times) = (Mark::BEGINNING, Vec::new());
    for number in 0..20 {
        let began = Instant::now();
        repo.update(&id("a"), version(number), change("2")).await.unwrap();
        let (seen, next) = shown(&repo, EventStart::After(end)).await;
        assert_eq!(seen.last(), Some(&format!("a {}", number + 1)));
        end = next;
        times.push(began.elapsed());
    }
    // A reader that waits for the stranger waits for a second each time. The median counts, because the machine may stand still
    // now and then.
    times.sort();
    assert!(times[times.len() / 2] < Duration::from_millis(900), "{times:?}");
    drop(stranger);
}

/// The tables of a backup are copied back, and the sequence begins where it was.
#[tokio::test]
async fn after_a_restore_marks_of_what_is_lost_have_expired_and_others_go_on() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    let kept = shown(&repo, EventStart::End).await.1;
    run(&url, &["CREATE TABLE saved AS TABLE payments", "CREATE TABLE saved_past AS TABLE payments_past"]).await;
    create(&repo, &["c"]).await;
    let creation = shown(&repo, EventStart::End).await.1;
    repo.update(&id("b"), version(0), change("2")).await.unwrap();
    let update = shown(&repo, EventStart::End).await.1;
    run(
        &url,
        &[
            "TRUNCATE payments",
            "INSERT INTO payments OVERRIDING SYSTEM VALUE SELECT * FROM saved",
            "INSERT INTO payments_past SELECT * FROM saved_past",
            "SELECT setval('payments_order', 3)",
        ],
    )
    .await;
    let restarted = connect(&url).await;
    let refuses = async |repo: &Postgres, mark| repo.events(EventStart::After(mark), &query(9)).await;
    for repo in [&repo, &restarted] {
        for mark in [creation, update] {
            let page = refuses(repo, mark).await;
            assert!(matches!(page, Err(Error::Expired)), "{mark:?}: {page:?}");
        }
        assert_eq!(shown(repo, EventStart::After(kept)).await.0, Vec::<String>::new());
    }
    // The numbers are used anew, and none of them is shown too early.
    let late = begin_change(&url, "b").await;
    create(&restarted, &["d"]).await;
    for repo in [&repo, &restarted] {
        assert_eq!(shown(repo, EventStart::After(kept)).await.0, Vec::<String>::new(), "while a change is under way");
    }
    commit(late).await;
    for repo in [&repo, &restarted] {
        for mark in [creation, update] {
            let page = refuses(repo, mark).await;
            assert!(matches!(page, Err(Error::Expired)), "{mark:?}: {page:?}");
        }
        assert_eq!(shown(repo, EventStart::After(kept)).await.0, ["b 1", "d 0"]);
    }
}

#[tokio::test]
async fn what_the_release_before_empties_has_no_past() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    let end = shown(&repo, EventStart::End).await.1;
    run(&url, &[r#"TRUNCATE "payments""#]).await;
    let page = repo.events(EventStart::After(end), &query(9)).await;
    assert!(matches!(page, Err(Error::Expired)), "{page:?}");
    create(&repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("3")).await.unwrap();
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, ["a 0", "b 0", "a 1"]);
    run(&url, &["DELETE FROM payments WHERE id = 'a'"]).await;
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, ["b 0"], "the past goes with its payment");
}

#[tokio::test]
async fn a_column_that_is_filled_in_makes_no_version() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    run(&url, &["ALTER TABLE payments ADD COLUMN note text", "UPDATE payments SET note = 'later'"]).await;
    assert_eq!(shown(&repo, EventStart::Beginning).await.0, ["a 0"]);
}

/// News of a change of another process, and a page that has it.
#[tokio::test(flavor = "multi_thread")]
async fn news_of_another_process_come_within_300_ms() {
    let url = test_support::postgres::url();
    let (repo, other) = (connect(&url).await, connect(&url).await);
    let (repo, other) = (Patient(repo), Patient(other));
    for tenant in [Tenant::ANONYMOUS, tenant("acme")] {
        port::Repo::create(&repo, &tenant, payment("a")).await.unwrap();
        let mut news = port::Repo::news(&other, &tenant);
        // The first look tells everybody.
        news.wait().await;
        let mut end = port::Repo::events(&other, &tenant, EventStart::End, &query(9)).await.unwrap().last;
        // One of several rounds has to be in time: in the others the machine may have been busy with something else.
        let mut rounds = Vec::new();
        for round in 0..3 {
            let mut times = Vec::new();
            for number in 0..30 {
                tokio::time::sleep(Duration::from_millis(number * 37 % 200)).await;
                let began = Instant::now();
                let number = round * 30 + i64::try_from(number).unwrap();
                port::Repo::update(&repo, &tenant, &id("a"), version(number), change("2")).await.unwrap();
                loop {
                    tokio::time::timeout(Duration::from_secs(60), news.wait()).await.expect("news come");
                    let page = port::Repo::events(&other, &tenant, EventStart::After(end), &query(9)).await.unwrap();
                    end = page.last;
                    if !page.events.is_empty() {
                        break;
                    }
                }
                times.push(began.elapsed());
            }
            times.sort();
            let is_in_time = times[times.len() / 2] <= Duration::from_millis(300);
            rounds.push(times);
            if is_in_time {
                break;
            }
        }
        let medians: Vec<_> = rounds.iter().map(|times| times[times.len() / 2]).collect();
        assert!(medians.iter().any(|median| *median <= Duration::from_millis(300)), "{medians:?} of {rounds:?}");
    }
}

#[tokio::test]
async fn news_come_again_after_an_outage() {
    let mut server = test_support::postgres::Server::start();
    let url = server.database();
    let (repo, other) = (Patient(connect(&url).await), Patient(connect(&url).await));
    create(&repo, &["a"]).await;
    let mut news = other.news();
    news.wait().await;
    server.stop();
    // Longer than the pause between two looks, so that one fails.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(other.0.check().await.is_err());
    server.restart();
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), news.wait()).await.expect("news come");
    assert_eq!(shown(&other, EventStart::Beginning).await.0, ["a 0", "a 1"]);
}
