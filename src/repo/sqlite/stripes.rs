//! Counters that tell whether a payment may have changed since it was read.
//!
//! Payments share counters by the hash of their keys (lock striping). So a payment may look changed because another one was;
//! a changed payment never looks unchanged.

use crate::repo::key::KeyRef;
use quick_cache::DefaultHashBuilder;
use std::{
    hash::BuildHasher,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many counters there are.
const STRIPES: usize = 1024;

/// The counters of all payments.
#[derive(Debug)]
pub(super) struct Stripes {
    stripes: Box<[Mutex<Stripe>]>,
    hasher: DefaultHashBuilder,
}

/// The changes of the payments that share a stripe.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Stripe {
    /// How many changes have ever begun.
    begun: u64,
    /// How many of them are under way.
    under_way: u64,
}

/// The state of a stripe before a payment was read.
#[derive(Debug)]
pub(super) struct Token {
    stripe: usize,
    /// `None` if a change was under way: the read may have found the version before it.
    begun: Option<u64>,
}

impl Stripes {
    pub(super) fn new() -> Self {
        let stripes = (0..STRIPES).map(|_| Mutex::default()).collect();
        Self { stripes, hasher: DefaultHashBuilder::default() }
    }

    /// A token for a payment that is about to be read.
    pub(super) fn token(&self, key: KeyRef<'_>) -> Token {
        let stripe = self.index(key);
        let begun = self.lock(stripe).and_then(|stripe| (stripe.under_way == 0).then_some(stripe.begun));
        Token { stripe, begun }
    }

    /// Runs `then` if no change of the payment has begun since the token was taken. None begins before `then` is done.
    pub(super) fn if_unchanged(&self, token: &Token, then: impl FnOnce()) {
        let Some(stripe) = self.lock(token.stripe) else { return };
        if token.begun == Some(stripe.begun) {
            then();
        }
    }

    /// Begins a change of the payment, and runs `then` before any reader can notice. Returns what [`end`](Self::end) wants.
    pub(super) fn begin(&self, key: KeyRef<'_>, then: impl FnOnce()) -> usize {
        let index = self.index(key);
        if let Some(mut stripe) = self.lock(index) {
            stripe.begin();
            then();
        }
        index
    }

    /// Begins a change of all payments.
    pub(super) fn begin_all(&self) -> Vec<usize> {
        let begin = |index| {
            if let Some(mut stripe) = self.lock(index) {
                stripe.begin();
            }
            index
        };
        (0..self.stripes.len()).map(begin).collect()
    }

    /// Ends a change.
    pub(super) fn end(&self, index: usize) {
        if let Some(mut stripe) = self.lock(index) {
            stripe.under_way -= 1;
        }
    }

    fn index(&self, key: KeyRef<'_>) -> usize {
        // The remainder is below the number of stripes.
        (self.hasher.hash_one(key) % STRIPES as u64) as usize
    }

    fn lock(&self, index: usize) -> Option<MutexGuard<'_, Stripe>> {
        // A poisoned lock is fine: nothing panics between the changes of the two numbers.
        Some(self.stripes.get(index)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Stripe {
    fn begin(&mut self) {
        self.begun += 1;
        self.under_way += 1;
    }
}
