//! Counts what became of the payments while a load runs, and reports it at the end.

use super::retry::StopReason;
use crate::entry::SourceLocation;
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How many differing and how many refused payments are named. Further ones are only counted, so that memory stays flat
/// and the report readable.
const MAX_NAMED: usize = 100;

/// The outcome for one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LoadOutcome {
    /// The load has created it.
    Created,
    /// The service had an equal payment of its id.
    Present,
    /// The service had another payment of its id, which stays. Names what differs.
    Differing(Vec<String>),
    /// The payment is not in the service. Says why.
    Refused(String),
    /// The payment is of another organisation than the one that is loaded.
    LeftOut,
}

/// A payment of the source that the service does not have, or has in another form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnloadedPayment {
    /// Where it stands in the source.
    pub location: SourceLocation,
    /// Its id, if that could be read.
    pub id: Option<String>,
    /// The members that differ, or why the payment was refused.
    pub reason: String,
}

/// The counters of a load that is running; all workers share them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    created: AtomicU64,
    present: AtomicU64,
    differing: AtomicU64,
    refused: AtomicU64,
    left_out: AtomicU64,
    position: AtomicU64,
    unloaded: Mutex<Unloaded>,
}

#[derive(Debug, Default)]
struct Unloaded {
    differing: Vec<UnloadedPayment>,
    refused: Vec<UnloadedPayment>,
}

/// How many payments had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Created by this load.
    pub created: u64,
    /// In the service before, and equal.
    pub present: u64,
    /// In the service before, and different; they stay as they are.
    pub differing: u64,
    /// Not in the service.
    pub refused: u64,
    /// Of other organisations than the one that is loaded.
    pub left_out: u64,
}

impl Counts {
    /// The sum of all outcomes.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.created + self.present + self.differing + self.refused + self.left_out
    }
}

impl Tally {
    pub(super) fn record(&self, location: SourceLocation, id: Option<String>, outcome: LoadOutcome) {
        let (count, reason) = match outcome {
            LoadOutcome::Created => (&self.created, None),
            LoadOutcome::Present => (&self.present, None),
            LoadOutcome::Differing(members) => (&self.differing, Some((true, members.join(", ")))),
            LoadOutcome::Refused(reason) => (&self.refused, Some((false, reason))),
            LoadOutcome::LeftOut => (&self.left_out, None),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some((differs, reason)) = reason {
            let mut unloaded = self.unloaded.lock().unwrap_or_else(PoisonError::into_inner);
            let list = if differs { &mut unloaded.differing } else { &mut unloaded.refused };
            if list.len() < MAX_NAMED {
                list.push(UnloadedPayment { location, id, reason });
            }
        }
    }

    /// Records that the source has been worked off up to `position`.
    pub(super) fn advance_to(&self, position: u64) {
        self.position.fetch_max(position, Ordering::Relaxed);
    }

    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    pub(super) fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            created: read(&self.created),
            present: read(&self.present),
            differing: read(&self.differing),
            refused: read(&self.refused),
            left_out: read(&self.left_out),
        }
    }

    pub(super) fn report(
        &self,
        unreadable: Option<(SourceLocation, String)>,
        stopped: Option<StopReason>,
        elapsed: Duration,
    ) -> LoadReport {
        let unloaded = std::mem::take(&mut *self.unloaded.lock().unwrap_or_else(PoisonError::into_inner));
        let Unloaded { mut differing, mut refused } = unloaded;
        differing.sort();
        refused.sort();
        LoadReport { counts: self.counts(), differing, refused, unreadable, stopped, elapsed }
    }
}

/// The result of a load. Its `Display` is the summary that `payments seed` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadReport {
    /// How many payments had which outcome.
    pub counts: Counts,
    /// The first hundred differing payments, in the order of the source. Their reason is what differs.
    pub differing: Vec<UnloadedPayment>,
    /// The first hundred refused payments, in the order of the source.
    pub refused: Vec<UnloadedPayment>,
    /// Where the source became unreadable, and why.
    pub unreadable: Option<(SourceLocation, String)>,
    /// Why the load stopped before its end.
    pub stopped: Option<StopReason>,
    /// How long the load took.
    pub elapsed: Duration,
}

impl LoadReport {
    /// Whether the service has every payment of the source, as the source has it.
    #[must_use]
    pub fn complete(&self) -> bool {
        let Counts { created: _, present: _, differing, refused, left_out: _ } = self.counts;
        differing == 0 && refused == 0 && self.unreadable.is_none() && self.stopped.is_none()
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, differing, refused, unreadable, stopped, elapsed } = self;
        list(f, "differing, and left as they are", counts.differing, differing)?;
        list(f, "refused", counts.refused, refused)?;
        if let Some((location, reason)) = unreadable {
            writeln!(f, "{location}: {reason}; what follows was not read")?;
        }
        let Counts { created, present, differing, refused, left_out } = counts;
        write!(f, "{} payments in {}: ", thousands(counts.all()), human_duration(*elapsed))?;
        write!(
            f,
            "{} created, {} present, {} differing, {} refused",
            thousands(*created),
            thousands(*present),
            thousands(*differing),
            thousands(*refused)
        )?;
        if *left_out > 0 {
            write!(f, ", {} of other organisations left out", thousands(*left_out))?;
        }
        match stopped {
            None => Ok(()),
            Some(StopReason::Requested) => write!(
                f,
                "\nstopped before the end. To go on, run the same command again: payments that are there already count as present"
            ),
            Some(StopReason::Unusable(reason)) => write!(f, "\nstopped: {reason}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, count: u64, payments: &[UnloadedPayment]) -> fmt::Result {
    if count > 0 {
        writeln!(f, "{title}:")?;
    }
    for UnloadedPayment { location, id, reason } in payments {
        match id {
            Some(id) => writeln!(f, "  {location}: {id}: {reason}")?,
            None => writeln!(f, "  {location}: {reason}")?,
        }
    }
    match count - payments.len() as u64 {
        0 => Ok(()),
        more => writeln!(f, "  and {} more", thousands(more)),
    }
}

/// Formats 1234567 as `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a time in one or two units: `3.0 s`, `36 s`, `2 min 5 s`, `3 h 20 min`.
pub(super) fn human_duration(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
