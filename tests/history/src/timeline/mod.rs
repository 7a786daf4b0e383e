//! Draws a history that breaks a rule, as one HTML page that needs nothing else: a lane for each client, a bar for each
//! operation from its request to its answer, open at its end where the outcome is unknown.

use crate::{
    check::Violation,
    model::{Change, History, Moment, Number, Operation, Outcome},
    report,
};
use serde_json::{Value, json};

/// The most operations that are drawn.
const DRAWN: usize = 240;

/// What a page is about, beside the violation.
#[derive(Debug, Clone)]
pub struct Title {
    /// The run, in words.
    pub what: String,
    /// Its seed.
    pub seed: u64,
    /// The command that runs it again.
    pub again: String,
}

impl Title {
    /// The name of a file for it: letters, digits and dashes.
    #[must_use]
    pub fn file_name(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        let name: String = self.what.chars().map(plain).collect();
        format!("{name}-{}", self.seed)
    }
}

/// The page.
#[must_use]
pub fn page(history: &History, violation: &Violation, title: &Title) -> String {
    let drawn = report::relevant(history, violation, DRAWN);
    let operations: Vec<_> = drawn.iter().filter_map(|number| bar(history, violation, *number)).collect();
    let bounds = drawn.iter().filter_map(|number| history.get(*number));
    let (from, until) = bounds
        .fold((Moment::MAX, 0), |(from, until), operation| (from.min(operation.invoked), until.max(operation.ended)));
    let faults = history.faults.iter().filter(|(at, _)| (from..=until).contains(at));
    let faults: Vec<_> = faults.map(|(at, what)| json!({"at": micros(*at), "what": what})).collect();
    let data = json!({
        "what": title.what,
        "seed": title.seed,
        "again": title.again,
        "rule": violation.rule.sentence(),
        "id": violation.id.as_deref(),
        "text": violation.text,
        "culprit": violation.operations.first(),
        "all": history.operations.len(),
        "operations": operations,
        "faults": faults,
    });
    // No text of the history can end the script.
    let data = data.to_string().replace('<', "\\u003c");
    include_str!("page.html")
        .replace("/* style */", include_str!("page.css"))
        .replace("/* script */", include_str!("page.js"))
        .replace("\"data\"", &data)
}

fn bar(history: &History, violation: &Violation, number: Number) -> Option<Value> {
    let operation = history.get(number)?;
    Some(json!({
        "number": number,
        "client": operation.client,
        "kind": operation.call.kind().name(),
        "writes": operation.call.writes_version(),
        "from": micros(operation.invoked),
        "until": micros(operation.ended),
        "open": operation.outcome.is_unknown(),
        "class": class(operation),
        "label": label(violation, operation),
        "asked": report::asked(&operation.call),
        "outcome": report::came_of_it(&operation.outcome),
        "named": violation.operations.contains(&number),
    }))
}

fn micros(moment: Moment) -> Moment {
    moment / 1_000
}

/// How a bar is coloured.
fn class(operation: &Operation) -> &'static str {
    match operation.outcome {
        Outcome::Created(..) | Outcome::Changed(_) => "write",
        Outcome::Deleted => "delete",
        Outcome::Read(_) | Outcome::Unmodified(_) => "read",
        Outcome::Page(_) => "list",
        Outcome::Version(_) | Outcome::Versions { .. } => "past",
        Outcome::Events { .. } => "events",
        Outcome::NotFound | Outcome::Exists | Outcome::Conflict | Outcome::PreconditionFailed => "refused",
        Outcome::NotDone(_) => "not-done",
        Outcome::Unknown(_) => "unknown",
        Outcome::Unexpected(_) => "unexpected",
    }
}

/// The versions that a history or a part of a walk shows, in its order.
fn versions<'a>(changes: impl Iterator<Item = &'a Change>) -> String {
    changes.map(|change| format!("v{}", change.version)).collect::<Vec<_>>().join(" ")
}

/// The few letters that fit on a bar: the version, or the status.
fn label(violation: &Violation, operation: &Operation) -> String {
    match &operation.outcome {
        Outcome::Created(_, seen) | Outcome::Changed(seen) | Outcome::Read(seen) => format!("v{}", seen.version),
        Outcome::Unmodified(version) => format!("v{version} 304"),
        Outcome::Page(entries) => {
            let entry = entries.iter().find(|entry| Some(&entry.id) == violation.id.as_ref());
            entry.map_or_else(String::new, |entry| format!("v{}", entry.seen.version))
        }
        Outcome::Version(change) => format!("v{}", change.version),
        Outcome::Versions { changes, .. } => versions(changes.iter()),
        Outcome::Events { events, .. } => {
            let about = events.iter().filter(|event| violation.id.as_ref().is_none_or(|id| event.id == *id));
            versions(about.map(|event| &event.change))
        }
        Outcome::Deleted => "gone".to_owned(),
        Outcome::NotFound => "404".to_owned(),
        Outcome::Exists | Outcome::Conflict => "409".to_owned(),
        Outcome::PreconditionFailed => "412".to_owned(),
        Outcome::NotDone(_) => "–".to_owned(),
        Outcome::Unknown(_) => "?".to_owned(),
        Outcome::Unexpected(_) => "!".to_owned(),
    }
}
