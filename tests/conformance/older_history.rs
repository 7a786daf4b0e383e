//! The release before this one, which keeps no history: what it wrote before the schema became this one is in history and feed
//! as far as it is known, and what it writes beside this release leaves no gap.

use crate::stores::{change, deletion, event_walk, history, id, origin, postgres_at, query, version};
use crate::view::Repo;
use payments::payments::{Change, Event, EventKind, EventQuery, EventStart, Origin};
use payments::repo::{Postgres, PostgresOptions, Sqlite, SqliteOptions, StoreOptions};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use tempfile::TempDir;

/// The migrations of the release before.
fn older_migrations(store: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(store);
    for name in ["0001_payments.sql", "0002_tenants.sql"] {
        std::fs::copy(ours.join(name), directory.path().join(name)).unwrap();
    }
    directory
}

/// The release before, with its statements.
trait Older {
    async fn create(&mut self, name: &str, version: i64);
    /// Changes the payment to the next version, with the amount of that.
    async fn update(&mut self, name: &str, expected: i64);
    async fn delete(&mut self, name: &str, expected: i64);
}

impl Older for SqliteConnection {
    async fn create(&mut self, name: &str, version: i64) {
        let create = sqlx::query(
            r#"INSERT INTO "payments" (id, version, created_on, modified_on, organisation_id, attributes)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"#,
        );
        let create = create.bind(name).bind(version).bind(1_i64).bind(version + 1).bind("acme");
        let done = create.bind(format!(r#"{{"amount":"{version}"}}"#)).execute(self).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }

    async fn update(&mut self, name: &str, expected: i64) {
        let update = sqlx::query(
            r#"WITH change (id, version, next, modified_on, organisation_id, attributes) AS (VALUES (?, ?, ?, ?, ?, ?))
            UPDATE OR ROLLBACK "payments" AS payment SET
                version = iif(payment.version = change.version AND NOT payment.deleted, change.next, NULL),
                modified_on = change.modified_on, organisation_id = change.organisation_id, attributes = change.attributes
            FROM change WHERE payment.id = change.id"#,
        );
        let next = expected + 1;
        let update = update.bind(name).bind(expected).bind(next).bind(next + 1).bind("acme");
        let done = update.bind(format!(r#"{{"amount":"{next}"}}"#)).execute(self).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }

    async fn delete(&mut self, name: &str, expected: i64) {
        let delete = r#"UPDATE "payments" SET deleted = 1 WHERE id = ?1 AND version = ?2 AND NOT deleted"#;
        let done = sqlx::query(delete).bind(name).bind(expected).execute(self).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
}

impl Older for PgConnection {
    async fn create(&mut self, name: &str, version: i64) {
        let create = sqlx::query(
            r#"WITH gate AS MATERIALIZED (
                SELECT pg_advisory_xact_lock_shared(
                    'payments'::regclass::oid::bigint::int, (came_to % 2147483648)::int
                ) FROM (
                    SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "payments_order"
                ) AS numbers (came_to)
            )
            INSERT INTO "payments" (id, version, created_on, modified_on, organisation_id, attributes)
            SELECT $1, $2, to_timestamp(1), to_timestamp($2 + 1), 'acme', $3 FROM gate ON CONFLICT (id) DO NOTHING"#,
        );
        let create = create.bind(name).bind(version).bind(format!(r#"{{"amount":"{version}"}}"#));
        assert_eq!(create.execute(self).await.unwrap().rows_affected(), 1);
    }

    async fn update(&mut self, name: &str, expected: i64) {
        let update = sqlx::query(
            r#"UPDATE "payments"
            SET version = $3, modified_on = greatest(modified_on, to_timestamp($3 + 1)), organisation_id = 'acme',
                attributes = $4
            WHERE id = $1 AND version = $2 AND NOT deleted RETURNING created_on, modified_on"#,
        );
        let next = expected + 1;
        let update = update.bind(name).bind(expected).bind(next).bind(format!(r#"{{"amount":"{next}"}}"#));
        update.fetch_one(self).await.unwrap();
    }

    async fn delete(&mut self, name: &str, expected: i64) {
        let delete = r#"UPDATE "payments" SET deleted = true WHERE id = $1 AND version = $2 AND NOT deleted"#;
        let done = sqlx::query(delete).bind(name).bind(expected).execute(self).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
}

/// An event in words, with the amount that the payment came to, and by whom.
fn words(event: &Event) -> String {
    let amount = event.attributes.as_ref().map(|attributes| attributes.as_str().split('"').nth(3).unwrap().to_owned());
    let (name, version, kind) = (event.payment_id.as_str(), event.version, event.kind);
    format!(
        "{name} {version} {kind:?} {}{}",
        amount.unwrap_or_default(),
        if event.origin == Origin::default() { "" } else { " known" }
    )
}

async fn feed<R: Repo>(repo: &R) -> Vec<String> {
    let query = EventQuery { with_content: true, ..query(3) };
    event_walk(repo, EventStart::Beginning, &query).await.0.iter().map(words).collect()
}

async fn versions<R: Repo>(repo: &R, name: &str) -> Vec<String> {
    history(repo, name, None, 99).await.events.iter().map(words).collect()
}

/// What the release before has in its store: one as it was created, one that was changed, one that was changed and deleted.
async fn write_before(older: &mut impl Older) {
    older.create("new", 0).await;
    older.create("changed", 0).await;
    older.update("changed", 0).await;
    older.update("changed", 1).await;
    older.create("gone", 4).await;
    older.delete("gone", 4).await;
}

async fn shows_what_is_known<R: Repo>(repo: &R) {
    assert_eq!(feed(repo).await, ["new 0 Created 0", "changed 2 Updated 2", "gone 4 Deleted 4"]);
    assert_eq!(versions(repo, "changed").await, ["changed 2 Updated 2"], "older ones were overwritten");
    let found = history(repo, "gone", None, 9).await;
    assert_eq!((found.newest, found.has_older, found.events[0].kind), (version(4), false, EventKind::Deleted));
}

/// Writes of the release before and of this one in turn.
async fn leaves_no_gap<R: Repo>(repo: &R, older: &mut impl Older) {
    older.create("a", 0).await;
    older.update("a", 0).await;
    let ours = Change { origin: origin("x"), ..change("2") };
    repo.update(&id("a"), version(1), ours).await.unwrap();
    older.update("a", 2).await;
    older.create("b", 0).await;
    older.update("changed", 2).await;
    older.delete("a", 3).await;
    older.delete("b", 0).await;
    repo.delete(&id("changed"), version(3)).await.unwrap();
    let expected = [
        "a 0 Created 0",
        "a 1 Updated 1",
        "a 2 Updated 2 known",
        "a 3 Updated 3",
        "b 0 Created 0",
        "changed 3 Updated 3",
        "a 4 Deleted 3",
        "b 1 Deleted 0",
        "changed 4 Deleted 3",
    ];
    assert_eq!(feed(repo).await[3..], expected, "the writer of another version must not be named");
    let of_a = ["a 4 Deleted 3", "a 3 Updated 3", "a 2 Updated 2 known", "a 1 Updated 1", "a 0 Created 0"];
    assert_eq!(versions(repo, "a").await, of_a);
    assert_eq!(versions(repo, "b").await, ["b 1 Deleted 0", "b 0 Created 0"]);
    assert_eq!(versions(repo, "changed").await, ["changed 4 Deleted 3", "changed 3 Updated 3", "changed 2 Updated 2"]);
}

async fn are_gone<R: Repo>(repo: &R) {
    for name in ["a", "b", "changed"] {
        assert!(repo.fetch(&id(name)).await.is_err(), "{name}");
        assert!(repo.update(&id(name), version(4), change("9")).await.is_err(), "{name}");
        assert!(repo.delete_by(&id(name), version(4), deletion()).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_file_of_the_release_before_goes_on_without_a_gap() {
    let (directory, migrations) = (tempfile::tempdir().unwrap(), older_migrations("sqlite3"));
    let path = directory.path().join("payments.db");
    let options = SqliteOptions { path: Some(path.clone()), ..SqliteOptions::default() };
    SqliteOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() }.migrate().await.unwrap();
    let open = SqliteConnectOptions::new().filename(&path);
    let mut older = open.connect().await.unwrap();
    write_before(&mut older).await;
    let repo = Sqlite::open(options.clone()).await.unwrap();
    shows_what_is_known(&repo).await;
    leaves_no_gap(&repo, &mut older).await;
    older.close().await.unwrap();
    repo.close().await;
    // Opened anew: a process remembers what it has read of its file, which no other may write.
    let repo = Sqlite::open(options).await.unwrap();
    are_gone(&repo).await;
    repo.close().await;
}

#[tokio::test]
async fn a_database_of_the_release_before_goes_on_without_a_gap() {
    let migrations = older_migrations("postgres");
    let options = postgres_at(test_support::postgres::url());
    let older = PostgresOptions { migrations: Some(migrations.path().to_owned()), ..options.clone() };
    older.migrate().await.unwrap();
    let mut older = PgConnection::connect(&options.url).await.unwrap();
    write_before(&mut older).await;
    let repo = Postgres::connect(options).await.unwrap();
    shows_what_is_known(&repo).await;
    leaves_no_gap(&repo, &mut older).await;
    are_gone(&repo).await;
}
