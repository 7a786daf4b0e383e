//! Moving anonymous payments to the tenants that their organisations are.

use crate::patient::Patient;
use crate::stores::{attributes, change, deletion, id, now, organisation, payment, postgres_at, query, version};
use crate::view::tenant;
use payments::payments::{
    Error, Event, EventQuery, EventStart, NewPayment, Origin, Page, PageStart, Payment, PaymentId, Position, Repo,
    Snapshot, Tenant, Version,
};
use payments::repo::{
    Backend, MoveError, MoveReport, OpenError, Postgres, PostgresOptions, Sqlite, SqliteOptions, StoreOptions,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, sqlite::SqliteConnectOptions};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// A store that is opened and closed again and again.
trait Place {
    type Store: Backend;
    async fn open(&self) -> Self::Store;
    async fn run(&self, sql: &'static str);
    async fn move_to_tenants(&self) -> Result<MoveReport, MoveError>;
}

struct File(SqliteOptions, TempDir);
struct Database(PostgresOptions);

impl Place for File {
    type Store = Sqlite;

    async fn open(&self) -> Sqlite {
        Sqlite::open(self.0.clone()).await.unwrap()
    }

    async fn run(&self, sql: &'static str) {
        let mut sqlite =
            SqliteConnectOptions::new().filename(self.1.path().join("payments.db")).connect().await.unwrap();
        sqlite.execute(AssertSqlSafe(sql)).await.unwrap();
        sqlite.close().await.unwrap();
    }

    async fn move_to_tenants(&self) -> Result<MoveReport, MoveError> {
        self.0.clone().move_to_tenants(|_| {}).await
    }
}

impl Place for Database {
    type Store = Postgres;

    async fn open(&self) -> Postgres {
        Postgres::connect(self.0.clone()).await.unwrap()
    }

    async fn run(&self, sql: &'static str) {
        PgConnection::connect(&self.0.url).await.unwrap().execute(AssertSqlSafe(sql)).await.unwrap();
    }

