//! Histories and feeds, as far as all kinds of store make them alike.
//!
//! A store keeps each version once: the newest in the row of the payment, the others in rows of the past. The change that made a
//! version is an event, and has a number; that of a creation is the number of the payment. A store looks through events without
//! their content ([`EventReader::scan`]). What is chosen here from what it found is then read with its content, by the number of
//! the payment and the version, because a version moves to the past when it is replaced. So no two statements need to see the
//! same moment.

mod beginning;
mod row;

use super::page::PAGE_BYTES;
use crate::payments::{
    Attributes, Error, Event, EventPage, EventQuery, EventStart, History, Mark, PaymentId, Position, Timestamp, Version,
};
use beginning::first_kept;
pub(super) use row::{VersionRow, kind_of_erased, storable};
use std::collections::HashMap;
use std::sync::Arc;

/// The most events that a page looks at, shown or not.
pub(super) const SCAN: u32 = 1000;

/// An event without its content, as a scan finds it.
#[derive(Debug, Clone)]
pub(super) struct Scanned {
    /// The number of the payment.
    pub(super) seq: i64,
    pub(super) event: Event,
    /// How many bytes its content has; 0 if it was erased.
    pub(super) length: usize,
}

/// A version, by the number of the payment and its own.
pub(super) type VersionKey = (i64, i64);

/// The statements that read the events of one tenant, in one kind of store.
///
/// A scan that ends before [`newest`](Self::newest) is not followed later by an event before its end: a store in which changes
/// commit out of order shows none of them too early.
pub(super) trait EventReader {
    /// The events from the number `from` on, `most` at most, in order, without content.
    async fn scan(&mut self, from: i64, most: u32) -> Result<Vec<Scanned>, Error>;

    /// The same of one payment only.
    async fn scan_payment(&mut self, id: &PaymentId, from: i64, most: u32) -> Result<Vec<Scanned>, Error>;

    /// The newest event that may be shown, without content.
    async fn newest(&mut self) -> Result<Option<Scanned>, Error>;

    /// The versions of a payment that are below `below`, newest first, `most` at most, without content; and its newest version.
    /// `None` if the tenant never had the payment.
    async fn versions(
        &mut self,
        id: &PaymentId,
        below: Option<Version>,
        most: u32,
    ) -> Result<Option<(Version, Vec<Scanned>)>, Error>;

    /// The content of each of these versions that is there. It is empty text for one that was erased.
    async fn contents(&mut self, versions: &[VersionKey]) -> Result<HashMap<VersionKey, Arc<str>>, Error>;
}

/// A page of the history of a payment.
///
/// # Errors
/// [`Error::NotFound`] when the tenant never had the payment.
pub(super) async fn history(
    reader: &mut impl EventReader,
    id: &PaymentId,
    below: Option<Version>,
    size: u32,
) -> Result<History, Error> {
    // One more, to see whether there are more.
    let found = reader.versions(id, below, size.saturating_add(1)).await?;
    let (newest, mut versions) = found.ok_or(Error::NotFound)?;
    let count = versions.len();
    let mut bytes = 0;
    let fits = versions.iter().take(size as usize).take_while(|version| fits(&mut bytes, version.length)).count();
    versions.truncate(fits.max(usize::from(size > 0)));
    let has_older = versions.len() < count;
    Ok(History { events: with_content(reader, versions).await?, newest, has_older })
}

/// A page of the events of the tenant.
///
/// # Errors
/// [`Error::Expired`].
pub(super) async fn events(
    reader: &mut impl EventReader,
    start: EventStart,
    query: &EventQuery,
) -> Result<EventPage, Error> {
    let (scan, start) = match start {
        EventStart::End => {
            let last = reader.newest().await?.map_or(Mark::BEGINNING, |newest| newest.event.mark());
            return Ok(EventPage { events: Vec::new(), last, is_at_end: true });
        }
        EventStart::After(mark) => (scan_after(reader, mark, query).await?, mark),
        EventStart::Beginning => (scan_from_the_beginning(reader, query).await?, Mark::BEGINNING),
    };
    let Chosen { events, last, is_at_end } = choose(query, start, scan);
    let events = match query.with_content {
        true => with_content(reader, events).await?,
        false => events.into_iter().map(|scanned| scanned.event).collect(),
    };
    Ok(EventPage { events, last, is_at_end })
}

/// What was found behind a mark.
#[derive(Debug, Default)]
struct Scan {
    found: Vec<Scanned>,
    /// Where the scan ended without finding anything behind; `None` if there is more.
    end: Option<Mark>,
}

async fn scan_after(reader: &mut impl EventReader, mark: Mark, query: &EventQuery) -> Result<Scan, Error> {
    if query.payment_id.is_some() {
        if mark != Mark::BEGINNING || query.kept_since.is_some() {
            let around = reader.scan(mark.position.0, 2).await?;
            behind(reader, mark, query, around).await?;
        }
        return scan_of_a_payment(reader, mark, query).await;
    }
    let most = most(query);
    // One for the event at the mark, which must be there, and one more to see whether there are more.
    let found = reader.scan(mark.position.0, most + 2).await?;
    Ok(Scan::of(behind(reader, mark, query, found).await?, most, mark))
}

/// What stands behind the mark, of what was found from there on.
///
/// # Errors
/// [`Error::Expired`] if the event at the mark is not there, or what comes behind it is not kept.
async fn behind(
    reader: &mut impl EventReader,
    mark: Mark,
    query: &EventQuery,
    mut found: Vec<Scanned>,
) -> Result<Vec<Scanned>, Error> {
    if mark != Mark::BEGINNING {
        if found.first().is_none_or(|first| first.event.mark() != mark) {
            return Err(Error::Expired);
        }
        found.remove(0);
    }
    if let (Some(since), Some(first)) = (query.kept_since, found.first())
        && first.event.timestamp < since
        && !stands_behind_the_beginning(reader, first.event.position, since).await?
    {
        return Err(Error::Expired);
    }
    Ok(found)
}

