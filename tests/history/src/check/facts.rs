//! Sorts a history by payment: who wrote, what was seen, what was refused.

use super::violation::{Rule, Violation};
use crate::model::{Call, Change, ChangeKind, Content, History, Id, Number, Operation, Outcome, Seen, Times};
use std::collections::{BTreeMap, HashMap};

/// A version that an answer showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Observation<'a> {
    /// The operation whose answer it is.
    pub(super) number: Number,
    /// The version.
    pub(super) version: u64,
    /// Its content; a 304 shows none.
    pub(super) content: Option<&'a Content>,
}

/// The times of a version that an answer showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownTimes<'a> {
    /// The operation whose answer it is.
    pub(super) number: Number,
    /// The version.
    pub(super) version: u64,
    /// When the payment was created; events without content do not show it.
    pub(super) created_on: Option<&'a str>,
    /// When the version was written.
    pub(super) modified_on: &'a str,
}

/// All that a history says of one payment.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    /// The writes that made a version, or may have.
    pub(super) writes: Vec<Number>,
    /// The deletions that were done, or may have been.
    pub(super) deletions: Vec<Number>,
    /// What was seen, by reads, by lists and by writers.
    pub(super) observations: Vec<Observation<'a>>,
    /// The operations that were answered 404.
    pub(super) absences: Vec<Number>,
    /// The operations that were refused for what the payment was: 409, 412.
    pub(super) refusals: Vec<Number>,
    /// The changes that histories and events showed. Each was made by then, and may have been followed by others.
    pub(super) changes: Vec<(Number, &'a Change)>,
    /// The versions that reads of the past did not find: they were not there at some moment of the operation.
    pub(super) lacks: Vec<(Number, u64)>,
    /// The times that answers showed.
    pub(super) times: Vec<ShownTimes<'a>>,
}

/// All payments of a history, and the creations that may have made any payment: those without an id and without an answer.
#[derive(Debug, Default)]
pub(super) struct Payments<'a> {
    pub(super) by_id: BTreeMap<&'a Id, Facts<'a>>,
    pub(super) nameless: Vec<Number>,
}

/// Sorts a history.
pub(super) fn gather(history: &History) -> Result<Payments<'_>, Box<Violation>> {
    let mut payments = Payments::default();
    for (number, operation) in history.numbered() {
        payments.add(number, operation)?;
    }
    payments.writes_take_effect_once()?;
    Ok(payments)
}

impl<'a> Payments<'a> {
    fn add(&mut self, number: Number, operation: &'a Operation) -> Result<(), Box<Violation>> {
        let id = operation.id();
        if let Outcome::Unexpected(what) = &operation.outcome {
            let text = format!("#{number} ({}) got an answer that cannot be: {what}", operation.call.kind().name());
            return Err(Violation::new(Rule::Answer, id, text, &[Some(number)]));
        }
        if let Outcome::Page(entries) = &operation.outcome {
            for entry in entries {
                self.by_id.entry(&entry.id).or_default().see(number, &entry.seen);
            }
            return Ok(());
        }
        if let Outcome::Events { events, .. } = &operation.outcome {
            for event in events {
                self.by_id.entry(&event.id).or_default().see_change(number, &event.change);
            }
            return Ok(());
        }
        let Some(id) = id else {
            if operation.outcome.is_unknown() && operation.call.writes_version() {
                self.nameless.push(number);
            }
            return Ok(());
        };
        self.by_id.entry(id).or_default().add(number, operation);
        Ok(())
    }

    /// Each write is seen as one version of one payment.
    fn writes_take_effect_once(&self) -> Result<(), Box<Violation>> {
        let mut places = HashMap::new();
        for (id, facts) in &self.by_id {
            for seen in facts.observations.iter().copied().chain(facts.past()) {
                let Some(content) = seen.content else { continue };
                let (first_id, version, number) = *places.entry(content.by).or_insert((*id, seen.version, seen.number));
                if first_id != *id || version != seen.version {
                    let text = format!(
                        "write #{} is version {} of {id} in the answer to #{}, and version {version} of {first_id} in that to \
                         #{number}",
                        content.by, seen.version, seen.number
                    );
                    let operations = [Some(seen.number), Some(number), Some(content.by)];
                    return Err(Violation::new(Rule::AppliedTwice, Some(id), text, &operations));
                }
            }
        }
        Ok(())
    }
}

