//! Feeds and histories written down by hand, and small ones that are compared with a search through all orders.

use super::{Written, id, new, replace, replaced, unknown};
use crate::{
    check::{Rule, check},
    model::{
        Call, Change, ChangeKind, Condition, Content, Event, Follow, History, Moment, Number, Operation, Outcome,
        Place, Times,
    },
};
use fastrand::Rng;
use std::collections::HashSet;
use std::slice;

/// How many histories are compared.
const HISTORIES: u64 = 10_000;
/// How many operations each has at the most; the search takes time that grows exponentially with it.
const OPERATIONS: usize = 8;

/// The change of a payment that `by` made; that of a deletion has the content that `by` wrote.
fn change(version: u64, kind: ChangeKind, by: Number) -> Change {
    let content = Some(Content { by, log: vec![by], note: None });
    let Times { created_on, modified_on } = Times::default();
    Change { version, kind, at: modified_on, created_on: Some(created_on), owner: by, content }
}

fn created(by: Number) -> Change {
    change(0, ChangeKind::Created, by)
}

fn updated(version: u64, by: Number) -> Change {
    change(version, ChangeKind::Updated, by)
}

fn deleted(version: u64, by: Number) -> Change {
    change(version, ChangeKind::Deleted, by)
}

fn event(name: &str, change: Change) -> Event {
    Event { name: format!("{name}/{}", change.version).into(), id: id(name), change }
}

fn behind(name: &str, version: u64) -> Place {
    Place::Behind(format!("{name}/{version}").into())
}

impl Written {
    fn part(
        self,
        (invoked, ended): (Moment, Moment),
        (walk, part): (u32, u32),
        from: Place,
        events: &[Event],
        at_end: bool,
    ) -> Self {
        let call = Call::Events(Follow { walk, part, from });
        self.then(invoked, ended, call, Outcome::Events { events: events.to_vec(), at_end })
    }

    fn versions(self, invoked: Moment, ended: Moment, below: Option<u64>, changes: &[Change], has_older: bool) -> Self {
        let outcome = Outcome::Versions { changes: changes.to_vec(), has_older };
        self.then(invoked, ended, Call::PastVersions { id: id("a"), below }, outcome)
    }

    /// The walk from the beginning, in one part that came to the end.
    fn walk(self, invoked: Moment, ended: Moment, walk: u32, events: &[Event]) -> Self {
        self.part((invoked, ended), (walk, 0), Place::Beginning, events, true)
    }
}

/// `a` is created by #0, `b` by #1, and `a` replaced by #2, one after the other.
fn written() -> Written {
    new().create(0, 10, "a").create(20, 30, "b").replace(40, 50, "a", 0)
}

fn all() -> [Event; 3] {
    [event("a", created(0)), event("b", created(1)), event("a", updated(1, 2))]
}

/// The rule that a history breaks.
fn broken(written: &Written) -> Option<Rule> {
    check(&written.0).err().map(|violation| violation.rule)
}

#[test]
fn walks_are_runs_of_one_order() {
    let [a, b, later] = all();
    let whole = written().walk(60, 70, 1, &all());
    whole.clone().part((61, 62), (2, 0), behind("a", 0), slice::from_ref(&b), false).can_be();
    let skips = whole.clone().part((61, 62), (2, 0), behind("a", 0), slice::from_ref(&later), false);
    assert_eq!(broken(&skips), Some(Rule::FeedSkips));
    let other = written().walk(60, 70, 1, &all()).walk(61, 71, 2, &[b.clone(), a.clone(), later.clone()]);
    assert_eq!(broken(&other), Some(Rule::FeedOrder));
    let twice = written().walk(60, 70, 1, &[a.clone(), b.clone(), b, later]);
    assert_eq!(broken(&twice), Some(Rule::FeedRepeats));
    let (first, second) = ([a.clone()], [a]);
    let again = written().part((60, 61), (1, 0), Place::Beginning, &first, false);
    assert_eq!(broken(&again.part((62, 63), (1, 1), behind("a", 0), &second, false)), Some(Rule::FeedRepeats));
}

