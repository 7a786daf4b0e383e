//! Tests the history of a payment: it has every version, byte for byte, also when the payment was deleted.

use crate::on_every_store;
use crate::stores::{
    Store, attributes, change, create, events, history, id, now, organisation, origin, payment, query, refused, version,
};
use crate::view::Repo;
use payments::payments::{
    Change, Deletion, Event, EventKind, EventQuery, EventStart, NewPayment, Origin, Payment, Position, Snapshot,
    Timestamp, Version,
};
use std::time::Duration;

on_every_store!(
    every_version_is_kept_as_it_was,
    pages_go_back_to_the_first_version,
    long_histories_are_found_from_every_version_and_every_mark,
    an_id_that_never_was_has_no_history,
    a_write_that_is_refused_leaves_nothing,
    large_versions_make_pages_shorter,
    versions_stay_in_order_when_clocks_do_not,
    names_with_control_characters_do_no_harm,
);

fn micros_before(time: Timestamp, micros: u64) -> Timestamp {
    Timestamp::from_micros(time.micros() - i64::try_from(micros).unwrap()).unwrap()
}

async fn every_version_is_kept_as_it_was<R: Repo>(repo: Store<R>) {
    let contents =
        ["{\"amount\":\"1.10\"}", "{ \"amount\" : \"2\",\n \"n\":1.0e2 }", "{\"amount\":\"3\",\"a\":\"支付\\u0000\"}"];
    let created_on = now();
    let new = NewPayment { attributes: attributes(contents[0]), created_on, origin: origin("creator"), ..payment("a") };
    create(&*repo, &["before"]).await;
    let mut expected = vec![repo.create(new).await.unwrap()];
    for (number, content) in contents.iter().enumerate().skip(1) {
        let change = Change {
            organisation_id: organisation(["acme", "other", "third"][number]),
            attributes: attributes(content),
            modified_on: now(),
            origin: if number == 1 { Origin::default() } else { origin("changer") },
        };
        create(&*repo, &[&format!("between{number}")]).await;
        let expected_version = version(i64::try_from(number).unwrap() - 1);
        expected.push(repo.update(&id("a"), expected_version, change).await.unwrap());
    }
    let deleted_on = now();
    repo.delete_by(&id("a"), version(2), Deletion { deleted_on, origin: origin("deleter") }).await.unwrap();
    let last = expected[2].clone();
    expected.push(Payment { version: version(3), modified_on: deleted_on, ..last });

    let found = history(&*repo, "a", None, 9).await;
    assert_eq!((found.newest, found.has_older), (version(3), false));
    let payments: Vec<_> = found.events.iter().rev().map(|event| event.payment().unwrap()).collect();
    assert_eq!(payments, expected);
    let kinds: Vec<_> = found.events.iter().rev().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Created, EventKind::Updated, EventKind::Updated, EventKind::Deleted]);
    let origins: Vec<_> = found.events.into_iter().rev().map(|event| event.origin).collect();
    assert_eq!(origins, [origin("creator"), Origin::default(), origin("changer"), origin("deleter")]);
    assert_eq!(refused(repo.fetch(&id("a")).await), "not found", "a tombstone is no payment");
}

async fn pages_go_back_to_the_first_version<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    for number in 0..9 {
        repo.update(&id("a"), version(number), change(&format!("{}", number + 1))).await.unwrap();
    }
    for (below, size, expected, has_older) in [
        (None, 1, vec![9], true),
        (None, 3, vec![9, 8, 7], true),
        (Some(7), 3, vec![6, 5, 4], true),
        (Some(3), 3, vec![2, 1, 0], false),
        (Some(3), 2, vec![2, 1], true),
        (Some(1), 3, vec![0], false),
        (Some(0), 3, vec![], false),
        (Some(10), 2, vec![9, 8], true),
        (Some(i64::MAX), 2, vec![9, 8], true),
    ] {
        let found = history(&*repo, "a", below.map(version), size).await;
        let versions: Vec<_> = found.events.iter().map(|event| event.version.number()).collect();
        assert_eq!((versions, found.has_older, found.newest), (expected, has_older, version(9)), "{below:?}, {size}");
    }
    let all = history(&*repo, "a", None, 99).await.events;
    assert!(all.is_sorted_by(|newer, older| newer.position > older.position), "{all:?}");
}

/// More versions than an index may leave out, more than once.
const LONG: i64 = 53;

