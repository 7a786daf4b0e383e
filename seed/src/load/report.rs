//! What has been done so far, and in the end.

use super::calls::Halt;
use crate::read::Place;
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How many payments of a kind are named one by one. The rest are counted: memory stays flat, and so does patience.
const NAMED: usize = 100;

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there now.
    Created,
    /// It was there, and is equal.
    Present,
    /// Another one of its name was there, and still is; what differs.
    Differing(Vec<String>),
    /// It is not there; why.
    Refused(String),
}

/// A payment that is not there as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Where it comes from.
    pub place: Place,
    /// Its id, if it could be read.
    pub id: Option<String>,
    /// What is the matter.
    pub reason: String,
}

/// The count while it goes on.
#[derive(Debug, Default)]
pub(super) struct Tally {
    created: AtomicU64,
    present: AtomicU64,
    differing: AtomicU64,
    refused: AtomicU64,
    position: AtomicU64,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
struct Notes {
    differing: Vec<Note>,
    refused: Vec<Note>,
}

/// What the count is at some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Made by this load.
    pub created: u64,
    /// There before, and equal.
    pub present: u64,
    /// There before, and not equal; left as they are.
    pub differing: u64,
    /// Not there.
    pub refused: u64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.created + self.present + self.differing + self.refused
    }
}

impl Tally {
    pub(super) fn note(&self, place: Place, id: Option<String>, outcome: Outcome) {
        let (count, reason) = match outcome {
            Outcome::Created => (&self.created, None),
            Outcome::Present => (&self.present, None),
            Outcome::Differing(what) => (&self.differing, Some((true, what.join(", ")))),
            Outcome::Refused(reason) => (&self.refused, Some((false, reason))),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some((differs, reason)) = reason {
            let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            let notes = if differs { &mut notes.differing } else { &mut notes.refused };
            if notes.len() < NAMED {
                notes.push(Note { place, id, reason });
            }
        }
    }

    /// The source has been worked through up to here.
    pub(super) fn reached(&self, position: u64) {
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
        }
    }

    pub(super) fn report(&self, broken: Option<(Place, String)>, halt: Option<Halt>, took: Duration) -> Report {
        let notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        let Notes { mut differing, mut refused } = notes;
        differing.sort();
        refused.sort();
        Report { counts: self.counts(), differing, refused, broken, halt, took }
    }
}

/// What a load came to. Its `Display` is the summary for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many of each kind there are.
    pub counts: Counts,
    /// Payments that were there and differ, the first hundred, in order; the reason is what differs.
    pub differing: Vec<Note>,
    /// Payments that are not there, the first hundred, in order.
    pub refused: Vec<Note>,
    /// Where the source could not be read any further, and why.
    pub broken: Option<(Place, String)>,
    /// Why the load stopped before its end.
    pub halt: Option<Halt>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Whether every payment of the source is there as the source has it.
    #[must_use]
    pub fn complete(&self) -> bool {
        let Counts { created: _, present: _, differing, refused } = self.counts;
        differing == 0 && refused == 0 && self.broken.is_none() && self.halt.is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, differing, refused, broken, halt, took } = self;
        list(f, "differing, and left as they are", counts.differing, differing)?;
        list(f, "refused", counts.refused, refused)?;
        if let Some((place, reason)) = broken {
            writeln!(f, "{place}: {reason}; what follows was not read")?;
        }
        let Counts { created, present, differing, refused } = counts;
        write!(f, "{} payments in {}: ", thousands(counts.all()), seconds(*took))?;
        write!(
            f,
            "{} created, {} present, {} differing, {} refused",
            thousands(*created),
            thousands(*present),
            thousands(*differing),
            thousands(*refused)
        )?;
        match halt {
            None => Ok(()),
            Some(Halt::Told) => write!(
                f,
                "\nstopped before the end. To go on, run the same command again: it counts what is there as present"
            ),
            Some(Halt::Useless(why)) => write!(f, "\nstopped: {why}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, count: u64, notes: &[Note]) -> fmt::Result {
    if count > 0 {
        writeln!(f, "{title}:")?;
    }
    for Note { place, id, reason } in notes {
        match id {
            Some(id) => writeln!(f, "  {place}: {id}: {reason}")?,
            None => writeln!(f, "  {place}: {reason}")?,
        }
    }
    match count - notes.len() as u64 {
        0 => Ok(()),
        more => writeln!(f, "  and {} more", thousands(more)),
    }
}

/// 1234567 as `1,234,567`.
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

/// A time as people say it.
pub(super) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