#[test]
fn the_versions_of_a_payment_ascend() {
    let [a, b, later] = all();
    let swapped = [later.clone(), b.clone(), a.clone()];
    assert_eq!(broken(&written().walk(60, 70, 1, &swapped)), Some(Rule::EventVersions));
    let ended = || written().then(60, 70, super::delete("a", 1), Outcome::Deleted);
    let gone = event("a", deleted(2, 2));
    ended().walk(80, 90, 1, &[a.clone(), b.clone(), later.clone(), gone.clone()]).can_be();
    let early = ended().walk(80, 90, 1, &[a, b, gone, later]);
    assert_eq!(broken(&early), Some(Rule::EventVersions));
}

#[test]
fn what_was_acknowledged_is_in_every_walk_that_comes_to_the_end() {
    let [a, b, later] = all();
    let short = [a.clone(), b.clone()];
    assert_eq!(broken(&written().walk(60, 70, 1, &short)), Some(Rule::FeedSkips));
    // It looked before the write was answered, or it did not look for the end.
    written().walk(45, 70, 1, &short).can_be();
    written().part((60, 70), (1, 0), Place::Beginning, &short, false).can_be();
    // A write without an answer may have no event; a write that a read saw has one.
    let open = || new().create(0, 10, "a").then(20, 30, replace("a", 0), unknown());
    open().walk(60, 70, 1, slice::from_ref(&a)).can_be();
    open().walk(60, 70, 1, &[a.clone(), event("a", updated(1, 1))]).can_be();
    let seen = open().read(40, 45, "a", 1, 1).walk(60, 70, 1, slice::from_ref(&a));
    assert_eq!(broken(&seen), Some(Rule::FeedSkips));
    // Behind a cursor at the end, and in an order other than that of the requests.
    let resumed = written().part((60, 70), (1, 0), behind("b", 0), &[], true).walk(80, 90, 2, &all());
    assert_eq!(broken(&resumed), Some(Rule::FeedSkips));
    let late = written().walk(60, 70, 1, &[b, a, later]);
    assert_eq!(broken(&late), Some(Rule::FeedOrder));
}

#[test]
fn an_event_may_be_held_back_where_the_store_says_so_and_not_for_ever() {
    let held = |limit| {
        let hangs = new().then(0, 5, Call::Create { id: Some(id("slow")) }, unknown()).create(1, 10, "a");
        let mut walk = hangs.walk(30, 40, 1, &[]).walk(90, 95, 2, &[event("a", created(1))]);
        walk.0.hold_back = limit;
        walk
    };
    assert_eq!(broken(&held(None)), Some(Rule::FeedSkips));
    held(Some(100)).can_be();
    assert_eq!(broken(&held(Some(10))), Some(Rule::FeedSkips));
}

#[test]
fn an_event_is_of_a_write_that_was_sent_and_shows_what_it_wrote() {
    let [a, b, later] = all();
    let refused = written().then(51, 55, replace("b", 7), Outcome::Conflict);
    let shown = refused.walk(60, 70, 1, &[a.clone(), b.clone(), later.clone(), event("b", updated(1, 3))]);
    assert_eq!(broken(&shown), Some(Rule::VersionSkipped));
    let unsent = written().walk(60, 70, 1, &[a.clone(), b.clone(), later.clone(), event("b", deleted(1, 1))]);
    assert_eq!(broken(&unsent), Some(Rule::EventUnsent));
    let mut other = all();
    other[2].change.owner = 0;
    other[2].change.content = None;
    assert_eq!(broken(&written().walk(60, 70, 1, &other)), Some(Rule::FeedContent));
    let mut other = all();
    other[2].change.at = "9".to_owned();
    assert_eq!(broken(&written().walk(60, 70, 1, &other)), Some(Rule::Times));
    let mut other = all();
    other[2].name = "another".into();
    let walks = written().walk(60, 70, 1, &all()).walk(61, 71, 2, &other);
    assert_eq!(broken(&walks), Some(Rule::FeedRepeats));
}

