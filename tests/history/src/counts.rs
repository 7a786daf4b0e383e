//! Counts what a history has.

use crate::model::{Operation, Outcome};
use std::collections::HashSet;

/// Counts the outcomes of a history, by kind: how many succeeded, were refused, are unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All operations.
    pub all: usize,
    /// Those that succeeded.
    pub done: usize,
    /// Those that were refused with a reason: 404, 409, 412.
    pub refused: usize,
    /// Those that were not done: no connection, too much to do.
    pub not_done: usize,
    /// Those whose outcome is unknown.
    pub unknown: usize,
    /// The events that were shown, each counted once.
    pub events: usize,
    /// The same, counted each time.
    pub shown: usize,
}

impl Counts {
    /// Counts.
    #[must_use]
    pub fn of(operations: &[Operation]) -> Self {
        let mut counts = Self { all: operations.len(), ..Self::default() };
        let mut names = HashSet::new();
        for operation in operations {
            if let Outcome::Events { events, .. } = &operation.outcome {
                counts.shown += events.len();
                names.extend(events.iter().map(|event| &event.name));
            }
            let place = match operation.outcome {
                Outcome::Created(..)
                | Outcome::Changed(_)
                | Outcome::Read(_)
                | Outcome::Unmodified(_)
                | Outcome::Deleted
                | Outcome::Page(_)
                | Outcome::Version(_)
                | Outcome::Versions { .. }
                | Outcome::Events { .. } => &mut counts.done,
                Outcome::NotFound | Outcome::Exists | Outcome::Conflict | Outcome::PreconditionFailed => {
                    &mut counts.refused
                }
                Outcome::NotDone(_) => &mut counts.not_done,
                Outcome::Unknown(_) | Outcome::Unexpected(_) => &mut counts.unknown,
            };
            *place += 1;
        }
        counts.events = names.len();
        counts
    }
}
