//! Faults inside the store: a full disk, a statement that fails, a broken row, a writer that dies.

mod lists;

use super::statements::ReadAttributes;
use super::{Sqlite, SqliteOptions};
use crate::payments::{
    Attributes, Change, Error, NewPayment, OrganisationId, Origin, Page, PageStart, PaymentId, Repo, Tenant, Timestamp,
    Version,
};
use crate::repo::Backend;
use crate::repo::key::Key;
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

fn key(name: &str) -> Key {
    Key { id: id(name), tenant: Tenant::ANONYMOUS }
}

fn payment(name: &str, length: usize) -> NewPayment {
    NewPayment {
        id: id(name),
        organisation_id: OrganisationId::parse("acme").unwrap(),
        attributes: Attributes::stored(format!(r#"{{"amount":"1","note":"{}"}}"#, "x".repeat(length)).into()),
        created_on: Timestamp::now(),
        origin: Origin::default(),
    }
}

/// Creates payments at once, so that they share transactions and statements. Returns those that failed, and why.
async fn create_at_once(repo: &Arc<Sqlite>, names: &[&str], length: usize) -> Vec<(String, Error)> {
    let mut tasks = JoinSet::new();
    for name in names {
        let (repo, name) = (Arc::clone(repo), (*name).to_owned());
        tasks.spawn(async move {
            repo.create(&Tenant::ANONYMOUS, payment(&name, length)).await.err().map(|error| (name, error))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn write(repo: &Sqlite, sql: &str) {
    let mut connection = repo.writer.connection().lock().await;
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection.as_mut().unwrap().sqlite).await.unwrap();
}

async fn all(repo: &Sqlite) -> Vec<String> {
    let Page { payments, first: _, last: _, has_previous: _ } =
        repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 99).await.unwrap().into_inner();
    payments.into_iter().map(|payment| payment.id.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_heals() {
    for (_directory, repo) in [in_a_file().await, (tempfile::tempdir().unwrap(), in_memory().await)] {
        repo.create(&Tenant::ANONYMOUS, payment("before", 1)).await.unwrap();
        write(&repo, "PRAGMA max_page_count = 10").await;

        let failed = create_at_once(&repo, &["a", "b", "c", "d", "e", "f", "g"], 20_000).await;
        assert_eq!(failed.len(), 7, "no more than two such payments fit on ten pages, and these share a commit");
        for (name, error) in failed {
            assert!(matches!(error, Error::Unavailable(_)), "{name}: {error:?}");
        }
        assert_eq!(all(&repo).await, ["before"], "reads go on, and nothing of the batch is there");
        repo.check().await.expect("it can still be read");
        repo.create(&Tenant::ANONYMOUS, payment("small", 1)).await.expect("there is room for a small one");

        write(&repo, "PRAGMA max_page_count = 1000000").await;
        repo.create(&Tenant::ANONYMOUS, payment("a", 20_000)).await.expect("there is room again");
        assert_eq!(all(&repo).await, ["before", "small", "a"]);
    }
}

#[tokio::test]
async fn a_creation_that_fails_leaves_the_others_alone() {
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
async fn a_dead_writer_is_unavailable_and_fails_the_check() {
    let (_directory, repo) = in_a_file().await;
    repo.create(&Tenant::ANONYMOUS, payment("a", 1)).await.unwrap();
    // Without its connection the task ends at the next job.
    *repo.writer.connection().lock().await = None;
    for name in ["b", "c"] {
        let refused = repo.create(&Tenant::ANONYMOUS, payment(name, 1)).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    }
    assert!(matches!(repo.check().await, Err(Error::Unavailable(_))), "readiness must notice");
    repo.fetch(&Tenant::ANONYMOUS, &id("a")).await.expect("reads go on");
    repo.close().await;
}

#[tokio::test]
async fn a_change_that_fails_leaves_the_others_alone() {
    const REFUSE: &str =
        "CREATE TRIGGER t BEFORE UPDATE ON payments WHEN new.id = 'bad' BEGIN SELECT raise(ABORT, 'no'); END";
    // Without the trigger they all share a statement, with it they cannot.
    for (trigger, bad) in [("SELECT 1", "bad at 1"), (REFUSE, "bad failed")] {
        let repo = in_memory().await;
        let names = ["a", "b", "bad", "c", "stale", "gone"];
        assert!(create_at_once(&repo, &names[..5], 1).await.is_empty());
        write(&repo, trigger).await;
        let mut tasks = JoinSet::new();
        // One payment twice: only one of the two updates can win.
        for name in names.into_iter().chain(["a"]) {
            tasks.spawn(change(Arc::clone(&repo), name));
        }
        let mut outcomes = tasks.join_all().await;
        outcomes.sort();
        let expected =
            ["a at 1", "a conflict with 1", "b at 1", bad, "c at 1", "gone not found", "stale conflict with 0"];
        assert_eq!(outcomes, expected);
        for (name, version) in [("a", 1), ("b", 1), ("bad", i64::from(bad == "bad at 1")), ("stale", 0)] {
            assert_eq!(repo.fetch(&Tenant::ANONYMOUS, &id(name)).await.unwrap().version.number(), version, "{name}");
        }
    }
}

#[tokio::test]
async fn a_broken_row_does_not_fail_the_updates_of_others() {
    let repo = in_memory().await;
    // Written past the store, which would otherwise know their versions without looking.
    write(
        &repo,
        "INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
         VALUES ('a', 0, 0, 0, 'acme', '{}'), ('b', 0, 9223372036854775807, 0, 'acme', '{}'), ('c', 0, 0, 0, 'acme', '{}')",
    )
    .await;
    let mut tasks = JoinSet::new();
    for name in ["a", "b", "c"] {
        tasks.spawn(change(Arc::clone(&repo), name));
    }
    let mut outcomes = tasks.join_all().await;
    outcomes.sort();
    assert_eq!(outcomes, ["a at 1", "b failed", "c at 1"]);
    write(&repo, "UPDATE payments SET created_on = 0 WHERE id = 'b'").await;
    assert_eq!(
        repo.fetch(&Tenant::ANONYMOUS, &id("b")).await.unwrap().version,
        Version::FIRST,
        "the update that failed must change nothing"
    );
}

#[tokio::test]
async fn a_change_by_another_program_is_seen_before_it_is_overwritten() {
    for (theirs, found) in [
        ("UPDATE payments SET attributes = '{}' WHERE id = 'a'", "a conflict with 1"),
        ("UPDATE payments SET deleted = 1 WHERE id = 'a'", "a not found"),
        ("DELETE FROM payments WHERE id = 'a'", "a not found"),
    ] {
        // Updates that share the statement succeed all the same, except when the row has vanished from the table.
        let others: &[&str] = if theirs.starts_with("DELETE") { &[] } else { &["b", "c"] };
        for others in [&[][..], others] {
            let repo = in_memory().await;
            // From here on the cache knows them.
            assert!(create_at_once(&repo, &["a", "b", "c"], 1).await.is_empty());
            write(&repo, theirs).await;
            let mut tasks = JoinSet::new();
            for name in ["a"].iter().chain(others) {
                tasks.spawn(change(Arc::clone(&repo), name));
            }
            let mut outcomes = tasks.join_all().await;
            outcomes.sort();
            let expected: Vec<_> =
                [found.to_owned()].into_iter().chain(others.iter().map(|name| format!("{name} at 1"))).collect();
            assert_eq!(outcomes, expected, "{theirs}");
        }
    }
}

/// Updates a payment at version 0, or the one that is called `stale` at version 1. Says what became of it.
async fn change(repo: Arc<Sqlite>, name: &str) -> String {
    let NewPayment { organisation_id, attributes, created_on: modified_on, .. } = payment(name, 2);
    let expected = Version::parse(i64::from(name == "stale")).unwrap();
    match repo
        .update(
            &Tenant::ANONYMOUS,
            &id(name),
            expected,
            Change { organisation_id, attributes, modified_on, origin: Origin::default() },
        )
        .await
    {
        Ok(payment) => format!("{name} at {}", payment.version),
        Err(Error::VersionConflict { current }) => format!("{name} conflict with {current}"),
        Err(Error::NotFound) => format!("{name} not found"),
        Err(Error::Internal(_)) => format!("{name} failed"),
        Err(other) => format!("{name} {other:?}"),
    }
}

#[tokio::test]
async fn writes_of_several_tenants_that_share_a_transaction_stay_apart() {
    let repo = in_memory().await;
    let tenants = ["", "acme", "other"].map(|name| Tenant::stored(name).unwrap());
    // Twice, so that the second time every id is taken, and the shared statements fail.
    for expected in [3 * 3, 0] {
        let mut creations = JoinSet::new();
        for (tenant, name) in tenants.iter().flat_map(|tenant| ["a", "b", "c"].map(|name| (tenant.clone(), name))) {
            let repo = Arc::clone(&repo);
            creations.spawn(async move { repo.create(&tenant, payment(name, 1)).await.is_ok() });
        }
        assert_eq!(creations.join_all().await.into_iter().filter(|created| *created).count(), expected);
    }
    let mut updates = JoinSet::new();
    for (number, tenant) in tenants.iter().cloned().enumerate() {
        let repo = Arc::clone(&repo);
        updates.spawn(async move {
            // The first is at another version: its refusal is not the others'.
            let expected = Version::parse(if number == 0 { 1 } else { 0 }).unwrap();
            let NewPayment { organisation_id, attributes, created_on: modified_on, .. } = payment("a", 2);
            let change = Change { organisation_id, attributes, modified_on, origin: Origin::default() };
            repo.update(&tenant, &id("a"), expected, change).await.map_err(|error| error.to_string())
        });
    }
    assert_eq!(updates.join_all().await.into_iter().filter(Result::is_ok).count(), 2);
    for (tenant, version) in tenants.iter().zip([0, 1, 1]) {
        let found = repo.fetch(tenant, &id("a")).await.unwrap();
        assert_eq!(found.version.number(), version, "{tenant}");
    }
}

#[tokio::test]
async fn a_broken_row_does_not_fail_the_fetches_of_others() {
    let (_directory, repo) = in_a_file().await;
    write(
        &repo,
        "INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
         VALUES ('broken', -1, 0, 0, 'acme', '{}'), ('whole', 0, 0, 0, 'acme', '{}')",
    )
    .await;
    let (whole, broken, absent) = (id("whole"), id("broken"), id("absent"));
    // At the same time, so that they share a statement; none of them is in the cache.
    let (whole, broken, absent) = tokio::join!(
        repo.fetch(&Tenant::ANONYMOUS, &whole),
        repo.fetch(&Tenant::ANONYMOUS, &broken),
        repo.fetch(&Tenant::ANONYMOUS, &absent)
    );
    assert_eq!(whole.unwrap().id.as_str(), "whole");
    assert!(matches!(broken, Err(Error::Internal(_))), "{broken:?}");
    assert!(matches!(absent, Err(Error::NotFound)), "{absent:?}");
}

#[tokio::test]
async fn a_closed_store_refuses_even_cached_payments() {
    let (_directory, repo) = in_a_file().await;
    repo.create(&Tenant::ANONYMOUS, payment("a", 1)).await.unwrap();
    repo.fetch(&Tenant::ANONYMOUS, &id("a")).await.unwrap();
    repo.close().await;
    let refused = repo.fetch(&Tenant::ANONYMOUS, &id("a")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_page_of_large_payments_is_read_without_their_attributes_first() {
    let repo = in_memory().await;
    assert!(create_at_once(&repo, &["a", "b", "c"], 500_000).await.is_empty());
    repo.create(&Tenant::ANONYMOUS, payment("small", 1)).await.unwrap();
    let mut connection = repo.readers.connections()[0].lock().await;
    let reader = &mut connection.as_mut().unwrap().sqlite;
    let anonymous = repo.statements.of(&Tenant::ANONYMOUS);
    let listed =
        anonymous.list(reader, &Tenant::ANONYMOUS, PageStart::Offset(0), 9, ReadAttributes::Short).await.unwrap();
    let large: Vec<_> = listed.large.iter().map(|(seq, bytes)| (*seq, bytes / 500_000)).collect();
    assert_eq!(large, [(1, 1), (2, 1), (3, 1)], "the text of a page must not have large attributes");
    assert_eq!(listed.rows.len(), 1);
}

#[tokio::test]
async fn large_payments_that_are_fetched_at_once_come_one_by_one() {
    let (_directory, repo) = in_a_file().await;
    assert!(create_at_once(&repo, &["a", "b", "c"], 500_000).await.is_empty());
    repo.create(&Tenant::ANONYMOUS, payment("small", 1)).await.unwrap();
    let names = ["a", "small", "b", "absent", "a", "c", "small"];
    let found = futures_util::future::join_all(names.map(|name| repo.fetcher.fetch(key(name)))).await;
    let found: Vec<_> = names.into_iter().zip(found).collect();
    for (name, outcome) in &found {
        match outcome {
            Ok(payment) => assert_eq!(payment.id.as_str(), *name),
            Err(error) => assert!(*name == "absent" && matches!(error, Error::NotFound), "{name}: {error:?}"),
        }
    }
    let keys = [key("a"), key("small"), key("b")];
    let mut connection = repo.readers.connections()[0].lock().await;
    let reader = &mut connection.as_mut().unwrap().sqlite;
    let fetched = repo.statements.of(&Tenant::ANONYMOUS).fetch(reader, &keys.each_ref()).await.unwrap();
    assert_eq!(
        (fetched.payments.len(), fetched.has_large),
        (1, true),
        "the text of a batch must not have large attributes"
    );
}