#[test]
fn a_walk_from_now_on_shows_what_happens_later() {
    let [_, b, later] = all();
    let from = |invoked, ended, events: &[Event]| {
        written().part((invoked, ended), (1, 0), Place::Now, events, true).walk(60, 70, 2, &all())
    };
    from(32, 60, slice::from_ref(&later)).can_be();
    assert_eq!(broken(&from(32, 60, &[b, later.clone()])), Some(Rule::FeedNow));
    let begun = written().part((11, 12), (1, 0), Place::Now, &[], true);
    let skips = begun.part((55, 60), (1, 1), Place::Somewhere, &[later], true).walk(61, 70, 2, &all());
    assert_eq!(broken(&skips), Some(Rule::FeedSkips));
}

#[test]
fn a_history_has_every_version_as_it_was() {
    let history = |changes: &[Change], has_older| written().versions(60, 70, None, changes, has_older);
    history(&[updated(1, 2), created(0)], false).can_be();
    history(&[updated(1, 2)], true).versions(71, 75, Some(1), &[created(0)], false).can_be();
    assert_eq!(broken(&history(&[updated(1, 2)], false)), Some(Rule::HistorySkips));
    assert_eq!(broken(&history(&[], false)), Some(Rule::HistorySkips));
    // The newest version was known before.
    assert_eq!(broken(&history(&[created(0)], false)), Some(Rule::StaleRead));
    let mut other = updated(1, 2);
    other.content = Some(Content { by: 2, log: vec![2], note: Some(2) });
    assert_eq!(broken(&history(&[other, created(0)], false)), Some(Rule::HistoryContent));
    let lost = |call| written().then(60, 70, call, Outcome::NotFound);
    assert_eq!(broken(&lost(Call::PastVersions { id: id("a"), below: None })), Some(Rule::HistorySkips));
    assert_eq!(broken(&lost(Call::PastVersion { id: id("a"), version: 0 })), Some(Rule::HistorySkips));
    assert_eq!(broken(&lost(Call::PastVersion { id: id("a"), version: 2 })), None);
    let ended = written().then(60, 70, super::delete("a", 1), Outcome::Deleted);
    ended.clone().versions(80, 90, None, &[deleted(2, 2), updated(1, 2), created(0)], false).can_be();
    let hidden = ended.versions(80, 90, None, &[updated(1, 2), created(0)], false);
    assert_eq!(broken(&hidden), Some(Rule::Resurrected));
}

/// A list of all changes, which every write extends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Log(Vec<Event>);

impl Log {
    /// The last change of a payment.
    fn last(&self, name: &str) -> Option<&Change> {
        self.0.iter().rev().find(|event| *event.id == *name).map(|event| &event.change)
    }

    /// Applies a call, and says what comes of it. A page has at the most as many events as were shown.
    fn apply(&mut self, call: &Call, by: Number, shown: &Outcome) -> Outcome {
        let name = call.id().map(ToString::to_string).unwrap_or_default();
        let last = self.last(&name).cloned();
        let is_there = last.as_ref().is_some_and(|last| last.kind != ChangeKind::Deleted);
        let next = last.as_ref().map_or(0, |last| last.version + 1);
        match call {
            Call::Create { .. } if last.is_some() => Outcome::Exists,
            Call::Create { .. } => {
                self.0.push(event(&name, created(by)));
                Outcome::Created(id(&name), replaced(0, by))
            }
            Call::Events(Follow { from, .. }) => self.page(from, shown),
            _ if !is_there => Outcome::NotFound,
            _ if call.expected().is_some_and(|expected| expected + 1 != next) => Outcome::Conflict,
            Call::Replace { .. } => {
                self.0.push(event(&name, updated(next, by)));
                Outcome::Changed(replaced(next, by))
            }
            Call::Delete { .. } => {
                let owner = last.map(|last| last.owner).unwrap_or_default();
                self.0.push(event(&name, deleted(next, owner)));
                Outcome::Deleted
            }
            Call::Read { .. }
            | Call::JsonPatch { .. }
            | Call::MergePatch { .. }
            | Call::List { .. }
            | Call::PastVersion { .. }
            | Call::PastVersions { .. }
            | Call::Stream(_) => panic!("no such call is made here"),
        }
    }