    async fn move_to_tenants(&self) -> Result<MoveReport, MoveError> {
        self.0.clone().move_to_tenants(|_| {}).await
    }
}

fn file() -> File {
    let directory = tempfile::tempdir().unwrap();
    let path = Some(directory.path().join("payments.db"));
    File(SqliteOptions { path, ..SqliteOptions::default() }, directory)
}

fn database() -> Database {
    Database(postgres_at(test_support::postgres::url()))
}

/// A payment of an organisation, created while nobody said who asked.
async fn create<R: Repo>(repo: &R, owner: &str, name: &str) -> Payment {
    let new = NewPayment {
        organisation_id: organisation(owner),
        attributes: attributes(&format!(r#"{{ "amount" : "1.10", "note":"{owner} {name}" }}"#)),
        ..payment(name)
    };
    repo.create(&Tenant::ANONYMOUS, new).await.unwrap()
}

async fn all<R: Repo>(repo: &R, tenant: &Tenant) -> Vec<Payment> {
    let (mut payments, mut position) = (Vec::new(), Position::BEGINNING);
    loop {
        let Page { payments: more, last, .. } =
            repo.list(tenant, PageStart::After(position), 500).await.unwrap().into_inner();
        if more.is_empty() {
            return payments;
        }
        position = last;
        payments.extend(more);
    }
}

#[tokio::test]
async fn payments_are_moved_as_they_are_once_and_in_their_order() {
    moves_payments_as_they_are(&file()).await;
    moves_payments_as_they_are(&database()).await;
}

async fn moves_payments_as_they_are(place: &impl Place) {
    let repo = place.open().await;
    let mut expected: BTreeMap<&str, Vec<Payment>> = BTreeMap::new();
    // More than a batch, and ids whose order is not that of creation.
    for number in 0..450 {
        let owner = ["acme", "支付", "other"][number % 3];
        let mut created = create(&repo, owner, &format!("p{}", 999 - number)).await;
        if number % 7 == 0 {
            let change = payments::payments::Change {
                organisation_id: created.organisation_id.clone(),
                attributes: attributes(r#"{"amount":"2"}"#),
                modified_on: now(),
                origin: Origin::default(),
            };
            created = repo.update(&Tenant::ANONYMOUS, &created.id, created.version, change).await.unwrap();
        }
        expected.entry(owner).or_default().push(created);
    }
    let gone = expected.get_mut("acme").unwrap().remove(70);
    repo.delete(&Tenant::ANONYMOUS, &gone.id, gone.version, deletion()).await.unwrap();
    let before = all_events(&repo, &Tenant::ANONYMOUS).await;
    repo.close().await;

    let report = place.move_to_tenants().await.unwrap();
    assert_eq!(report, MoveReport { payments: 449, deleted: 1, left: 0, named: Vec::new() });
    assert_eq!(place.move_to_tenants().await.unwrap(), MoveReport::default(), "the second time does nothing");

    let repo = place.open().await;
    assert_eq!(all(&repo, &Tenant::ANONYMOUS).await, Vec::<Payment>::new(), "what was moved is not left");
    for (owner, payments) in expected {
        assert_eq!(all(&repo, &tenant(owner)).await, payments, "the payments of {owner}");
        let first = repo.fetch(&tenant(owner), &payments[0].id).await.unwrap();
        assert_eq!(first, payments[0]);
    }
    let again = repo.create(&tenant("acme"), payment(gone.id.as_str())).await;
    assert!(matches!(again, Err(Error::AlreadyExists)), "a deleted id is free again: {again:?}");
    let info = repo.info().await.unwrap();
    assert_eq!((info.payments, info.deleted), (449, 1));
    ensure_events_were_moved(&repo, &before).await;
    repo.close().await;
}

async fn all_events<R: Repo>(repo: &R, tenant: &Tenant) -> Vec<Event> {
    let query = EventQuery { with_content: true, ..query(500) };
    let (mut events, mut start) = (Vec::new(), EventStart::Beginning);
    loop {
        let page = repo.events(tenant, start, &query).await.unwrap();
        events.extend(page.events);
        if page.is_at_end {
            return events;
        }
        start = EventStart::After(page.last);
    }
}

/// Asserts that each payment has the events that it had `before`, in the feed of its organisation and in its history, and none
/// in the anonymous tenant.
async fn ensure_events_were_moved<R: Repo>(repo: &R, before: &[Event]) {
    assert_eq!(all_events(repo, &Tenant::ANONYMOUS).await, []);
    let by_payment = |events: &[Event]| {
        let mut found: BTreeMap<PaymentId, Vec<Event>> = BTreeMap::new();
        for event in events {
            let event = Event { position: Position::BEGINNING, ..event.clone() };
            found.entry(event.payment_id.clone()).or_default().push(event);
        }
        found
    };
    for owner in ["acme", "支付", "other"] {
        let of_owner: Vec<_> =
            before.iter().filter(|event| event.organisation_id == organisation(owner)).cloned().collect();
        let after = all_events(repo, &tenant(owner)).await;
        assert!(after.is_sorted_by(|one, next| one.position < next.position), "{after:?}");
        assert_eq!(by_payment(&after), by_payment(&of_owner), "the feed of {owner}");
        for (id, mut events) in by_payment(&after) {
            let mut history = repo.history(&tenant(owner), &id, None, 99).await.unwrap().events;
            history.iter_mut().for_each(|event| event.position = Position::BEGINNING);
            events.reverse();
            assert_eq!(history, events);
        }
    }
    // Numbers that are drawn now are behind them.
    let end = all_events(repo, &tenant("acme")).await.len();
    repo.create(&tenant("acme"), payment("later")).await.unwrap();
    let later = all_events(repo, &tenant("acme")).await;
    assert_eq!((later.len(), later[end].payment_id.as_str()), (end + 1, "later"));
}

#[tokio::test]
async fn what_cannot_be_moved_is_left_and_named() {
    leaves_what_cannot_be_moved(&file()).await;
    leaves_what_cannot_be_moved(&database()).await;
}

async fn leaves_what_cannot_be_moved(place: &impl Place) {
    let repo = place.open().await;
    for name in ["good", "blank", "taken", "taken-by-a-tombstone"] {
        create(&repo, "acme", name).await;
    }
    for name in ["taken", "taken-by-a-tombstone"] {
        repo.create(&tenant("acme"), payment(name)).await.unwrap();
    }
    repo.delete(&tenant("acme"), &id("taken-by-a-tombstone"), version(0), deletion()).await.unwrap();
    let theirs = repo.fetch(&tenant("acme"), &id("taken")).await.unwrap();
    repo.close().await;
    // From before such text was refused.
    place.run("UPDATE payments SET organisation_id = '\u{feff}' WHERE id = 'blank'").await;
    for moved in [1, 0] {
        let MoveReport { payments, deleted, left, named } = place.move_to_tenants().await.unwrap();
        assert_eq!((payments, deleted, left), (moved, 0, 3));
        for (line, name) in named.iter().zip(["blank", "taken", "taken-by-a-tombstone"]) {
            assert!(line.starts_with(&format!("payment {name} was left: its organisation_id ")), "{line}");
        }
        assert!(named[0].contains("is no tenant") && named[1].contains("has used this id"), "{named:?}");
    }
    let repo = place.open().await;
    let left = all(&repo, &Tenant::ANONYMOUS).await.into_iter().map(|payment| payment.id.as_str().to_owned());
    assert_eq!(left.collect::<Vec<_>>(), ["blank", "taken", "taken-by-a-tombstone"]);
    assert_eq!(repo.fetch(&tenant("acme"), &id("taken")).await.unwrap(), theirs, "the tenant's own must stay");
    // The cure that the manual names.
    let blank = repo.fetch(&Tenant::ANONYMOUS, &id("blank")).await.unwrap();
    repo.update(&Tenant::ANONYMOUS, &id("blank"), blank.version, change("3")).await.unwrap();
    repo.close().await;
    assert_eq!(place.move_to_tenants().await.unwrap().payments, 1);
}

#[tokio::test]
async fn a_move_that_was_interrupted_goes_on() {
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON payments_tenants WHEN new.id = 'p300' BEGIN SELECT raise(ABORT, 'no'); END";
    goes_on_after_an_interruption(&file(), &[refuse], "DROP TRIGGER refuse").await;
    let refuse = [
        "CREATE FUNCTION refuse() RETURNS trigger AS 'BEGIN RAISE EXCEPTION ''no''; END' LANGUAGE plpgsql",
        "CREATE TRIGGER refuse BEFORE INSERT ON payments_tenants FOR EACH ROW WHEN (new.id = 'p300') \
         EXECUTE FUNCTION refuse()",
    ];
    goes_on_after_an_interruption(&database(), &refuse, "DROP TRIGGER refuse ON payments_tenants").await;
}

async fn goes_on_after_an_interruption(place: &impl Place, refuse: &[&'static str], allow: &'static str) {
    let repo = place.open().await;
    for number in 0..450 {
        create(&repo, "acme", &format!("p{number}")).await;
    }
    repo.close().await;
    for sql in refuse {
        place.run(sql).await;
    }
    match place.move_to_tenants().await {
        Err(error @ MoveError::Batch { done: MoveReport { payments: 200, deleted: 0, left: 0, .. }, .. }) => {
            let line = error.to_string();
            assert!(line.contains("200 payments") && line.contains("run the command again"), "{line}");
            assert!(!line.contains('\n'), "{line}");
        }
        other => panic!("expected an error after one batch of 200, got {other:?}"),
    }
    let repo = place.open().await;
    let counts = (all(&repo, &tenant("acme")).await.len(), all(&repo, &Tenant::ANONYMOUS).await.len());
    assert_eq!(counts, (200, 250), "a batch is moved wholly or not at all");
    repo.close().await;
    place.run(allow).await;
    assert_eq!(place.move_to_tenants().await.unwrap().payments, 250);
    let repo = place.open().await;
    assert_eq!(all(&repo, &tenant("acme")).await.len(), 450);
    repo.close().await;
}

#[tokio::test]
async fn a_file_that_is_in_use_is_not_touched() {
    let place = file();
    let missing = place.move_to_tenants().await;
    assert!(matches!(missing, Err(MoveError::Open(OpenError::File { .. }))), "{missing:?}");
    let repo = place.open().await;
    create(&repo, "acme", "a").await;
    let refused = place.move_to_tenants().await;
    assert!(matches!(refused, Err(MoveError::Open(OpenError::InUse { .. }))), "{refused:?}");
    repo.fetch(&Tenant::ANONYMOUS, &id("a")).await.unwrap();
    let nothing = SqliteOptions::default().move_to_tenants(|_| {}).await;
    assert!(matches!(nothing, Err(MoveError::Open(OpenError::NothingToMigrate))), "{nothing:?}");
}

#[tokio::test]
async fn a_list_does_not_get_past_a_batch_that_is_slow_to_commit() {
    let place = database();
    let repo = place.open().await;
    create(&repo, "acme", "moved").await;
    // The batch waits until the test lets it go on.
    for sql in [
        "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END' \
         LANGUAGE plpgsql",
        "CREATE TRIGGER slowly BEFORE INSERT ON payments_tenants FOR EACH ROW WHEN (new.id = 'moved') \
         EXECUTE FUNCTION slowly()",
    ] {
        place.run(sql).await;
    }
    let mut watcher = PgConnection::connect(&place.0.url).await.unwrap();
    watcher.execute("SELECT pg_advisory_lock(7)").await.unwrap();
    let meanwhile = async {
        let has_drawn = "SELECT is_called FROM payments_tenants_order";
        while !sqlx::query_scalar::<_, bool>(has_drawn).fetch_one(&mut watcher).await.unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        repo.create(&tenant("acme"), payment("own")).await.unwrap();
        let page = repo.list(&tenant("acme"), PageStart::Offset(0), 9).await.unwrap();
        watcher.execute("SELECT pg_advisory_unlock(7)").await.unwrap();
        page
    };
    let (moved, page) = tokio::join!(place.move_to_tenants(), meanwhile);
    assert_eq!(moved.unwrap().payments, 1);
    assert!(page.payments.is_empty(), "the list got past the number of a payment that was being moved: {page:?}");
    let rest = repo.list(&tenant("acme"), PageStart::After(page.last), 9).await.unwrap();
    assert_eq!(rest.payments.iter().map(|payment| payment.id.as_str()).collect::<Vec<_>>(), ["moved", "own"]);
}

/// Changes payments of the anonymous tenant until they are gone. Returns the last acknowledged version of each.
async fn write_until_gone(repo: Arc<Patient<Postgres>>, names: Vec<String>) -> HashMap<String, Version> {
    let mut written = HashMap::new();
    for round in 0.. {
        let mut found = false;
        for name in &names {
            let Ok(current) = repo.fetch(&Tenant::ANONYMOUS, &id(name)).await else { continue };
            found = true;
            match repo.update(&Tenant::ANONYMOUS, &id(name), current.version, change(&format!("{}", round + 1))).await {
                Ok(Payment { version, .. }) => drop(written.insert(name.clone(), version)),
                Err(Error::NotFound) => {}
                Err(error) => panic!("{name} must be changed or gone: {error:?}"),
            }
        }
        if !found {
            break;
        }
    }
    written
}

/// Follows the list of a tenant, as a client that polls, until `stop`, and to its end then.
async fn follow(repo: Arc<Patient<Postgres>>, tenant: Tenant, stop: Arc<AtomicBool>) -> Vec<String> {
    let (mut seen, mut position) = (Vec::new(), Position::BEGINNING);
    loop {
        let is_last = stop.load(Ordering::SeqCst);
        let page: Snapshot<Page> = repo.list(&tenant, PageStart::After(position), 7).await.unwrap();
        position = page.last;
        seen.extend(page.payments.iter().map(|payment| payment.id.as_str().to_owned()));
        if page.payments.is_empty() && is_last {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_replicas_that_serve_no_write_is_lost_and_no_list_misses_a_payment() {
    const MANY: usize = 1000;
    let place = database();
    let repo = Arc::new(Patient(place.open().await));
    let names: Vec<_> = (0..MANY).map(|number| format!("p{number}")).collect();
    for name in &names {
        create(&*repo, "acme", name).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        names.chunks(MANY / 4).map(|part| tokio::spawn(write_until_gone(Arc::clone(&repo), part.to_vec()))).collect();
    let other_replica = Arc::new(Patient(place.open().await));
    let followers: Vec<_> = [&repo, &other_replica]
        .map(|repo| tokio::spawn(follow(Arc::clone(repo), tenant("acme"), Arc::clone(&stop))))
        .into();
    let other = tokio::spawn({
        let repo = Arc::clone(&repo);
        async move {
            // The tenant's own creations, whose numbers alternate with the batches'.
            for number in 0..100 {
                repo.create(&tenant("acme"), payment(&format!("own{number}"))).await.unwrap();
            }
        }
    });
    let report = place.move_to_tenants().await.unwrap();
    assert_eq!((report.payments, report.left), (MANY as u64, 0));
    other.await.unwrap();
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        for (name, written) in writer.await.unwrap() {
            let moved = repo.fetch(&tenant("acme"), &id(&name)).await.unwrap();
            assert_eq!(moved.version, written, "{name}: an acknowledged write was lost");
        }
    }
    for follower in followers {
        let mut seen = follower.await.unwrap();
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), count), (MANY + 100, MANY + 100), "a payment was missed, or shown twice");
    }
}
