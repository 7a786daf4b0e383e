//! Says in words what clients did, and what cannot be.

use crate::{
    check::Violation,
    model::{Call, Change, Condition, Follow, History, Moment, Number, Operation, Outcome, Place, ReadCondition, Seen},
    timeline::{self, Title},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

/// The most operations that an excerpt shows.
const EXCERPT: usize = 24;
/// The most versions or events of an answer that are shown.
const LISTED: usize = 16;
/// How much of an event's name is shown.
const SHORT: usize = "evt_01234567".len();

/// What a client asked for, in words.
#[must_use]
pub fn asked(call: &Call) -> String {
    let on = |condition: &Condition| match condition {
        Condition::Any => "any version".to_owned(),
        Condition::IfMatch(version) => format!("If-Match {version}"),
        Condition::Version(version) => format!("version {version}"),
    };
    let name = call.kind().name();
    match call {
        Call::Create { id: Some(id) } => format!("{name} {id}"),
        Call::Create { id: None } => format!("{name} without an id"),
        Call::Read { id, condition: ReadCondition::Any } => format!("{name} {id}"),
        Call::Read { id, condition: ReadCondition::IfNoneMatch(version) } => {
            format!("{name} {id}, If-None-Match {version}")
        }
        Call::Read { id, condition: ReadCondition::IfMatch(version) } => format!("{name} {id}, If-Match {version}"),
        Call::Replace { id, version, if_match: None } => format!("{name} {id}, version {version}"),
        Call::Replace { id, version, if_match: Some(other) } => {
            format!("{name} {id}, version {version}, If-Match {other}")
        }
        Call::JsonPatch { id, condition } | Call::MergePatch { id, condition } | Call::Delete { id, condition } => {
            format!("{name} {id}, {}", on(condition))
        }
        Call::List { walk, page } => format!("{name}: walk {walk}, page {page}"),
        Call::PastVersion { id, version } => format!("{name} {version} of {id}"),
        Call::PastVersions { id, below: None } => format!("{name} of {id}"),
        Call::PastVersions { id, below: Some(below) } => format!("{name} of {id} below version {below}"),
        Call::Events(Follow { walk, part, from }) => format!("{name}: walk {walk}, page {part}, {}", place(from)),
        Call::Stream(Follow { walk, part, from }) => format!("{name}: walk {walk}, connection {part}, {}", place(from)),
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Beginning => "from the beginning".to_owned(),
        Place::Behind(name) => format!("behind {}", short(name)),
        Place::Now => "from now".to_owned(),
        Place::Somewhere => "from where now was".to_owned(),
    }
}

/// Enough of an event's name to know it again.
fn short(name: &str) -> &str {
    name.get(..SHORT).unwrap_or(name)
}

/// Shows each of these, or the first and the last ones of many.
fn listed<T>(all: &[T], show: impl Fn(&T) -> String) -> String {
    let hidden = all.len().saturating_sub(LISTED);
    let mut parts: Vec<_> = all.iter().take(LISTED / 2).map(&show).collect();
    if hidden > 0 {
        parts.push(format!("… {hidden} more …"));
    }
    parts.extend(all.iter().skip(LISTED / 2 + hidden).map(&show));
    parts.join(", ")
}

fn change(change: &Change) -> String {
    let content = change.content.as_ref().map_or_else(String::new, |content| format!(" ({content})"));
    format!("{change} at {}{content}", change.at)
}

/// What came of it, in words.
#[must_use]
pub fn came_of_it(outcome: &Outcome) -> String {
    let seen = |seen: &Seen| format!("version {} ({})", seen.version, seen.content);
    match outcome {
        Outcome::Created(id, it) => format!("201 {id} {}", seen(it)),
        Outcome::Changed(it) | Outcome::Read(it) => format!("200 {}", seen(it)),
        Outcome::Unmodified(version) => format!("304 version {version}"),
        Outcome::Deleted => "204".to_owned(),
        Outcome::Page(entries) if entries.is_empty() => "200 an empty page: the end".to_owned(),
        Outcome::Page(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|entry| format!("{} at {}", entry.id, entry.seen.version)).collect();
            format!("200 {}", entries.join(", "))
        }
        Outcome::Version(it) => format!("200 {}", change(it)),
        Outcome::Versions { changes, has_older } => {
            format!("200 {}{}", listed(changes, change), if *has_older { ", and older ones" } else { "" })
        }
        Outcome::Events { events, at_end } => {
            let events = listed(events, |event| format!("{} {event}", short(&event.name)));
            format!("200 [{events}]{}", if *at_end { ", which is the end" } else { "" })
        }
        Outcome::NotFound => "404".to_owned(),
        Outcome::Exists => "409 the id is taken".to_owned(),
        Outcome::Conflict => "409 another version".to_owned(),
        Outcome::PreconditionFailed => "412".to_owned(),
        Outcome::NotDone(why) => format!("not done: {why}"),
        Outcome::Unknown(why) => format!("unknown: {why}"),
        Outcome::Unexpected(what) => format!("unexpected: {what}"),
    }
}

