//! Whether the events came in time: what was known before a walk looked for the end is shown by then, and no event stands before
//! one whose write was answered before its own was sent.
//!
//! Each event was added at a moment that is not before its write was sent, nor before the request of a page that looked for
//! the end and did not show it; and not after the first answer that proves it. In the order of the events these moments
//! ascend, so they exist exactly if no lower bound is beyond the upper bound of a later event.
//!
//! A store whose writes overlap may hold back an event behind a write that hangs
//! ([`History::hold_back`]). It still gives them their numbers in the order in which they are sent.

use super::{Made, Order, Part, Walk};
use crate::{
    check::violation::{Rule, Violation},
    model::{Call, History, Id, Moment, Number, Operation, Place},
};
use std::collections::HashMap;

/// How long before its end a stream may have looked for events for the last time.
const STREAM_LOOKS: Moment = 1_000_000_000;

/// Checks all times.
pub(super) fn check(
    history: &History,
    walks: &[Walk<'_>],
    order: &Order<'_>,
    made: &[Made<'_>],
) -> Result<(), Box<Violation>> {
    let line = Line::of(history, order, made);
    line.is_in_order_of_requests(order)?;
    for walk in walks {
        for part in &walk.parts {
            line.reaches_its_end(order, walk, part)?;
        }
        line.begins_now(order, walk)?;
    }
    Ok(())
}

/// A bound, and the change that it comes from.
#[derive(Debug, Clone, Copy)]
struct Limit<'a> {
    at: Moment,
    made: Option<Made<'a>>,
}

/// The run from the beginning, with what bounds the moments of its events.
#[derive(Debug)]
struct Line<'a> {
    /// By node, the place in the run.
    places: HashMap<usize, usize>,
    /// By place, what is known of the event.
    made: Vec<Option<Made<'a>>>,
    /// By place, the latest moment at which a write of the events up to there was sent.
    sent: Vec<Limit<'a>>,
    /// By place, the earliest moment by which one of the events from there on was known, or one that no walk shows.
    known: Vec<Limit<'a>>,
    /// The writes, by when they were sent, each with the last moment at which one sent by then can have held back others.
    writes: Vec<(Moment, Moment)>,
    holds_back: bool,
}