    fn page(&self, from: &Place, shown: &Outcome) -> Outcome {
        let start = match from {
            Place::Beginning => Some(0),
            Place::Behind(name) => self.0.iter().position(|event| event.name == *name).map(|place| place + 1),
            Place::Now | Place::Somewhere => panic!("no such walk is made here"),
        };
        // A cursor that was not yet handed out leads nowhere.
        let Some(rest) = start.map(|start| &self.0[start..]) else { return Outcome::NotFound };
        let Outcome::Events { events, at_end } = shown else { panic!("a page shows events") };
        let events = if *at_end { rest } else { &rest[..events.len().min(rest.len())] };
        Outcome::Events { events: events.to_vec(), at_end: *at_end }
    }
}

/// Whether there is an order of the operations that explains all outcomes: those without an answer may have been done at any
/// later moment, or never.
fn has_order(history: &History, left: &[Number], log: &Log, seen: &mut HashSet<(Vec<Number>, Log)>) -> bool {
    let operation = |number: &Number| history.get(*number).unwrap();
    if left.iter().all(|number| operation(number).outcome.is_unknown()) {
        return true;
    }
    if !seen.insert((left.to_vec(), log.clone())) {
        return false;
    }
    let first_end = left.iter().map(|number| operation(number).effective_until()).min().unwrap();
    let next: Vec<_> = left.iter().filter(|number| operation(number).invoked <= first_end).copied().collect();
    next.into_iter().any(|number| {
        let Operation { call, outcome, .. } = operation(&number);
        let mut after = log.clone();
        let made = after.apply(call, number, outcome);
        let rest: Vec<_> = left.iter().copied().filter(|other| *other != number).collect();
        (outcome.is_unknown() || made == *outcome) && has_order(history, &rest, &after, seen)
    })
}

fn search(history: &History) -> bool {
    let all: Vec<_> = history.numbered().map(|(number, _)| number).collect();
    has_order(history, &all, &Log::default(), &mut HashSet::new())
}

/// A history that a log made: each operation takes effect at some moment between its request and its answer. The last operation
/// is a walk from the beginning to the end.
fn made_by_log(rng: &mut Rng) -> History {
    let mut planned: Vec<(Moment, Operation)> = Vec::new();
    let count = rng.usize(3..=OPERATIONS);
    for turn in 0..count {
        let (invoked, before, after) = (rng.u64(..40), rng.u64(1..12), rng.u64(1..12));
        let (name, version) = (if rng.bool() { "a" } else { "b" }, rng.u64(..2));
        let walk = u32::try_from(turn).unwrap();
        let call = match rng.u32(..10) {
            _ if turn + 1 == count => Call::Events(Follow { walk, part: 0, from: Place::Beginning }),
            0..=3 => Call::Create { id: Some(id(name)) },
            4..=5 => replace(name, version),
            6 => Call::Delete { id: id(name), condition: Condition::Any },
            7..=8 => Call::Events(Follow { walk, part: 0, from: Place::Beginning }),
            _ => Call::Events(Follow { walk, part: 0, from: behind(name, version) }),
        };
        let reads = call.follow().is_some();
        let (invoked, at_end) = if turn + 1 == count { (60, true) } else { (invoked, rng.bool()) };
        let ended = invoked + before + after;
        let outcome = match reads {
            true => Outcome::Events { events: vec![event("a", created(0)); rng.usize(..3)], at_end },
            false if rng.u32(..5) == 0 => Outcome::Unknown("cut".to_owned()),
            false => Outcome::Deleted,
        };
        let late = if outcome.is_unknown() { rng.u64(..40) } else { 0 };
        planned.push((invoked + before + late, Operation { client: 0, call, invoked, ended, outcome }));
    }
    let mut order: Vec<_> = (0..planned.len()).collect();
    order.sort_by_key(|index| planned[*index].0);
    let mut log = Log::default();
    for index in order {
        let operation = &mut planned[index].1;
        if operation.outcome.is_unknown() && rng.bool() {
            continue;
        }
        let made = log.apply(&operation.call, Number::try_from(index).unwrap(), &operation.outcome);
        if !operation.outcome.is_unknown() {
            operation.outcome = made;
        }
    }
    let operations = planned.into_iter().map(|(_, operation)| operation).collect();
    let mut history = History { operations, ..History::default() };
    for operation in &mut history.operations {
        // Nobody has a cursor of what is not there: such a page was not asked for.
        if operation.call.follow().is_some() && operation.outcome == Outcome::NotFound {
            operation.call = Call::Create { id: Some(id("c")) };
            operation.outcome = unknown();
        }
    }
    history
}

