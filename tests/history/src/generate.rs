//! Chooses what a client asks for next: few payments, many clients on each, and versions that are often just outdated.
//!
//! The seed decides every choice of every client. What the clients know when they choose depends on how the service
//! answered, so two runs of one seed are alike, and not the same.

use crate::model::{Call, Condition, Entry, Follow, History, Id, Kind, Operation, Outcome, Place, ReadCondition};
use fastrand::Rng;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many deleted payments are still asked for.
const REMEMBERED: usize = 12;
/// How many cursors of events are kept, for walks that begin there.
const BOOKMARKS: usize = 40;

/// How often each kind of call is chosen, by weight.
const fn weight(kind: Kind) -> u32 {
    match kind {
        Kind::Create => 8,
        Kind::Read => 30,
        Kind::Replace => 16,
        Kind::JsonPatch | Kind::MergePatch => 10,
        Kind::Delete => 4,
        Kind::List => 8,
        Kind::PastVersion => 4,
        Kind::PastVersions => 3,
        // Some clients do nothing else.
        Kind::Events => 1,
        Kind::Stream => 0,
    }
}

/// What the clients know together.
#[derive(Debug)]
pub struct Board {
    known: Mutex<Known>,
    /// How many payments there should be.
    payments: usize,
    /// What the ids begin with.
    prefix: String,
}

#[derive(Debug, Default)]
struct Known {
    /// The payments that are there as far as anybody knows, with the last version that anybody saw.
    alive: BTreeMap<Id, u64>,
    /// The payments that were deleted last.
    dead: VecDeque<Id>,
    /// How many ids were invented.
    invented: u32,
    walks: u32,
    /// Cursors of events, and where each leads to.
    bookmarks: Vec<(String, Place)>,
}

