//! What walks through the events promise: one order, in which nothing is left out, shown twice, or too late.
//!
//! **The problem.** Many walks read the events in parts, from many places, while events are added, and some of the writes have no
//! answer. Is there one order of all events of which each walk shows a run, and does each part show what was there by then?
//!
//! **The mechanism.** Every part says behind which event it begins, so it links events: each event that a walk shows has one next
//! event, and the first part of a walk from the beginning links the beginning to the first event ([`order`]). If all links agree,
//! following them gives the order, and each walk is a run of it; where two links disagree, the two walks tell which of them skips,
//! or that they have another order. Then each event has a position, and three moments that bound when it was added ([`times`]).
//! All of it takes time that is linear in what was shown, beside sorting.
//!
//! The history has one tenant, so there is one order.

mod order;
mod times;

use super::{
    chain::Chain,
    facts::Facts,
    spans::Life,
    violation::{Rule, Violation},
};
use crate::model::{ChangeKind, Event, Follow, History, Id, Moment, Name, Number, Operation, Outcome};
use order::Order;
use std::collections::{BTreeMap, HashMap};

/// How many parts of a walk a violation names on each side of the one that is wrong.
const AROUND: usize = 4;

/// A change that was made for certain, as far as reads, writes and events tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'a> {
    id: &'a Id,
    version: u64,
    /// When its write was sent, at the earliest.
    sent: Moment,
    /// The change was there by then; no limit if nothing proves it.
    known: Moment,
    /// The operation that proves it.
    proof: Option<Number>,
    /// The write; unknown if nobody can tell which it was.
    writer: Option<Number>,
}

/// The changes of a payment, its deletion too.
pub(super) fn made<'a>(id: &'a Id, chain: &Chain<'_>, life: &Life, facts: &Facts<'_>) -> Vec<Made<'a>> {
    let sent = |writers: &[Number]| {
        let moments = writers.iter().filter_map(|number| Some(chain.operation(*number)?.invoked));
        moments.min().unwrap_or_default()
    };
    let mut all = Vec::new();
    for ((version, span), link) in (0_u64..).zip(&life.versions).zip(&chain.versions) {
        let sent = link.writer.map_or_else(|| sent(&link.candidates), |writer| sent(&[writer]));
        let until = span.until;
        all.push(Made { id, version, sent, known: until.at, proof: until.by, writer: link.writer });
    }
    if let (Some(end), Ok(version)) = (life.end, u64::try_from(chain.versions.len())) {
        let done = |number: &&Number| chain.operation(**number).is_some_and(|it| it.outcome == Outcome::Deleted);
        let writer = facts.deletions.iter().find(done).copied();
        let sent = writer.map_or_else(|| sent(&facts.deletions), |writer| sent(&[writer]));
        all.push(Made { id, version, sent, known: end.until.at, proof: end.until.by, writer });
    }
    all
}

/// A part of a walk that was answered.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    number: Number,
    operation: &'a Operation,
    follow: &'a Follow,
    events: &'a [Event],
    at_end: bool,
}

/// The parts of a walk, in their order.
#[derive(Debug, Default)]
struct Walk<'a> {
    number: u32,
    parts: Vec<Part<'a>>,
}

impl<'a> Walk<'a> {
    /// The events, each with the operation that shows it.
    fn events(&self) -> impl Iterator<Item = (Number, &'a Event)> {
        self.parts.iter().flat_map(|part| part.events.iter().map(|event| (part.number, event)))
    }

    fn shows(&self, name: &Name) -> bool {
        self.events().any(|(_, event)| event.name == *name)
    }

    /// The operations near this one.
    fn near(&self, number: Number) -> Vec<Option<Number>> {
        let place = self.parts.iter().position(|part| part.number == number).unwrap_or_default();
        let parts = self.parts.iter().skip(place.saturating_sub(AROUND)).take(2 * AROUND + 1);
        parts.map(|part| Some(part.number)).collect()
    }
}