/// Every page of two long histories, whose changes alternate, and every page of the events of one of them.
async fn long_histories_are_found_from_every_version_and_every_mark<R: Repo>(repo: Store<R>) {
    let created = create(&*repo, &["a", "b"]).await;
    let mut expected = vec![created[0].clone()];
    for number in 0..LONG {
        for name in ["b", "a"] {
            let updated = repo.update(&id(name), version(number), change(&format!("{number}.{name}"))).await.unwrap();
            expected.extend((name == "a").then_some(updated));
        }
    }
    for below in (0..=LONG + 2).map(version).map(Some).chain([None]) {
        let versions = expected.iter().rev().filter(|payment| below.is_none_or(|below| payment.version < below));
        let versions: Vec<_> = versions.cloned().collect();
        for size in [1, 15, 16, 17, 99] {
            let found = history(&*repo, "a", below, size).await;
            let payments: Vec<_> = found.events.iter().map(|event| event.payment().unwrap()).collect();
            let first = &versions[..versions.len().min(size as usize)];
            assert_eq!((&payments[..], found.has_older), (first, first.len() < versions.len()), "{below:?}, {size}");
        }
    }
    let all = history(&*repo, "a", None, 99).await.events;
    let all: Vec<_> = all.into_iter().rev().collect();
    for (at, event) in all.iter().enumerate() {
        for size in [1, 15, 16, 17, 99] {
            let query = EventQuery { payment_id: Some(id("a")), with_content: true, ..query(size) };
            let found = events(&*repo, EventStart::After(event.mark()), &query).await;
            let behind = &all[at + 1..];
            assert_eq!(found.events, behind[..behind.len().min(size as usize)], "behind {at}, {size}");
        }
    }
}

async fn an_id_that_never_was_has_no_history<R: Repo>(repo: Store<R>) {
    create(&*repo, &["b"]).await;
    assert_eq!(refused(repo.history(&id("a"), None, 9).await), "not found");
    repo.clear().await.unwrap();
    assert_eq!(refused(repo.history(&id("b"), None, 9).await), "not found", "what was cleared never was");
    create(&*repo, &["b"]).await;
    let again = history(&*repo, "b", None, 9).await;
    assert_eq!((again.newest, again.events.len()), (Version::FIRST, 1), "the id begins anew");
}

async fn a_write_that_is_refused_leaves_nothing<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    refused(repo.update(&id("a"), version(0), change("3")).await);
    refused(repo.delete(&id("a"), version(0)).await);
    refused(repo.create(payment("a")).await);
    let before = history(&*repo, "a", None, 9).await;
    assert_eq!(before.events.len(), 2);
    repo.delete(&id("a"), version(1)).await.unwrap();
    refused(repo.delete(&id("a"), version(2)).await);
    refused(repo.update(&id("a"), version(2), change("3")).await);
    let after = history(&*repo, "a", None, 9).await;
    assert_eq!((after.events.len(), &after.events[1..]), (3, &before.events[..]));
}

async fn large_versions_make_pages_shorter<R: Repo>(repo: Store<R>) {
    let large = |number: i64| attributes(&format!(r#"{{"amount":"{number}","note":"{}"}}"#, "x".repeat(400_000)));
    repo.create(NewPayment { attributes: large(0), ..payment("a") }).await.unwrap();
    for number in 0..5 {
        let change = Change { attributes: large(number + 1), ..change("1") };
        repo.update(&id("a"), version(number), change).await.unwrap();
    }
    let (mut seen, mut below) = (Vec::new(), None);
    loop {
        let found = history(&*repo, "a", below, 100).await;
        assert!(
            found.events.iter().all(|event| below.is_none_or(|below| event.version < below)),
            "a page must move on"
        );
        assert!(found.events.len() <= 2, "{} versions of 400 kB", found.events.len());
        for event in &found.events {
            assert_eq!(event.attributes, Some(large(event.version.number())));
        }
        seen.extend(found.events.iter().map(|event| event.version.number()));
        below = found.events.last().map(|event| event.version);
        if !found.has_older {
            break;
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1, 0]);
}

async fn versions_stay_in_order_when_clocks_do_not<R: Repo>(repo: Store<R>) {
    let late = now();
    let early = micros_before(late, Duration::from_secs(3600).as_micros().try_into().unwrap());
    repo.create(NewPayment { created_on: late, ..payment("a") }).await.unwrap();
    repo.update(&id("a"), version(0), Change { modified_on: early, ..change("2") }).await.unwrap();
    repo.delete_by(&id("a"), version(1), Deletion { deleted_on: early, origin: Origin::default() }).await.unwrap();
    let times: Vec<_> = history(&*repo, "a", None, 9).await.events.iter().map(|event| event.timestamp).collect();
    assert_eq!(times, [late; 3]);
}

async fn names_with_control_characters_do_no_harm<R: Repo>(repo: Store<R>) {
    let hostile = Origin {
        subject: Some("a\u{1f}b\u{1e}c\u{1d}d\u{0}".into()),
        client_id: Some("".into()),
        request_id: Some("\u{1d}".into()),
    };
    repo.create(NewPayment { origin: hostile, ..payment("a") }).await.unwrap();
    let found = history(&*repo, "a", None, 9).await;
    let [Event { position: Position(1..), origin, .. }] = &found.events[..] else { panic!("{found:?}") };
    let shown = [&origin.subject, &origin.client_id, &origin.request_id].map(|text| text.as_deref());
    assert_eq!(shown, [Some("a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}"), Some(""), Some("\u{fffd}")]);
    let snapshot: Snapshot = repo.fetch(&id("a")).await.unwrap();
    assert_eq!(Some(snapshot.into_inner()), found.events[0].payment());
}