/// A moment in milliseconds.
#[must_use]
pub fn milliseconds(moment: Moment) -> String {
    format!("{}.{:03}", moment / 1_000_000, moment / 1_000 % 1_000)
}

/// An operation as a line.
#[must_use]
pub fn line(number: Number, operation: &Operation) -> String {
    let until = if operation.outcome.is_unknown() { "…".to_owned() } else { milliseconds(operation.ended) };
    format!(
        "{:>10} – {until:<10} client {:<2} #{number}: {} → {}",
        milliseconds(operation.invoked),
        operation.client,
        asked(&operation.call),
        came_of_it(&operation.outcome)
    )
}

/// Whether an operation is about the payment of a violation, or about all payments if it names none.
fn concerns(violation: &Violation, operation: &Operation) -> bool {
    let Some(id) = &violation.id else { return true };
    match &operation.outcome {
        Outcome::Page(entries) => entries.iter().any(|entry| entry.id == *id),
        Outcome::Events { events, .. } => events.iter().any(|event| event.id == *id),
        Outcome::Created(created, _) => created == id,
        Outcome::Changed(_)
        | Outcome::Read(_)
        | Outcome::Unmodified(_)
        | Outcome::Deleted
        | Outcome::Version(_)
        | Outcome::Versions { .. }
        | Outcome::NotFound
        | Outcome::Exists
        | Outcome::Conflict
        | Outcome::PreconditionFailed
        | Outcome::NotDone(_)
        | Outcome::Unknown(_)
        | Outcome::Unexpected(_) => operation.id() == Some(id),
    }
}

/// The operations that a violation names, and those nearest to them that are about the same payment, as far as there is room:
/// in the order in which they were sent.
#[must_use]
pub fn relevant(history: &History, violation: &Violation, room: usize) -> Vec<Number> {
    let named = violation.operations.iter().filter_map(|number| history.get(*number));
    let moments: Vec<Moment> = named.map(|operation| operation.invoked).collect();
    let distance = |operation: &Operation| {
        moments.iter().map(|moment| moment.abs_diff(operation.invoked)).min().unwrap_or(operation.invoked)
    };
    let about = history.numbered().filter(|(_, operation)| concerns(violation, operation));
    let mut nearest: Vec<_> = about.map(|(number, operation)| (distance(operation), number)).collect();
    nearest.sort_unstable();
    let nearest = nearest.into_iter().map(|(_, number)| number).filter(|number| !violation.operations.contains(number));
    let room = room.saturating_sub(violation.operations.len());
    let mut chosen: Vec<_> = violation.operations.iter().copied().chain(nearest.take(room)).collect();
    chosen.sort_unstable();
    chosen
}

/// The violation and the shortest excerpt that shows it, for a terminal. Arrows mark the operations that it names.
#[must_use]
pub fn excerpt(history: &History, violation: &Violation) -> String {
    let mut text = format!("{violation}\n\n  from – until, in ms; → marks what cannot be together\n");
    for number in relevant(history, violation, EXCERPT) {
        let Some(operation) = history.get(number) else { continue };
        let mark = if violation.operations.contains(&number) { '→' } else { ' ' };
        let _ = writeln!(text, "{mark} {}", line(number, operation));
    }
    text
}

/// Draws a history that breaks a rule into a file of this folder, and says all of it: the rule, the excerpt, how to repeat
/// the run, and where the picture is.
#[must_use]
pub fn failure(history: &History, violation: &Violation, title: &Title, folder: &Path) -> String {
    let path = folder.join(format!("{}.html", title.file_name()));
    let page = timeline::page(history, violation, title);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, page));
    let picture = match written {
        Ok(()) => format!("the timeline is {}", absolute(&path).display()),
        Err(error) => format!("the timeline cannot be written to {}: {error}", path.display()),
    };
    format!(
        "{}\n{}seed {}; {picture}\nrun it again: {}",
        title.what,
        excerpt(history, violation),
        title.seed,
        title.again
    )
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