impl<'a> Facts<'a> {
    fn see(&mut self, number: Number, seen: &'a Seen) {
        self.observations.push(Observation { number, version: seen.version, content: Some(&seen.content) });
        let Times { created_on, modified_on } = &seen.times;
        self.times.push(ShownTimes { number, version: seen.version, created_on: Some(created_on), modified_on });
    }

    fn see_change(&mut self, number: Number, change: &'a Change) {
        self.changes.push((number, change));
        let Change { version, at, created_on, .. } = change;
        self.times.push(ShownTimes { number, version: *version, created_on: created_on.as_deref(), modified_on: at });
    }

    /// The contents that histories and events showed.
    pub(super) fn past(&self) -> impl Iterator<Item = Observation<'a>> {
        self.changes.iter().filter_map(|(number, change)| {
            let version = change.content_version()?;
            Some(Observation { number: *number, version, content: change.content.as_ref() })
        })
    }

    /// The deletions that histories and events showed, each with its version.
    pub(super) fn ends(&self) -> impl Iterator<Item = (Number, u64)> {
        let deletions = self.changes.iter().filter(|(_, change)| change.kind == ChangeKind::Deleted);
        deletions.map(|(number, change)| (*number, change.version))
    }

    fn add(&mut self, number: Number, operation: &'a Operation) {
        match &operation.outcome {
            Outcome::Created(_, seen) | Outcome::Changed(seen) => {
                self.writes.push(number);
                self.see(number, seen);
            }
            Outcome::Read(seen) => self.see(number, seen),
            Outcome::Unmodified(version) => {
                self.observations.push(Observation { number, version: *version, content: None });
            }
            Outcome::Deleted => self.deletions.push(number),
            Outcome::NotFound => match operation.call {
                Call::PastVersion { version, .. } => self.lacks.push((number, version)),
                Call::PastVersions { .. } => self.lacks.push((number, 0)),
                Call::Create { .. }
                | Call::Read { .. }
                | Call::Replace { .. }
                | Call::JsonPatch { .. }
                | Call::MergePatch { .. }
                | Call::Delete { .. }
                | Call::List { .. }
                | Call::Events(_)
                | Call::Stream(_) => self.absences.push(number),
            },
            Outcome::Exists | Outcome::Conflict | Outcome::PreconditionFailed => self.refusals.push(number),
            Outcome::Unknown(_) => match operation.call {
                Call::Delete { .. } => self.deletions.push(number),
                Call::Create { .. } | Call::Replace { .. } | Call::JsonPatch { .. } | Call::MergePatch { .. } => {
                    self.writes.push(number);
                }
                Call::Read { .. }
                | Call::List { .. }
                | Call::PastVersion { .. }
                | Call::PastVersions { .. }
                | Call::Events(_)
                | Call::Stream(_) => {}
            },
            Outcome::Version(change) => self.see_change(number, change),
            Outcome::Versions { changes, .. } => self.see_history(number, operation, changes),
            Outcome::NotDone(_) | Outcome::Page(_) | Outcome::Events { .. } | Outcome::Unexpected(_) => {}
        }
    }
    /// The first page of a history is also a read of the payment, unless the newest version is its deletion.
    fn see_history(&mut self, number: Number, operation: &Operation, changes: &'a [Change]) {
        for change in changes {
            self.see_change(number, change);
        }
        let is_first = matches!(operation.call, Call::PastVersions { below: None, .. });
        if let Some(newest) = changes.first().filter(|newest| is_first && newest.kind != ChangeKind::Deleted) {
            let Change { version, content, .. } = newest;
            self.observations.push(Observation { number, version: *version, content: content.as_ref() });
        }
    }
}
