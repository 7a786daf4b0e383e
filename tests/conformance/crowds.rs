//! Several processes over one PostgreSQL, whose writes commit late and whose connections are cut, and readers that walk all the
//! time: each reader's pages, one after the other, are the histories of all payments.

use crate::postgres::{connect, kill_connections};
use crate::stores::{attributes, deletion, id, now, organisation, origin, query};
use crate::view::tenant;
use payments::payments::{
    Change, Error, Event, EventKind, EventQuery, EventStart, Mark, NewPayment, PaymentId, Repo, Tenant, Version,
};
use payments::repo::Postgres;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

const REPLICAS: usize = 3;
const WRITERS: usize = 4;
const ROUNDS: usize = 200;
/// So few payments that writers meet, and others after some rounds, because some are deleted.
const PAYMENTS: usize = 12;
const ROUNDS_OF_A_PAYMENT: usize = 100;

/// Delays commits: the writes are done, their numbers are drawn, and their locks are held.
const HOOK: [&str; 3] = [
    "CREATE FUNCTION late() RETURNS trigger AS \
     'BEGIN IF random() < 0.5 THEN PERFORM pg_sleep(random() * 0.05); END IF; RETURN NULL; END' LANGUAGE plpgsql",
    "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON payments DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION late()",
    "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON payments_tenants DEFERRABLE INITIALLY DEFERRED \
     FOR EACH ROW EXECUTE FUNCTION late()",
];

/// A number that follows from the place of a write, and looks random.
fn dice(seed: usize) -> usize {
    let mixed = (seed as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40).unwrap_or_default()
}

type Acknowledged = BTreeSet<(String, i64)>;

