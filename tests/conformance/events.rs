//! The feed: every change once, in an order that never changes, behind marks that cannot lie.

use crate::on_every_store;
use crate::stores::{
    Store, attributes, change, create, create_many, event_walk, events, id, now, organisation, payment, query, refused,
    version,
};
use crate::view::Repo;
use payments::payments::{
    Change, Event, EventKind, EventPage, EventQuery, EventStart, Mark, NewPayment, Position, Timestamp,
};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

on_every_store!(
    every_change_comes_once_and_in_order,
    a_page_says_how_far_it_has_come,
    filters_choose_and_move_on,
    contents_come_if_they_are_asked_for,
    large_contents_make_pages_shorter,
    a_mark_of_another_store_has_expired,
    a_clear_ends_every_walk,
    what_is_not_kept_has_expired,
    writers_and_readers_at_once,
    news_comes_with_every_change,
    nobody_waits_for_news_of_a_closed_store,
);

/// The events in words.
fn words(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| format!("{} {} {:?}", event.payment_id.as_str(), event.version, event.kind)).collect()
}

/// Writes some payments, changes and deletions.
async fn write_some<R: Repo>(repo: &R) {
    create(repo, &["a", "b"]).await;
    repo.update(&id("b"), version(0), change("2")).await.unwrap();
    create(repo, &["c"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    repo.delete(&id("b"), version(1)).await.unwrap();
    repo.update(&id("a"), version(1), change("3")).await.unwrap();
    let other = Change { organisation_id: organisation("other"), ..change("2") };
    repo.update(&id("c"), version(0), other).await.unwrap();
    create(repo, &["d"]).await;
}

/// What [`write_some`] wrote.
const SOME: [&str; 9] = [
    "a 0 Created",
    "b 0 Created",
    "b 1 Updated",
    "c 0 Created",
    "a 1 Updated",
    "b 2 Deleted",
    "a 2 Updated",
    "c 1 Updated",
    "d 0 Created",
];

async fn every_change_comes_once_and_in_order<R: Repo>(repo: Store<R>) {
    write_some(&*repo).await;
    let all = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    assert_eq!(words(&all), SOME);
    assert!(all.is_sorted_by(|one, next| one.position < next.position), "{all:?}");
    for size in 1..=9 {
        let (walked, end) = event_walk(&*repo, EventStart::Beginning, &query(size)).await;
        assert_eq!(walked, all, "pages of {size}");
        assert_eq!(Some(end), all.last().map(Event::mark));
    }
    for (number, event) in all.iter().enumerate() {
        let rest = event_walk(&*repo, EventStart::After(event.mark()), &query(2)).await.0;
        assert_eq!(rest, all[number + 1..], "after {event:?}");
    }
    // A version is in the history what it is in the feed.
    for name in ["a", "b", "c", "d"] {
        let mut history = repo.history(&id(name), None, 99).await.unwrap().events;
        history.reverse();
        history.iter_mut().for_each(|event| event.attributes = None);
        let fed: Vec<_> = all.iter().filter(|event| event.payment_id == id(name)).cloned().collect();
        assert_eq!(history, fed);
    }
}

async fn a_page_says_how_far_it_has_come<R: Repo>(repo: Store<R>) {
    for start in [EventStart::Beginning, EventStart::After(Mark::BEGINNING), EventStart::End] {
        let nothing = EventPage { events: Vec::new(), last: Mark::BEGINNING, is_at_end: true };
        assert_eq!(events(&*repo, start, &query(3)).await, nothing);
    }
    write_some(&*repo).await;
    let all = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    let end = events(&*repo, EventStart::End, &query(3)).await;
    assert_eq!(end, EventPage { events: Vec::new(), last: all[8].mark(), is_at_end: true });
    for (size, is_at_end) in [(8, false), (9, true), (10, true)] {
        let page = events(&*repo, EventStart::Beginning, &query(size)).await;
        assert_eq!((page.is_at_end, page.last), (is_at_end, page.events.last().unwrap().mark()), "{size}");
    }
    assert_eq!(events(&*repo, EventStart::After(all[8].mark()), &query(3)).await, end);
    create(&*repo, &["e"]).await;
    let page = events(&*repo, EventStart::After(end.last), &query(3)).await;
    assert_eq!(words(&page.events), ["e 0 Created"]);
}

async fn filters_choose_and_move_on<R: Repo>(repo: Store<R>) {
    write_some(&*repo).await;
    let newest = events(&*repo, EventStart::End, &query(1)).await.last;
    let base = query(2);
    for (query, expected) in [
        (EventQuery { kind: Some(EventKind::Created), ..base.clone() }, vec![0, 1, 3, 8]),
        (EventQuery { kind: Some(EventKind::Updated), ..base.clone() }, vec![2, 4, 6, 7]),
        (EventQuery { kind: Some(EventKind::Deleted), ..base.clone() }, vec![5]),
        (EventQuery { kind: Some(EventKind::Erased), ..base.clone() }, vec![]),
        (EventQuery { payment_id: Some(id("a")), ..base.clone() }, vec![0, 4, 6]),
        (EventQuery { payment_id: Some(id("b")), ..base.clone() }, vec![1, 2, 5]),
        (EventQuery { payment_id: Some(id("never")), ..base.clone() }, vec![]),
        (EventQuery { payment_id: Some(id("a")), kind: Some(EventKind::Updated), ..base.clone() }, vec![4, 6]),
        (EventQuery { organisation_id: Some(organisation("other")), ..base.clone() }, vec![7]),
        (EventQuery { organisation_id: Some(organisation("nobody")), ..base }, vec![]),
    ] {
        let (found, end) = event_walk(&*repo, EventStart::Beginning, &query).await;
        let expected: Vec<_> = expected.into_iter().map(|number| SOME[number]).collect();
        assert_eq!(words(&found), expected, "{query:?}");
        assert_eq!(end, newest, "a walk that finds no more has come as far as all others: {query:?}");
        for event in &found {
            let rest = event_walk(&*repo, EventStart::After(event.mark()), &query).await.0;
            let expected: Vec<_> = found.iter().filter(|other| other.position > event.position).cloned().collect();
            assert_eq!(rest, expected, "{query:?} after {event:?}");
        }
    }
}

async fn contents_come_if_they_are_asked_for<R: Repo>(repo: Store<R>) {
    write_some(&*repo).await;
    let thin = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    assert!(thin.iter().all(|event| event.attributes.is_none()), "{thin:?}");
    let whole = EventQuery { with_content: true, ..query(4) };
    let whole = event_walk(&*repo, EventStart::Beginning, &whole).await.0;
    let amounts: Vec<_> = whole.iter().map(|event| event.payment().unwrap().attributes).collect();
    let expected = [r#"{"amount":"100.21"}"#, r#"{"amount":"2"}"#, r#"{"amount":"3"}"#];
    let expected = [0, 0, 1, 0, 1, 1, 2, 1, 0].map(|number: usize| attributes(expected[number]));
    assert_eq!(amounts, expected);
    let blank: Vec<_> = whole.into_iter().map(|event| Event { attributes: None, ..event }).collect();
    assert_eq!(blank, thin);
}

async fn large_contents_make_pages_shorter<R: Repo>(repo: Store<R>) {
    let large =
        |number: usize, bytes| attributes(&format!(r#"{{"amount":"{number}","note":"{}"}}"#, "x".repeat(bytes)));
    for number in 0..6 {
        let attributes = large(number, [400_000, 1_200_000][number / 4]);
        repo.create(NewPayment { attributes, ..payment(&format!("p{number}")) }).await.unwrap();
    }
    let whole = EventQuery { with_content: true, ..query(99) };
    let (mut start, mut counts) = (EventStart::Beginning, Vec::new());
    loop {
        let page = events(&*repo, start, &whole).await;
        counts.push(page.events.len());
        start = EventStart::After(page.last);
        if page.is_at_end {
            break;
        }
    }
    assert_eq!(counts, [2, 2, 1, 1]);
    assert_eq!(events(&*repo, EventStart::Beginning, &query(99)).await.events.len(), 6, "without content all fit");
}

async fn a_mark_of_another_store_has_expired<R: Repo>(repo: Store<R>) {
    write_some(&*repo).await;
    let end = events(&*repo, EventStart::End, &query(1)).await.last;
    let later = |micros| Timestamp::from_micros(end.timestamp.micros() + micros).unwrap();
    for mark in [
        Mark { timestamp: later(1), ..end },
        Mark { timestamp: later(-1), ..end },
        Mark { position: end.position.next(), ..end },
        Mark { position: Position(i64::MAX), ..end },
        Mark { position: Position(0), ..end },
        Mark { position: Position(-1), ..end },
        Mark { position: Position(i64::MIN), ..end },
    ] {
        for query in [query(3), EventQuery { payment_id: Some(id("a")), ..query(3) }] {
            assert_eq!(refused(repo.events(EventStart::After(mark), &query).await), "expired", "{mark:?}");
        }
    }
}

async fn a_clear_ends_every_walk<R: Repo>(repo: Store<R>) {
    write_some(&*repo).await;
    let before = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    repo.clear().await.unwrap();
    let is_refused = async || {
        for event in &before {
            let page = repo.events(EventStart::After(event.mark()), &query(3)).await;
            assert_eq!(refused(page), "expired", "after {event:?}");
        }
    };
    is_refused().await;
    assert_eq!(events(&*repo, EventStart::Beginning, &query(3)).await.events, []);
    write_some(&*repo).await;
    is_refused().await;
    let after = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    assert_eq!(words(&after), SOME);
    assert!(after[0].position > before[8].position, "numbers go on growing");
}

async fn what_is_not_kept_has_expired<R: Repo>(repo: Store<R>) {
    let time = |number: i64| Timestamp::from_micros(1_000_000 + number * 1000).unwrap();
    for number in 0..40 {
        repo.create(NewPayment { created_on: time(number), ..payment(&format!("p{number}")) }).await.unwrap();
        if number % 2 == 1 {
            let change = Change { modified_on: time(number), ..change("2") };
            repo.update(&id(&format!("p{number}")), version(0), change).await.unwrap();
        }
    }
    let all = event_walk(&*repo, EventStart::Beginning, &query(99)).await.0;
    for number in [0, 1, 2, 17, 38, 39, 40] {
        let kept = EventQuery { kept_since: Some(time(number)), ..query(7) };
        let expected: Vec<_> = all.iter().filter(|event| event.timestamp >= time(number)).cloned().collect();
        let (found, end) = event_walk(&*repo, EventStart::Beginning, &kept).await;
        assert_eq!(found, expected, "since {number}");
        assert_eq!(Some(end), all.last().map(Event::mark));
        for (place, event) in all.iter().enumerate() {
            let page = repo.events(EventStart::After(event.mark()), &kept).await;
            match all.get(place + 1).is_some_and(|next| next.timestamp < time(number)) {
                true => assert_eq!(refused(page), "expired", "since {number}, after {event:?}"),
                false => assert_eq!(page.unwrap().events.first(), all.get(place + 1)),
            }
        }
        let of_one = EventQuery { payment_id: Some(id("p17")), ..kept };
        let found = event_walk(&*repo, EventStart::Beginning, &of_one).await.0;
        assert_eq!(found.len(), if number <= 17 { 2 } else { 0 }, "since {number}");
    }
}

/// Follows the feed until `stop`, and to its end then.
async fn follow<R: Repo>(repo: Store<R>, query: EventQuery, stop: Arc<AtomicBool>) -> Vec<Event> {
    let (mut seen, mut start) = (Vec::new(), EventStart::Beginning);
    loop {
        let is_last = stop.load(Ordering::SeqCst);
        let page = events(&*repo, start, &query).await;
        start = EventStart::After(page.last);
        let is_at_end = page.is_at_end;
        seen.extend(page.events);
        if is_at_end && is_last {
            return seen;
        }
    }
}

async fn writers_and_readers_at_once<R: Repo>(repo: Store<R>) {
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [query(1), query(7), EventQuery { with_content: true, ..query(50) }]
        .map(|query| tokio::spawn(follow(repo.share(), query, Arc::clone(&stop))))
        .into();
    let writers: JoinSet<_> = (0..8)
        .map(|writer| {
            let repo = repo.share();
            async move {
                for number in 0..6 {
                    let name = format!("w{writer}-{number}");
                    create(&*repo, &[&name]).await;
                    for before in 0..number {
                        repo.update(&id(&name), version(before), change(&format!("{}", before + 1))).await.unwrap();
                    }
                    if number % 2 == 0 {
                        repo.delete(&id(&name), version(number)).await.unwrap();
                    }
                }
            }
        })
        .collect();
    writers.join_all().await;
    stop.store(true, Ordering::SeqCst);
    let all = event_walk(&*repo, EventStart::Beginning, &query(100)).await.0;
    assert_eq!(all.len(), 8 * (6 + 15 + 3));
    for reader in readers {
        let seen = reader.await.unwrap();
        let thin: Vec<_> = seen.into_iter().map(|event| Event { attributes: None, ..event }).collect();
        assert_eq!(thin, all);
    }
    for writer in 0..8 {
        for number in 0..6 {
            let name = id(&format!("w{writer}-{number}"));
            let of_one = all.iter().filter(|event| event.payment_id == name);
            let versions: Vec<_> = of_one.map(|event| event.version.number()).collect();
            assert_eq!(versions, (0..=number + i64::from(number % 2 == 0)).collect::<Vec<_>>(), "{name:?}");
        }
    }
}

async fn news_comes_with_every_change<R: Repo>(repo: Store<R>) {
    create_many(&*repo, 3).await;
    let mut news = repo.news();
    let mut mark = events(&*repo, EventStart::End, &query(1)).await.last;
    for number in 0..3 {
        let writer = repo.share();
        let writing = tokio::spawn(async move {
            let name = format!("p{number}");
            match number {
                0 => writer.update(&id(&name), version(0), change("2")).await.map(drop),
                1 => writer.delete(&id(&name), version(0)).await,
                _ => writer.create(payment("new")).await.map(drop),
            }
        });
        // There may be news without an event.
        let change = async {
            loop {
                news.wait().await;
                let page = events(&*repo, EventStart::After(mark), &query(9)).await;
                if !page.events.is_empty() {
                    return page;
                }
            }
        };
        let page = tokio::time::timeout(Duration::from_secs(20), change).await.expect("there is news of every change");
        assert_eq!(page.events.len(), 1);
        mark = page.last;
        writing.await.unwrap().unwrap();
    }
    let now = now();
    let one = EventQuery { size: NonZeroU32::MIN, kept_since: Some(now), ..query(1) };
    assert!(repo.events(EventStart::After(mark), &one).await.unwrap().is_at_end);
}

async fn nobody_waits_for_news_of_a_closed_store<R: Repo>(repo: Store<R>) {
    let mut news = repo.news();
    let closing = repo.share();
    let waiting = tokio::spawn(async move { news.wait().await });
    closing.close().await;
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the wait ends").unwrap();
    tokio::time::timeout(Duration::from_secs(20), repo.news().wait()).await.expect("no wait begins");
}
