//! Counts of what happened, for metrics.

use crate::{FetchError, InvalidToken, error::Claim};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// What has happened since the start, and what is held now. Labels are few and fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// How often keys were fetched, by outcome: `ok`, or [`FetchError::label`].
    pub fetches: Vec<(&'static str, u64)>,
    /// How often a token was judged, by outcome: `recalled`, `verified`, `no_keys`, or [`InvalidToken::label`].
    pub verifications: Vec<(&'static str, u64)>,
    /// The keys that tokens are verified with.
    pub keys: usize,
    /// The time since they were fetched.
    pub keys_age: Option<Duration>,
    /// The tokens that are remembered.
    pub remembered: usize,
}

/// Counters by label.
#[derive(Debug)]
pub(crate) struct Counters(Vec<(&'static str, AtomicU64)>);

impl Counters {
    fn new(labels: impl IntoIterator<Item = &'static str>) -> Self {
        let mut counters: Vec<(&'static str, AtomicU64)> = Vec::new();
        for label in labels {
            if counters.iter().all(|(known, _)| *known != label) {
                counters.push((label, AtomicU64::new(0)));
            }
        }
        Self(counters)
    }

    /// The outcomes of fetches.
    pub(crate) fn of_fetches() -> Self {
        Self::new(std::iter::once("ok").chain(FetchError::LABELS))
    }

    /// The outcomes of verifications. The first is the one that is counted most.
    pub(crate) fn of_verifications() -> Self {
        Self::new(["recalled", "verified", "no_keys"].into_iter().chain(REASONS.map(InvalidToken::label)))
    }

    pub(crate) fn count(&self, label: &str) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == label) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self) -> Vec<(&'static str, u64)> {
        self.0.iter().map(|(label, counter)| (*label, counter.load(Ordering::Relaxed))).collect()
    }
}

/// Every reason, so that a metric is 0 rather than absent.
const REASONS: [InvalidToken; 15] = [
    InvalidToken::TooLong,
    InvalidToken::Malformed,
    InvalidToken::Algorithm,
    InvalidToken::Type,
    InvalidToken::Critical,
    InvalidToken::UnknownKey,
    InvalidToken::AmbiguousKey,
    InvalidToken::KeyMismatch,
    InvalidToken::Signature,
    InvalidToken::Missing(Claim::Expiry),
    InvalidToken::WrongType(Claim::Expiry),
    InvalidToken::Issuer,
    InvalidToken::Audience,
    InvalidToken::Expired,
    InvalidToken::NotYetValid,
];