/// Creates, changes and deletes, and returns what was acknowledged.
async fn write(repo: Arc<Postgres>, tenant: Tenant, writer: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let mut versions: BTreeMap<String, Version> = BTreeMap::new();
    for round in 0..ROUNDS {
        let dice = dice(writer * ROUNDS + round);
        // One in 32 is of a payment of the writer's own.
        let name = match dice % 32 {
            0 => format!("p{writer}-{round}"),
            _ => format!("p{}-of-{}", dice / 32 % PAYMENTS, round / ROUNDS_OF_A_PAYMENT),
        };
        let by = format!("writer {writer}");
        let content = attributes(&format!(r#"{{"amount":"{round}","by":"{by}"}}"#));
        let done = match versions.get(&name).copied() {
            None => {
                let new = NewPayment {
                    id: id(&name),
                    organisation_id: organisation("acme"),
                    attributes: content,
                    created_on: now(),
                    origin: origin(&by),
                };
                repo.create(&tenant, new).await.map(|payment| payment.version)
            }
            Some(expected) if dice % 401 == 7 => {
                repo.delete(&tenant, &id(&name), expected, deletion()).await.map(|()| expected.next().unwrap())
            }
            Some(expected) => {
                let organisation_id = organisation("acme");
                let change = Change { organisation_id, attributes: content, modified_on: now(), origin: origin(&by) };
                repo.update(&tenant, &id(&name), expected, change).await.map(|payment| payment.version)
            }
        };
        match done {
            Ok(version) => {
                acknowledged.insert((name.clone(), version.number()));
                versions.insert(name, version);
            }
            Err(Error::VersionConflict { current }) => drop(versions.insert(name, current)),
            Err(Error::AlreadyExists) => {
                if let Ok(found) = repo.fetch(&tenant, &id(&name)).await {
                    versions.insert(name, found.version);
                }
            }
            // A cut connection; the write may be done, or not.
            Err(Error::NotFound | Error::Unavailable(_) | Error::Overloaded) => {}
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
    acknowledged
}

/// Walks until it is told to stop, and then to the end.
async fn read(repo: Arc<Postgres>, tenant: Tenant, query: EventQuery, stop: Arc<AtomicBool>) -> Vec<Event> {
    let (mut seen, mut last) = (Vec::new(), Mark::BEGINNING);
    loop {
        let is_last = stop.load(Ordering::SeqCst);
        match repo.events(&tenant, EventStart::After(last), &query).await {
            Ok(page) => {
                last = page.last;
                seen.extend(page.events);
                if page.is_at_end && is_last {
                    return seen;
                }
            }
            Err(Error::Unavailable(_) | Error::Overloaded) => {}
            Err(error) => panic!("{error:?} after {last:?}"),
        }
    }
}

/// The histories of all payments that any reader has seen, in order of their numbers.
async fn histories(repo: &Postgres, tenant: &Tenant, ids: BTreeSet<PaymentId>) -> Vec<Event> {
    let mut events = Vec::new();
    for id in ids {
        let mut below = None;
        loop {
            let page = repo.history(tenant, &id, below, 7).await.unwrap();
            below = page.events.last().map(|event| event.version);
            events.extend(page.events);
            if !page.has_older {
                break;
            }
        }
    }
    events.sort_by_key(|event| event.position);
    events
}

fn ensure_versions_ascend(events: &[Event]) {
    let mut last: BTreeMap<&PaymentId, &Event> = BTreeMap::new();
    for event in events {
        let expected = last.get(&event.payment_id).map_or(0, |before| before.version.number() + 1);
        assert_eq!(event.version.number(), expected, "{event:?}");
        if let Some(before) = last.insert(&event.payment_id, event) {
            assert!(before.timestamp <= event.timestamp && before.kind != EventKind::Deleted, "{before:?}, {event:?}");
        }
    }
}

async fn cut(url: String, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        kill_connections(&url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_sees_the_histories_of_all_payments() {
    let url = test_support::postgres::url();
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(Arc::new(connect(&url).await));
    }
    let mut owner = PgConnection::connect(&url).await.unwrap();
    for statement in HOOK {
        owner.execute(statement).await.unwrap();
    }
    owner.close().await.unwrap();
    let tenants = [Tenant::ANONYMOUS, tenant("acme")];
    let (stop, stop_cutting) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut readers = JoinSet::new();
    for (number, tenant) in tenants.iter().enumerate() {
        for (replica, repo) in replicas.iter().enumerate() {
            for size in [3, 100] {
                let query = EventQuery { with_content: true, ..query(size) };
                let reading = read(Arc::clone(repo), tenant.clone(), query, Arc::clone(&stop));
                readers.spawn(async move { (number, replica, size, reading.await) });
            }
        }
    }
    let cutting = tokio::spawn(cut(url.clone(), Arc::clone(&stop_cutting)));
    let mut writers = JoinSet::new();
    for (number, tenant) in tenants.iter().enumerate() {
        for writer in 0..REPLICAS * WRITERS {
            let writing = write(Arc::clone(&replicas[writer % REPLICAS]), tenant.clone(), writer);
            writers.spawn(async move { (number, writing.await) });
        }
    }
    let mut acknowledged = [Acknowledged::new(), Acknowledged::new()];
    for (number, written) in writers.join_all().await {
        acknowledged[number].extend(written);
    }
    stop_cutting.store(true, Ordering::SeqCst);
    cutting.await.unwrap();
    stop.store(true, Ordering::SeqCst);

    let seen = readers.join_all().await;
    for (number, tenant) in tenants.iter().enumerate() {
        let of_tenant: Vec<_> = seen.iter().filter(|(of, ..)| *of == number).collect();
        ensure_all_see_the_same(&replicas[0], tenant, &of_tenant, &acknowledged[number]).await;
    }
}

/// What a reader of a tenant, at a replica, with pages of some size, has seen.
type Seen = (usize, usize, u32, Vec<Event>);

async fn ensure_all_see_the_same(repo: &Postgres, tenant: &Tenant, seen: &[&Seen], acknowledged: &Acknowledged) {
    let ids = seen.iter().flat_map(|(.., events)| events.iter().map(|event| event.payment_id.clone())).collect();
    let expected = histories(repo, tenant, ids).await;
    ensure_versions_ascend(&expected);
    for (_, replica, size, events) in seen {
        let differs = events.iter().zip(&expected).position(|(one, other)| one != other);
        assert_eq!(differs, None, "{tenant}, replica {replica}, pages of {size}: differs from the histories there");
        assert_eq!(events.len(), expected.len(), "{tenant}, replica {replica}, pages of {size}");
    }
    let made: Acknowledged =
        expected.iter().map(|event| (event.payment_id.as_str().to_owned(), event.version.number())).collect();
    let lost: Vec<_> = acknowledged.difference(&made).collect();
    assert!(lost.is_empty(), "acknowledged, and not told: {lost:?}");
    assert!(made.len() > ROUNDS * 2, "only {} changes were made", made.len());
}