impl<'a> Line<'a> {
    fn of(history: &History, order: &Order<'_>, made: &[Made<'a>]) -> Self {
        let mut by_change: HashMap<(&Id, u64), Made<'a>> =
            made.iter().map(|made| ((made.id, made.version), *made)).collect();
        let places = order.main().iter().enumerate().map(|(place, node)| (*node, place)).collect();
        let shown = order.main().iter().map(|node| {
            let (event, _) = order.event(*node)?;
            by_change.remove(&(&event.id, event.change.version))
        });
        let line: Vec<_> = shown.collect();
        // Those in a run apart are not on this line, and missing as well: nothing shows where they stand.
        let missing = by_change.into_values().min_by_key(|made| (made.known, made.id, made.version));
        let mut latest = Limit { at: 0, made: None };
        let sent = line.iter().map(|made| {
            if let Some(made) = made.filter(|made| made.sent > latest.at) {
                latest = Limit { at: made.sent, made: Some(made) };
            }
            latest
        });
        let sent = sent.collect();
        let mut earliest =
            missing.map_or(Limit { at: Moment::MAX, made: None }, |it| Limit { at: it.known, made: missing });
        let mut known = vec![earliest];
        for made in line.iter().rev() {
            if let Some(made) = made.filter(|made| made.known < earliest.at) {
                earliest = Limit { at: made.known, made: Some(made) };
            }
            known.push(earliest);
        }
        known.reverse();
        let holds_back = history.hold_back.is_some();
        Self { places, made: line, sent, known, writes: writes(history), holds_back }
    }

    /// A write that was answered, or seen, before another was sent has its event before that of the other.
    fn is_in_order_of_requests(&self, order: &Order<'_>) -> Result<(), Box<Violation>> {
        let places = self.sent.iter().zip(self.known.iter().skip(1));
        for (place, (sent, known)) in places.enumerate() {
            let (Some(before), Some(late)) = (sent.made.filter(|_| known.at < sent.at), known.made) else { continue };
            let is_shown =
                self.made.iter().skip(place).flatten().any(|it| it.id == late.id && it.version == late.version);
            let shown = order.main().get(place).and_then(|node| order.event(*node)).map(|(_, number)| number);
            let (rule, what) =
                if is_shown { (Rule::FeedOrder, "stands behind it") } else { (Rule::FeedSkips, "is in no walk") };
            let text = format!(
                "{} was known before the write of {} was sent, whose event is there, and {what}",
                name(late),
                name(before)
            );
            let operations = [shown, late.proof, late.writer, before.writer];
            return Err(Violation::new(rule, Some(late.id), text, &operations));
        }
        Ok(())
    }

    /// A part that looked for the end has come to everything that was known before.
    fn reaches_its_end(&self, order: &Order<'_>, walk: &Walk<'_>, part: &Part<'_>) -> Result<(), Box<Violation>> {
        if !part.at_end {
            return Ok(());
        }
        let last = part.events.last().and_then(|event| order.node_of(&event.name)).or_else(|| order.start(part));
        let Some(last) = last else { return Ok(()) };
        // The beginning is on the line, and has no place.
        let behind = match self.places.get(&last) {
            Some(place) => place.saturating_add(1),
            None if part.events.is_empty() && part.follow.from == Place::Beginning => 0,
            None => return Ok(()),
        };
        let Some(Limit { at, made: Some(late) }) = self.known.get(behind).copied() else { return Ok(()) };
        let Operation { invoked, ended, call, .. } = part.operation;
        let is_stream = matches!(call, Call::Stream(_));
        let looked = if is_stream { ended.saturating_sub(STREAM_LOOKS).max(*invoked) } else { *invoked };
        if at >= *invoked || self.is_held_back(at, looked) {
            return Ok(());
        }
        let text = format!(
            "walk {} came to the end in #{} without {}, which was known before",
            walk.number,
            part.number,
            name(late)
        );
        let mut operations = vec![Some(part.number), late.proof, late.writer];
        operations.extend(walk.near(part.number));
        Err(Violation::new(Rule::FeedSkips, Some(late.id), text, &operations))
    }

    /// A walk from now on shows all whose writes are sent later, and nothing that was known before.
    fn begins_now(&self, order: &Order<'_>, walk: &Walk<'_>) -> Result<(), Box<Violation>> {
        let begin = walk.parts.iter().rev().find(|part| part.follow.from == Place::Now);
        let (Some(begin), Some((number, first))) = (begin, walk.events().next()) else { return Ok(()) };
        let place = order.node_of(&first.name).and_then(|node| self.places.get(&node).copied());
        let Some(place) = place else { return Ok(()) };
        let before = place.checked_sub(1).and_then(|before| self.sent.get(before)).copied();
        let rule = match (before, self.made.get(place).copied().flatten()) {
            (Some(Limit { at, made: Some(skipped) }), _) if at > begin.operation.ended => {
                Some((Rule::FeedSkips, skipped, "leaves out", "sent"))
            }
            (_, Some(first))
                if first.known < begin.operation.invoked
                    && !self.is_held_back(first.known, begin.operation.invoked) =>
            {
                Some((Rule::FeedNow, first, "shows", "known before"))
            }
            _ => None,
        };
        let Some((rule, made, does, when)) = rule else { return Ok(()) };
        let text = format!(
            "walk {}, which began with #{}, {does} {}, which was {when} then",
            walk.number,
            begin.number,
            name(made)
        );
        let mut operations = vec![Some(number), Some(begin.number), made.proof, made.writer];
        operations.extend(walk.near(number));
        Err(Violation::new(rule, Some(made.id), text, &operations))
    }

    /// Whether another write, which may have drawn an earlier number, was under way at a moment; the change that is held back
    /// was known at `known`.
    fn is_held_back(&self, known: Moment, moment: Moment) -> bool {
        let sent_before = self.writes.partition_point(|(sent, _)| *sent < known);
        let last = sent_before.checked_sub(1).and_then(|last| self.writes.get(last));
        self.holds_back && last.is_some_and(|(_, until)| *until >= moment)
    }
}

/// The writes, by when they were sent, each with the last moment at which it, or one before it, can hold back others.
fn writes(history: &History) -> Vec<(Moment, Moment)> {
    let limit = history.hold_back.unwrap_or_default();
    let writes =
        history.operations.iter().filter(|it| it.call.writes_version() || matches!(it.call, Call::Delete { .. }));
    let until = |operation: &Operation| {
        if operation.outcome.is_unknown() { operation.invoked.saturating_add(limit) } else { operation.ended }
    };
    let mut writes: Vec<_> = writes.map(|operation| (operation.invoked, until(operation))).collect();
    writes.sort_unstable();
    let mut latest = 0;
    for (_, until) in &mut writes {
        latest = latest.max(*until);
        *until = latest;
    }
    writes
}

fn name(made: Made<'_>) -> String {
    let by = made.writer.map_or_else(String::new, |writer: Number| format!(" (#{writer})"));
    format!("version {} of {}{by}", made.version, made.id)
}