/// Whether an event that is too old is kept all the same, because it stands behind the first that is kept: its clock was
/// behind, or it was moved here from another tenant. A walk from the beginning comes by it, and must get on.
async fn stands_behind_the_beginning(
    reader: &mut impl EventReader,
    position: Position,
    since: Timestamp,
) -> Result<bool, Error> {
    let newest = reader.newest().await?.map_or(Mark::BEGINNING, |newest| newest.event.mark());
    Ok(first_kept(reader, newest, since).await?.is_some_and(|first| first <= position.0))
}

async fn scan_from_the_beginning(reader: &mut impl EventReader, query: &EventQuery) -> Result<Scan, Error> {
    let Some(since) = query.kept_since else {
        return scan_after(reader, Mark::BEGINNING, query).await;
    };
    let newest = reader.newest().await?.map_or(Mark::BEGINNING, |newest| newest.event.mark());
    let Some(first) = first_kept(reader, newest, since).await? else {
        return Ok(Scan { found: Vec::new(), end: Some(newest) });
    };
    // The event before the first is never shown, so it is no matter that its time is not known.
    let before = Mark { position: Position(first - 1), ..Mark::BEGINNING };
    if query.payment_id.is_some() {
        return scan_of_a_payment(reader, before, query).await;
    }
    let most = most(query);
    Ok(Scan::of(reader.scan(first, most + 1).await?, most, newest))
}

/// Looks through the events of the payment that `query` names. A scan that finds no more has come as far as the newest event of
/// all, so that who waits for a payment that does not change does not fall behind what is kept.
async fn scan_of_a_payment(reader: &mut impl EventReader, mark: Mark, query: &EventQuery) -> Result<Scan, Error> {
    let Some(id) = &query.payment_id else { return Ok(Scan::default()) };
    // Before the scan: an event that comes in between is behind the end.
    let newest = reader.newest().await?.map_or(mark, |newest| newest.event.mark());
    let end = if newest.position > mark.position { newest } else { mark };
    let most = most(query);
    Ok(Scan::of(reader.scan_payment(id, mark.position.0.saturating_add(1), most + 1).await?, most, end))
}

impl Scan {
    /// What is of use of `found`, which has more than `most` if there is more behind. Otherwise the scan came as far as `end`.
    fn of(mut found: Vec<Scanned>, most: u32, end: Mark) -> Self {
        let most = most as usize;
        if found.len() > most {
            found.truncate(most);
            return Self { found, end: None };
        }
        let last = found.last().map_or(end, |last| last.event.mark());
        Self { found, end: Some(if last.position > end.position { last } else { end }) }
    }
}

/// How many events a page looks at: no more than it shows, if it shows all.
fn most(query: &EventQuery) -> u32 {
    match (query.kind, &query.organisation_id) {
        (None, None) => query.size.get().min(SCAN),
        _ => SCAN,
    }
}

/// The events that a page shows.
struct Chosen {
    events: Vec<Scanned>,
    last: Mark,
    is_at_end: bool,
}

/// Chooses what is shown of what was found behind `start`. Goes on to the first event that is to be shown and does not fit.
fn choose(query: &EventQuery, start: Mark, Scan { found, end }: Scan) -> Chosen {
    let (mut events, mut last, mut bytes): (Vec<Scanned>, _, _) = (Vec::new(), start, 0);
    for scanned in found {
        let mark = scanned.event.mark();
        if is_wanted(query, &scanned.event) {
            let has_room = events.len() < query.size.get() as usize
                && (!query.with_content || fits(&mut bytes, scanned.length) || events.is_empty());
            if !has_room {
                return Chosen { events, last, is_at_end: false };
            }
            events.push(scanned);
        }
        last = mark;
    }
    Chosen { events, last: end.unwrap_or(last), is_at_end: end.is_some() }
}

fn is_wanted(query: &EventQuery, event: &Event) -> bool {
    query.kind.is_none_or(|kind| kind == event.kind)
        && query.payment_id.as_ref().is_none_or(|id| *id == event.payment_id)
        && query.organisation_id.as_ref().is_none_or(|organisation| *organisation == event.organisation_id)
}

/// Adds `length` to the bytes of a page. `false` if that is too much.
fn fits(bytes: &mut usize, length: usize) -> bool {
    *bytes = bytes.saturating_add(length);
    *bytes <= PAGE_BYTES
}

/// Reads the contents of the events.
///
/// # Errors
/// [`Error::Expired`] if one is not there any more: the store was emptied meanwhile.
async fn with_content(reader: &mut impl EventReader, scanned: Vec<Scanned>) -> Result<Vec<Event>, Error> {
    let key = |scanned: &Scanned| (scanned.seq, scanned.event.version.number());
    let wanted: Vec<_> = scanned.iter().filter(|scanned| scanned.length > 0).map(key).collect();
    let mut contents = if wanted.is_empty() { HashMap::new() } else { reader.contents(&wanted).await? };
    let with_content = |scanned: Scanned| {
        if scanned.length == 0 {
            return Ok(scanned.event);
        }
        let content = contents.remove(&key(&scanned)).ok_or(Error::Expired)?;
        let attributes = (!content.is_empty()).then(|| Attributes::stored(content));
        Ok(Event { attributes, ..scanned.event })
    };
    scanned.into_iter().map(with_content).collect()
}

#[cfg(test)]
mod tests;