impl Board {
    /// An empty board, for so many payments at a time.
    #[must_use]
    pub fn new(payments: usize, prefix: &str) -> Self {
        Self { known: Mutex::default(), payments, prefix: prefix.to_owned() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new walk.
    pub fn new_walk(&self) -> u32 {
        let mut known = self.known();
        known.walks += 1;
        known.walks
    }

    /// Keeps a cursor of events in place of another one.
    pub fn keep_bookmark(&self, rng: &mut Rng, cursor: &str, place: &Place) {
        let bookmarks = &mut self.known().bookmarks;
        let kept = (cursor.to_owned(), place.clone());
        let index = rng.usize(..bookmarks.len().saturating_add(1).min(BOOKMARKS));
        match bookmarks.get_mut(index) {
            Some(bookmark) => {
                let before = std::mem::replace(bookmark, kept);
                if bookmarks.len() < BOOKMARKS {
                    bookmarks.push(before);
                }
            }
            None => bookmarks.push(kept),
        }
    }

    /// A cursor that was kept.
    pub fn bookmark(&self, rng: &mut Rng) -> Option<(String, Place)> {
        let known = self.known();
        known.bookmarks.get(rng_index(rng, known.bookmarks.len())).cloned()
    }

    /// Every payment that a history names, or shows.
    #[must_use]
    pub fn all_ids(history: &History) -> Vec<Id> {
        let mut ids: Vec<Id> = Vec::new();
        for operation in &history.operations {
            ids.extend(operation.id().cloned());
            if let Outcome::Page(entries) = &operation.outcome {
                ids.extend(entries.iter().map(|entry| entry.id.clone()));
            }
            if let Outcome::Events { events, .. } = &operation.outcome {
                ids.extend(events.iter().map(|event| event.id.clone()));
            }
        }
        ids.sort();
        ids.dedup();
        ids
    }

    /// Learns from what came of a call.
    pub fn learn(&self, operation: &Operation) {
        let mut known = self.known();
        match (&operation.outcome, operation.id()) {
            (Outcome::Created(_, seen) | Outcome::Changed(seen) | Outcome::Read(seen), Some(id)) => {
                known.see(id, seen.version);
            }
            (Outcome::Unmodified(version), Some(id)) => known.see(id, *version),
            (Outcome::Deleted, Some(id)) => known.bury(id),
            (Outcome::NotFound, Some(id)) if known.alive.contains_key(id) => known.bury(id),
            (Outcome::Page(entries), _) => {
                for Entry { id, seen } in entries {
                    known.see(id, seen.version);
                }
            }
            _ => {}
        }
    }

    /// Chooses a call; for a list, the first page of a new walk.
    pub fn choose(&self, rng: &mut Rng) -> Call {
        let mut known = self.known();
        if known.alive.len() < self.payments && rng.u32(..100) < 30 {
            return known.create(rng, &self.prefix);
        }
        let kind = choose_kind(rng);
        let id = known.choose_id(rng, &self.prefix);
        let version = known.choose_version(rng, &id);
        let condition = match rng.u32(..3) {
            0 => Condition::Any,
            1 => Condition::IfMatch(version),
            _ => Condition::Version(version),
        };
        match kind {
            // More of them would only make the walks longer.
            Kind::Create if known.alive.len() > self.payments.saturating_mul(2) => Call::Delete { id, condition },
            Kind::Create => known.create(rng, &self.prefix),
            Kind::Read => Call::Read {
                id,
                condition: match rng.u32(..10) {
                    0..=5 => ReadCondition::Any,
                    6..=8 => ReadCondition::IfNoneMatch(version),
                    _ => ReadCondition::IfMatch(version),
                },
            },
            Kind::Replace => {
                let if_match = (rng.u32(..3) == 0).then(|| known.choose_version(rng, &id));
                Call::Replace { id, version, if_match }
            }
            Kind::JsonPatch => Call::JsonPatch { id, condition },
            Kind::MergePatch => Call::MergePatch { id, condition },
            Kind::Delete => Call::Delete { id, condition },
            Kind::List => {
                known.walks += 1;
                Call::List { walk: known.walks, page: 0 }
            }
            Kind::PastVersion => {
                let version = if rng.bool() { version } else { rng.u64(..=version) };
                Call::PastVersion { id, version }
            }
            Kind::PastVersions => Call::PastVersions { id, below: None },
            Kind::Events | Kind::Stream => {
                known.walks += 1;
                Call::Events(Follow { walk: known.walks, part: 0, from: Place::Beginning })
            }
        }
    }
}

fn choose_kind(rng: &mut Rng) -> Kind {
    let total: u32 = Kind::ALL.iter().map(|kind| weight(*kind)).sum();
    let mut left = rng.u32(..total);
    for kind in Kind::ALL {
        match left.checked_sub(weight(kind)) {
            Some(rest) => left = rest,
            None => return kind,
        }
    }
    Kind::Read
}

impl Known {
    fn see(&mut self, id: &Id, version: u64) {
        if self.dead.contains(id) {
            return;
        }
        let known = self.alive.entry(id.clone()).or_insert(version);
        *known = version.max(*known);
    }

    fn bury(&mut self, id: &Id) {
        self.alive.remove(id);
        self.dead.push_back(id.clone());
        while self.dead.len() > REMEMBERED {
            self.dead.pop_front();
        }
    }

    /// A creation: mostly of a new id, which several clients may choose at once; sometimes of one that is or was in use.
    fn create(&mut self, rng: &mut Rng, prefix: &str) -> Call {
        match rng.u32(..10) {
            0 => Call::Create { id: None },
            1 if !self.alive.is_empty() || !self.dead.is_empty() => {
                Call::Create { id: Some(self.choose_used(rng, prefix)) }
            }
            2 => Call::Create { id: Some(self.newest(prefix)) },
            _ => {
                self.invented += 1;
                Call::Create { id: Some(self.newest(prefix)) }
            }
        }
    }

    fn newest(&self, prefix: &str) -> Id {
        format!("{prefix}{}", self.invented).into()
    }

    fn choose_used(&self, rng: &mut Rng, prefix: &str) -> Id {
        let (dead, alive) = (rng_index(rng, self.dead.len()), rng_index(rng, self.alive.len()));
        let id = if rng.bool() { self.dead.get(dead) } else { self.alive.keys().nth(alive) };
        id.cloned().unwrap_or_else(|| self.newest(prefix))
    }

    fn choose_id(&self, rng: &mut Rng, prefix: &str) -> Id {
        match rng.u32(..100) {
            0..=5 => self.newest(prefix),
            6..=15 if !self.dead.is_empty() => {
                let id = self.dead.get(rng_index(rng, self.dead.len()));
                id.cloned().unwrap_or_else(|| self.newest(prefix))
            }
            _ => {
                let id = self.alive.keys().nth(rng_index(rng, self.alive.len()));
                id.cloned().unwrap_or_else(|| self.newest(prefix))
            }
        }
    }

    /// Mostly the last version that anybody saw; sometimes an older one, seldom one that is not there yet.
    fn choose_version(&self, rng: &mut Rng, id: &Id) -> u64 {
        let version = self.alive.get(id).copied().unwrap_or_default();
        match rng.u32(..20) {
            0..=1 => version.saturating_sub(1),
            2 => version.saturating_add(1),
            _ => version,
        }
    }
}

fn rng_index(rng: &mut Rng, length: usize) -> usize {
    rng.usize(..length.max(1))
}
