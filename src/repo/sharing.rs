//! Callers that wait for the same read, and share it (single flight).
//!
//! A caller joins those that already wait for the same, as long as their read has not begun. One that comes later has it read
//! again, because payments may have changed since: what a caller gets is never older than its call.

use crate::payments::Error;
use crate::repo::turn;
use crate::repo::waiters::Waiter;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The callers that wait for reads that have not begun, by what they want.
#[derive(Debug)]
pub(super) struct Sharing<K, T>(Mutex<Waiting<K, T>>);

#[derive(Debug)]
struct Waiting<K, T> {
    by_key: HashMap<K, Batch<T>>,
    /// How many batches there were.
    batches: u64,
}

/// Callers that share a read.
#[derive(Debug)]
struct Batch<T> {
    /// Tells the batch from an earlier one of the same key, whose read has begun.
    number: u64,
    waiters: Vec<Waiter<T>>,
}

impl<K: Eq + Hash + Clone, T> Sharing<K, T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Waiting { by_key: HashMap::new(), batches: 0 }))
    }

    /// Waits for what is read for `key`. Calls `start` if the caller is the first that waits for it: then a task has to read
    /// it, and answer those that it [takes](Self::take). `None` if that task ended without an answer.
    pub(super) async fn wait(&self, key: &K, start: impl FnOnce()) -> Option<Result<T, Error>> {
        let (waiter, answer) = oneshot::channel();
        let (batch, is_first) = self.join(key, waiter);
        if is_first {
            start();
        }
        let is_queued = || self.lock().by_key.get(key).is_some_and(|waiting| waiting.number == batch);
        turn::wait(answer, is_queued).await.ok()
    }

    /// Adds a caller. Returns the number of its batch, and whether it is the first.
    fn join(&self, key: &K, waiter: Waiter<T>) -> (u64, bool) {
        let mut waiting = self.lock();
        let Waiting { by_key, batches } = &mut *waiting;
        let batch = by_key.entry(key.clone()).or_insert_with(|| {
            *batches += 1;
            Batch { number: *batches, waiters: Vec::new() }
        });
        batch.waiters.push(waiter);
        (batch.number, batch.waiters.len() == 1)
    }

    /// Takes the callers that wait for `key`, as a read does when it begins. Later callers start a read of their own.
    pub(super) fn take(&self, key: &K) -> Vec<Waiter<T>> {
        self.lock().by_key.remove(key).map(|batch| batch.waiters).unwrap_or_default()
    }

    /// How many callers wait for reads that have not begun.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().by_key.values().map(|batch| batch.waiters.len()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<K, T>> {
        // A poisoned lock is fine: nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