/// Changes something: what a part of a walk shows, or when an operation was.
fn disturb(history: &mut History, rng: &mut Rng) {
    let index = rng.usize(..history.operations.len());
    let operation = &mut history.operations[index];
    let Outcome::Events { events, at_end } = &mut operation.outcome else {
        operation.ended = operation.invoked + 1;
        return;
    };
    let (one, other) = (rng.usize(..events.len().max(1)), rng.usize(..events.len().max(1)));
    match rng.u32(..5) {
        0 if !events.is_empty() => drop(events.remove(one)),
        1 if !events.is_empty() => events.swap(one, other),
        2 if !events.is_empty() => events.insert(other, events[one].clone()),
        3 => *at_end = true,
        _ => (operation.invoked, operation.ended) = (operation.invoked + 10, operation.ended + 10),
    }
}

/// Whether a part begins where no walk from the beginning has come: its place in the order is not known.
fn has_strays(history: &History) -> bool {
    let parts = || history.operations.iter().filter_map(|it| Some((it.call.follow()?, &it.outcome)));
    let shown: HashSet<_> = parts()
        .filter(|(follow, _)| follow.from == Place::Beginning)
        .filter_map(|(_, outcome)| if let Outcome::Events { events, .. } = outcome { Some(events) } else { None })
        .flatten()
        .map(|event| event.name.clone())
        .collect();
    let is_stray = |follow: &Follow| matches!(&follow.from, Place::Behind(name) if !shown.contains(name));
    parts().any(|(follow, _)| is_stray(follow))
}

#[test]
fn the_checker_agrees_with_a_search_through_all_orders_of_writes_and_pages() {
    let (mut fine, mut broken) = (0, 0);
    for seed in 0..HISTORIES {
        let mut rng = Rng::with_seed(seed);
        let mut history = made_by_log(&mut rng);
        for _ in 0..rng.usize(..3) {
            disturb(&mut history, &mut rng);
        }
        let (expected, found) = (search(&history), check(&history));
        let refusals = history.operations.iter().any(|it| matches!(it.outcome, Outcome::Conflict | Outcome::NotFound));
        // Where a walk shows no place of a cursor, or refusals contradict each other, something may go unnoticed; a history that has
        // an order is never refused.
        let agrees = expected == found.is_ok() || (!expected && (has_strays(&history) || refusals));
        assert!(
            agrees,
            "seed {seed}: an order exists: {expected}; the checker says {found:?} of {:#?}",
            history.operations
        );
        *(if expected { &mut fine } else { &mut broken }) += 1;
    }
    assert!(fine > 7_000 && broken > 700, "too few of one kind: {fine} have an order, {broken} have none");
}