/// The walks, those with the most events first.
fn walks(history: &History) -> Vec<Walk<'_>> {
    let mut walks = BTreeMap::<u32, Walk<'_>>::new();
    for (number, operation) in history.numbered() {
        if let (Some(follow), Outcome::Events { events, at_end }) = (operation.call.follow(), &operation.outcome) {
            let walk = walks.entry(follow.walk).or_default();
            walk.number = follow.walk;
            walk.parts.push(Part { number, operation, follow, events, at_end: *at_end });
        }
    }
    let mut walks: Vec<_> = walks.into_values().collect();
    for walk in &mut walks {
        walk.parts.sort_by_key(|part| (part.follow.part, part.number));
    }
    walks.sort_by_key(|walk| (std::cmp::Reverse(walk.events().count()), walk.number));
    walks
}

/// Checks all walks of a history. `made` has all changes that are known.
pub(super) fn check(history: &History, made: &[Made<'_>]) -> Result<(), Box<Violation>> {
    let walks = walks(history);
    for walk in &walks {
        repeats_nothing(walk)?;
    }
    are_the_same(&walks)?;
    let order = Order::of(&walks)?;
    for run in order.runs() {
        versions_ascend(&order, run)?;
    }
    times::check(history, &walks, &order, made)
}

/// No event is there twice in a walk.
fn repeats_nothing(walk: &Walk<'_>) -> Result<(), Box<Violation>> {
    let (mut names, mut changes) = (HashMap::new(), HashMap::new());
    for (number, event) in walk.events() {
        let before =
            names.insert(&event.name, number).or_else(|| changes.get(&(&event.id, event.change.version)).copied());
        changes.insert((&event.id, event.change.version), number);
        if let Some(first) = before {
            let text = format!("walk {} shows {} in #{first}, and again in #{number}", walk.number, event.change);
            let mut operations = vec![Some(number), Some(first)];
            operations.extend(walk.near(number));
            return Err(Violation::new(Rule::FeedRepeats, Some(&event.id), text, &operations));
        }
    }
    Ok(())
}

/// An event is the same in every walk, and a change has one event.
fn are_the_same(walks: &[Walk<'_>]) -> Result<(), Box<Violation>> {
    let (mut events, mut changes) = (HashMap::new(), HashMap::new());
    for (number, event) in walks.iter().flat_map(Walk::events) {
        let (first, shown): (&Event, Number) = *events.entry(&event.name).or_insert((event, number));
        let (other, named): (&Event, Number) =
            *changes.entry((&event.id, event.change.version)).or_insert((event, number));
        if other.name != event.name {
            let text = format!("#{named} and #{number} show {} as two events", event.change);
            return Err(Violation::new(Rule::FeedRepeats, Some(&event.id), text, &[Some(number), Some(named)]));
        }
        // The content, which not all of them show, is held to that of the version.
        let is_same = first.id == event.id
            && first.change.version == event.change.version
            && first.change.kind == event.change.kind
            && first.change.at == event.change.at
            && first.change.owner == event.change.owner;
        if !is_same {
            let text = format!("{} is {first} in #{shown}, and {event} in #{number}", event.name);
            return Err(Violation::new(Rule::FeedContent, Some(&event.id), text, &[Some(number), Some(shown)]));
        }
    }
    Ok(())
}

/// The versions of each payment ascend by one: from its creation, if the run is from the beginning, and up to its deletion.
fn versions_ascend(order: &Order<'_>, run: &order::Run) -> Result<(), Box<Violation>> {
    let mut last = HashMap::<&Id, (&Event, Number)>::new();
    for node in &run.nodes {
        let Some((event, number)) = order.event(*node) else { continue };
        let before = last.insert(&event.id, (event, number));
        let expected = match before {
            Some((before, _)) if before.change.kind == ChangeKind::Deleted => None,
            Some((before, _)) => before.change.version.checked_add(1),
            None if run.is_from_beginning => Some(0),
            None => Some(event.change.version),
        };
        if expected != Some(event.change.version) {
            let behind =
                before.map_or("first".to_owned(), |(before, shown)| format!("behind {} (#{shown})", before.change));
            let text = format!("#{number} shows {} {behind}", event.change);
            let operations = [Some(number), before.map(|(_, shown)| shown)];
            return Err(Violation::new(Rule::EventVersions, Some(&event.id), text, &operations));
        }
    }
    Ok(())
}
