//! Random writes, beside a list that says what their events must be.

use crate::on_every_store;
use crate::stores::{Store, attributes, event_walk, id, now, organisation, origin, query, version};
use crate::view::Repo;
use payments::payments::{
    Change, Deletion, Event, EventKind, EventQuery, EventStart, NewPayment, Payment, PaymentId, Position, Version,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::HashMap;

on_every_store!(random_writes_are_told_as_they_were_made);

/// A write: of which payment, at how many versions before the current one, and of what.
#[derive(Debug, Clone)]
enum Write {
    Create(u8, usize),
    Update(u8, bool, usize),
    Delete(u8, bool),
}

fn write() -> impl Strategy<Value = Write> {
    let bytes = prop_oneof![8 => 0..40_usize, 1 => 5_000..20_000_usize];
    let is_stale = prop::bool::weighted(0.1);
    prop_oneof![
        2 => (0..12_u8, bytes.clone()).prop_map(|(name, bytes)| Write::Create(name, bytes)),
        5 => (0..12_u8, is_stale, bytes).prop_map(|(name, stale, bytes)| Write::Update(name, stale, bytes)),
        1 => (0..12_u8, is_stale).prop_map(|(name, stale)| Write::Delete(name, stale)),
    ]
}

/// What has happened, in order. Positions are left out.
#[derive(Default)]
struct Model {
    events: Vec<Event>,
    current: HashMap<PaymentId, (Payment, bool)>,
}

impl Model {
    fn add(&mut self, kind: EventKind, payment: &Payment, by: &str) {
        let event = Event {
            position: Position::BEGINNING,
            payment_id: payment.id.clone(),
            version: payment.version,
            kind,
            timestamp: payment.modified_on,
            organisation_id: payment.organisation_id.clone(),
            created_on: payment.created_on,
            attributes: Some(payment.attributes.clone()),
            origin: origin(by),
        };
        self.events.push(event);
        self.current.insert(payment.id.clone(), (payment.clone(), kind == EventKind::Deleted));
    }

    fn version_of(&self, id: &PaymentId, is_stale: bool) -> Version {
        let current = self.current.get(id).map_or(0, |(payment, _)| payment.version.number());
        version(if is_stale { current + 1 } else { current })
    }
}

async fn apply<R: Repo>(repo: &R, model: &mut Model, number: usize, write: Write) {
    let by = format!("writer {number}");
    let content = |bytes| attributes(&format!(r#"{{"amount":"{}","n":"{}"}}"#, number + 1, "é".repeat(bytes)));
    let organisation_id = organisation(["acme", "other"][number % 2]);
    match write {
        Write::Create(name, bytes) => {
            let id = id(&format!("m{name}"));
            let is_free = !model.current.contains_key(&id);
            let new =
                NewPayment { id, organisation_id, attributes: content(bytes), created_on: now(), origin: origin(&by) };
            let created = repo.create(new).await;
            assert_eq!(created.is_ok(), is_free, "{created:?}");
            if let Ok(payment) = created {
                model.add(EventKind::Created, &payment, &by);
            }
        }
        Write::Update(name, is_stale, bytes) => {
            let id = id(&format!("m{name}"));
            let change =
                Change { organisation_id, attributes: content(bytes), modified_on: now(), origin: origin(&by) };
            let is_live = model.current.get(&id).is_some_and(|(_, is_deleted)| !is_deleted);
            let updated = repo.update(&id, model.version_of(&id, is_stale), change).await;
            assert_eq!(updated.is_ok(), is_live && !is_stale, "{updated:?}");
            if let Ok(payment) = updated {
                model.add(EventKind::Updated, &payment, &by);
            }
        }
        Write::Delete(name, is_stale) => {
            let (id, deleted_on) = (id(&format!("m{name}")), now());
            let before =
                model.current.get(&id).filter(|(_, is_deleted)| !is_deleted).map(|(payment, _)| payment.clone());
            let deletion = Deletion { deleted_on, origin: origin(&by) };
            let deleted = repo.delete_by(&id, model.version_of(&id, is_stale), deletion).await;
            assert_eq!(deleted.is_ok(), before.is_some() && !is_stale, "{deleted:?}");
            if let (Ok(()), Some(before)) = (deleted, before) {
                let modified_on = deleted_on.max(before.modified_on);
                let last = Payment { version: before.version.next().unwrap(), modified_on, ..before };
                model.add(EventKind::Deleted, &last, &by);
            }
        }
    }
}

fn without_positions(events: &[Event]) -> Vec<Event> {
    events.iter().map(|event| Event { position: Position::BEGINNING, ..event.clone() }).collect()
}

async fn compare<R: Repo>(repo: &R, model: &Model) {
    for (size, with_content) in [(100, true), (7, false), (1000, false)] {
        let query = EventQuery { with_content, ..query(size) };
        let walked = event_walk(repo, EventStart::Beginning, &query).await.0;
        assert!(walked.is_sorted_by(|one, next| one.position < next.position), "{walked:?}");
        let mut expected = model.events.clone();
        if !with_content {
            expected.iter_mut().for_each(|event| event.attributes = None);
        }
        assert_eq!(without_positions(&walked), expected, "pages of {size}");
    }
    for id in model.current.keys() {
        let (mut found, mut below) = (Vec::new(), None);
        loop {
            let page = repo.history(id, below, 5).await.unwrap();
            assert!(!page.has_older || !page.events.is_empty(), "a page must move on: {page:?}");
            assert!(page.events.iter().all(|event| below.is_none_or(|below| event.version < below)), "{page:?}");
            below = page.events.last().map(|event| event.version);
            found.extend(page.events);
            if !page.has_older {
                break;
            }
        }
        found.reverse();
        let expected: Vec<_> = model.events.iter().filter(|event| event.payment_id == *id).cloned().collect();
        assert_eq!(without_positions(&found), expected);
        let of_one = EventQuery { payment_id: Some(id.clone()), with_content: true, ..query(3) };
        let walked = event_walk(repo, EventStart::Beginning, &of_one).await.0;
        assert_eq!(walked, found);
        for event in found.iter().step_by(5) {
            let rest = event_walk(repo, EventStart::After(event.mark()), &of_one).await.0;
            let expected: Vec<_> = found.iter().filter(|other| other.position > event.position).cloned().collect();
            assert_eq!(rest, expected, "after {event:?}");
        }
    }
}

async fn random_writes_are_told_as_they_were_made<R: Repo>(repo: Store<R>) {
    let mut runner = TestRunner::deterministic();
    let writes = prop::collection::vec(write(), 400).new_tree(&mut runner).unwrap().current();
    let mut model = Model::default();
    for (number, write) in writes.into_iter().enumerate() {
        apply(&*repo, &mut model, number, write).await;
        if number % 100 == 99 {
            compare(&*repo, &model).await;
        }
    }
}
