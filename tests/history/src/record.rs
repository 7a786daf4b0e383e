//! Writes down what clients do, while they do it.

use crate::model::{Call, History, Moment, Number, Operation, Outcome};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Records a history. All moments are of one monotonic clock.
#[derive(Debug)]
pub struct Recorder {
    began: Instant,
    /// Whether operations are kept once they have ended; otherwise only what [`drain`](Self::drain) returns.
    keeps: bool,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    /// The number of the next operation.
    next: Number,
    operations: BTreeMap<Number, Operation>,
    faults: Vec<(Moment, String)>,
    recent: Interval,
}

/// What ended since the last look.
#[derive(Debug, Clone, Default)]
pub struct Interval {
    /// How long each answer took, in nanoseconds.
    pub latencies: Vec<Moment>,
    /// How many calls were not done, or have an unknown outcome.
    pub errors: u64,
    /// The answers that no contract has.
    pub unexpected: Vec<String>,
    /// What was done to the service.
    pub faults: Vec<String>,
}

impl Recorder {
    /// Records a history.
    #[must_use]
    pub fn of_history() -> Self {
        Self { began: Instant::now(), keeps: true, log: Mutex::default() }
    }

    /// Records only what the last moments were like, and so takes no more memory over time.
    #[must_use]
    pub fn of_moments() -> Self {
        Self { keeps: false, ..Self::of_history() }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment::try_from(self.began.elapsed().as_nanos()).unwrap_or(Moment::MAX)
    }

    /// Writes down that a client is about to send a call; returns its number. Until it ends its outcome is unknown.
    pub fn begin(&self, client: u32, call: Call) -> Number {
        let mut log = self.log();
        let number = log.next;
        log.next += 1;
        let outcome = Outcome::Unknown("no answer by the end of the run".to_owned());
        // The clock is read last: nothing was sent before.
        let invoked = self.now();
        log.operations.insert(number, Operation { client, call, invoked, ended: Moment::MAX, outcome });
        number
    }

    /// Writes down what came of a call.
    pub fn end(&self, number: Number, outcome: Outcome) -> Option<Operation> {
        // The clock is read first: everything was read before.
        let ended = self.now();
        let mut log = self.log();
        if self.keeps {
            let operation = log.operations.get_mut(&number)?;
            (operation.ended, operation.outcome) = (ended, outcome);
            return Some(operation.clone());
        }
        let operation = Operation { ended, outcome, ..log.operations.remove(&number)? };
        log.recent.add(&operation);
        Some(operation)
    }

    /// Writes down what was done to the service.
    pub fn note_fault(&self, what: &str) {
        let now = self.now();
        let mut log = self.log();
        if self.keeps {
            log.faults.push((now, what.to_owned()));
        } else {
            log.recent.faults.push(what.to_owned());
        }
    }

    /// How many calls were sent.
    pub fn count(&self) -> usize {
        usize::try_from(self.log().next).unwrap_or(usize::MAX)
    }

    /// What ended since this was asked last.
    pub fn drain(&self) -> Interval {
        std::mem::take(&mut self.log().recent)
    }

    /// The history so far.
    pub fn history(&self, hold_back: Option<Moment>) -> History {
        let now = self.now();
        let log = self.log();
        let mut operations: Vec<_> = log.operations.values().cloned().collect();
        for operation in &mut operations {
            operation.ended = operation.ended.min(now);
        }
        History { operations, hold_back, faults: log.faults.clone() }
    }
}

impl Interval {
    fn add(&mut self, operation: &Operation) {
        match &operation.outcome {
            Outcome::Unknown(_) | Outcome::NotDone(_) => self.errors += 1,
            Outcome::Unexpected(what) => self.unexpected.push(what.clone()),
            Outcome::Created(..)
            | Outcome::Changed(_)
            | Outcome::Read(_)
            | Outcome::Unmodified(_)
            | Outcome::Deleted
            | Outcome::Page(_)
            | Outcome::Version(_)
            | Outcome::Versions { .. }
            | Outcome::Events { .. }
            | Outcome::NotFound
            | Outcome::Exists
            | Outcome::Conflict
            | Outcome::PreconditionFailed => self.latencies.push(operation.ended.saturating_sub(operation.invoked)),
        }
    }
}
