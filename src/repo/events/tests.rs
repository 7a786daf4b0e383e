//! Pages over a store that is a list.

use super::{EventReader, SCAN, Scanned, VersionKey, events, history};
use crate::payments::{
    Error, Event, EventKind, EventPage, EventQuery, EventStart, Mark, OrganisationId, Origin, PaymentId, Position,
    Timestamp, Version,
};
use crate::repo::page::PAGE_BYTES;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The events of a store, and the number of scans.
struct List(Vec<Scanned>, u32);

fn id(name: &str) -> PaymentId {
    PaymentId::parse(name).unwrap()
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

fn event(position: i64, name: &str, version: i64, length: usize) -> Scanned {
    let kind = if version == 0 { EventKind::Created } else { EventKind::Updated };
    let event = Event {
        position: Position(position),
        payment_id: id(name),
        version: Version::parse(version).unwrap(),
        kind,
        timestamp: time(position * 10),
        organisation_id: OrganisationId::parse(if position % 2 == 0 { "even" } else { "odd" }).unwrap(),
        created_on: time(0),
        attributes: None,
        origin: Origin::default(),
    };
    // Versions of one payment follow each other.
    Scanned { seq: position - version, event, length }
}

impl EventReader for List {
    async fn scan(&mut self, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        self.1 += 1;
        let found = self.0.iter().filter(|scanned| scanned.event.position.0 >= from);
        Ok(found.take(most as usize).cloned().collect())
    }

    async fn scan_payment(&mut self, id: &PaymentId, from: i64, most: u32) -> Result<Vec<Scanned>, Error> {
        let found = self.scan(from, u32::MAX).await?.into_iter().filter(|scanned| scanned.event.payment_id == *id);
        Ok(found.take(most as usize).collect())
    }

    async fn newest(&mut self) -> Result<Option<Scanned>, Error> {
        Ok(self.0.last().cloned())
    }

    async fn versions(
        &mut self,
        id: &PaymentId,
        below: Option<Version>,
        most: u32,
    ) -> Result<Option<(Version, Vec<Scanned>)>, Error> {
        let mut found: Vec<_> = self.scan_payment(id, 0, u32::MAX).await?;
        let Some(newest) = found.last().map(|newest| newest.event.version) else { return Ok(None) };
        found.reverse();
        found.retain(|scanned| below.is_none_or(|below| scanned.event.version < below));
        found.truncate(most as usize);
        Ok(Some((newest, found)))
    }

    async fn contents(&mut self, versions: &[VersionKey]) -> Result<HashMap<VersionKey, Arc<str>>, Error> {
        Ok(versions.iter().map(|key| (*key, format!("{}", key.1).into())).collect())
    }
}

fn query(size: u32) -> EventQuery {
    EventQuery {
        kind: None,
        payment_id: None,
        organisation_id: None,
        with_content: false,
        size: NonZeroU32::new(size).unwrap(),
        kept_since: None,
    }
}

/// The positions on the page, where it ends, and whether that is the end.
fn shape(page: &EventPage) -> (Vec<i64>, i64, bool) {
    (page.events.iter().map(|event| event.position.0).collect(), page.last.position.0, page.is_at_end)
}

fn after(position: i64) -> EventStart {
    EventStart::After(Mark { position: Position(position), timestamp: time(position * 10) })
}

/// `count` payments of one version each, whose numbers are 1, 2 and so on; the number of each tenth is missing.
fn created(count: i64, length: usize) -> List {
    let numbers = (1..=count).filter(|number| number % 10 != 0);
    List(numbers.map(|number| event(number, &format!("p{number}"), 0, length)).collect(), 0)
}

#[tokio::test]
async fn a_page_ends_at_an_event_and_knows_the_end() {
    let mut list = created(12, 1);
    for (start, size, expected) in [
        (EventStart::Beginning, 3, (vec![1, 2, 3], 3, false)),
        (after(7), 2, (vec![8, 9], 9, false)),
        (after(9), 2, (vec![11, 12], 12, true)),
        (after(9), 3, (vec![11, 12], 12, true)),
        (after(12), 3, (vec![], 12, true)),
        (EventStart::End, 3, (vec![], 12, true)),
    ] {
        let page = events(&mut list, start, &query(size)).await.unwrap();
        assert_eq!(shape(&page), expected, "{start:?}, {size}");
    }
    let mut empty = List(Vec::new(), 0);
    for start in [EventStart::Beginning, EventStart::End, EventStart::After(Mark::BEGINNING)] {
        let page = events(&mut empty, start, &query(3)).await.unwrap();
        assert_eq!((page.last, page.is_at_end), (Mark::BEGINNING, true), "{start:?}");
    }
}

#[tokio::test]
async fn a_mark_whose_event_is_not_there_has_expired() {
    let mut list = created(12, 1);
    let other = Mark { position: Position(7), timestamp: time(71) };
    for id in [None, Some(id("p9"))] {
        let query = EventQuery { payment_id: id, ..query(3) };
        for start in [after(10), after(13), EventStart::After(other)] {
            let page = events(&mut list, start, &query).await;
            assert!(matches!(page, Err(Error::Expired)), "{start:?}: {page:?}");
        }
        // The event at the mark may be older than what is kept, the one behind it may not.
        for (since, is_expired) in [(90, false), (91, true)] {
            let query = EventQuery { kept_since: Some(time(since)), ..query.clone() };
            let page = events(&mut list, after(8), &query).await;
            assert_eq!(matches!(page, Err(Error::Expired)), is_expired, "{since}: {page:?}");
        }
    }
}

#[tokio::test]
async fn the_beginning_is_the_first_event_that_is_kept() {
    let mut list = created(30_000, 1);
    for (since, first) in [(0, 1), (10, 1), (11, 2), (91, 11), (100, 11), (150_005, 15_001), (299_990, 29_999)] {
        list.1 = 0;
        let query = EventQuery { kept_since: Some(time(since)), ..query(1) };
        let page = events(&mut list, EventStart::Beginning, &query).await.unwrap();
        assert_eq!(shape(&page).0, [first], "since {since}");
        assert!(list.1 < 20, "{} scans", list.1);
    }
    let all_are_old = EventQuery { kept_since: Some(time(299_991)), ..query(1) };
    let page = events(&mut list, EventStart::Beginning, &all_are_old).await.unwrap();
    assert_eq!(shape(&page), (vec![], 29_999, true));
}

#[tokio::test]
async fn filters_move_on_by_a_bounded_number_of_events() {
    let mut list = created(2500, 1);
    let odd = OrganisationId::parse("odd").unwrap();
    let rare = EventQuery { kind: Some(EventKind::Deleted), ..query(3) };
    let end = list.0[SCAN as usize - 1].event.position.0;
    let page = events(&mut list, EventStart::Beginning, &rare).await.unwrap();
    assert_eq!(shape(&page), (vec![], end, false));
    let page = events(&mut list, after(2499), &rare).await.unwrap();
    assert_eq!(shape(&page), (vec![], 2499, true));
    let of_odd = EventQuery { organisation_id: Some(odd), ..query(2) };
    let page = events(&mut list, EventStart::Beginning, &of_odd).await.unwrap();
    assert_eq!(shape(&page), (vec![1, 3], 4, false), "up to the next that would be shown");
    let of_one = |size| EventQuery { payment_id: Some(id("p77")), ..query(size) };
    let page = events(&mut list, EventStart::Beginning, &of_one(2)).await.unwrap();
    assert_eq!(shape(&page), (vec![77], 2499, true), "with nothing more, it is at the end of all");
    let page = events(&mut list, after(77), &of_one(2)).await.unwrap();
    assert_eq!(shape(&page), (vec![], 2499, true));
    let of_none = EventQuery { payment_id: Some(id("none")), ..query(2) };
    let page = events(&mut list, after(77), &of_none).await.unwrap();
    assert_eq!(shape(&page), (vec![], 2499, true));
}

#[tokio::test]
async fn contents_are_bounded_and_there_is_one_at_least() {
    for (length, shown) in [(PAGE_BYTES / 3, 3), (PAGE_BYTES / 3 + 1, 2), (PAGE_BYTES, 1), (PAGE_BYTES + 1, 1), (0, 5)]
    {
        let mut list = created(5, length);
        let with_content = EventQuery { with_content: true, ..query(5) };
        let page = events(&mut list, EventStart::Beginning, &with_content).await.unwrap();
        assert_eq!(shape(&page), ((1..=shown).collect(), shown, shown == 5), "{length}");
        assert!(page.events.iter().all(|event| event.attributes.is_some() == (length > 0)), "{page:?}");
        let page = events(&mut list, EventStart::Beginning, &query(5)).await.unwrap();
        assert_eq!(page.events.len(), 5, "without content, its length is no matter");
        let mut one = List((0..5).map(|version| event(version + 1, "a", version, length)).collect(), 0);
        let page = history(&mut one, &id("a"), None, 5).await.unwrap();
        let versions = page.events.iter().map(|event| event.version.number()).collect::<Vec<_>>();
        assert_eq!(versions, (0..5).rev().take(usize::try_from(shown).unwrap()).collect::<Vec<_>>(), "{length}");
        assert_eq!((page.newest.number(), page.has_older), (4, shown < 5));
    }
}

#[tokio::test]
async fn histories_are_paged_by_version() {
    let mut one = List((0..5).map(|version| event(version + 1, "a", version, 1)).collect(), 0);
    for (below, size, expected, has_older) in [
        (None, 2, vec![4, 3], true),
        (Some(3), 2, vec![2, 1], true),
        (Some(2), 2, vec![1, 0], false),
        (Some(0), 2, vec![], false),
        (None, 0, vec![], true),
    ] {
        let below = below.map(|below| Version::parse(below).unwrap());
        let page = history(&mut one, &id("a"), below, size).await.unwrap();
        let versions = page.events.iter().map(|event| event.version.number()).collect::<Vec<_>>();
        assert_eq!((versions, page.has_older, page.newest.number()), (expected, has_older, 4), "{below:?}, {size}");
    }
    let missing = history(&mut one, &id("b"), None, 2).await;
    assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
}

#[tokio::test]
async fn an_old_event_behind_one_that_is_kept_does_not_stop_a_walk() {
    let mut list = created(300, 1);
    list.0[200].event.timestamp = time(5);
    let query = EventQuery { kept_since: Some(time(1500)), ..query(1) };
    let (mut seen, mut start) = (0, EventStart::Beginning);
    loop {
        let page = events(&mut list, start, &query).await.unwrap();
        seen += page.events.len();
        start = EventStart::After(page.last);
        if page.is_at_end {
            break;
        }
    }
    assert_eq!(seen, list.0.iter().filter(|scanned| scanned.event.position.0 >= 150).count());
}
