//! Tokens that were verified a short time ago, so that most requests check no signature.
//!
//! A client sends the same token for minutes, while a signature takes 30 to 80 µs to check, and ES384 0.8 ms. So the token is the key to
//! its [`Caller`], in a map that is bounded in bytes.
//!
//! The whole token is kept and compared, after a keyed hash that takes a tenth of the time of SHA-256. Neither can be
//! steered: only tokens that the issuer signed get in, and the key of the hash is drawn at the start. Comparing takes the same
//! time for every token that is not here, because its hash differs. A program that could read the tokens in this memory could read
//! them in the requests as well.
//!
//! An entry is good for one generation of keys. A check that began with keys that are gone by its end leaves an entry that
//! is never found, whichever of both came first.

use crate::Caller;
use quick_cache::{Weighter, sync::Cache};
use std::sync::Arc;

/// How much is remembered, in bytes: 10,000 tokens or so.
const CAPACITY: u64 = 16 << 20;
/// How long at most, in seconds. An issuer that revokes a token revokes it in no way that we hear of; this is no answer to
/// that, but bounds how long a change of our own rules could be missed.
const LONGEST: i64 = 5 * 60;
/// The entry beside its texts: the map, its key, the counts of the reference.
const OVERHEAD: usize = 128;

/// Verified tokens.
#[derive(Debug)]
pub(crate) struct Memory(Cache<Box<str>, Remembered, Weight>);

#[derive(Debug, Clone)]
struct Remembered {
    caller: Arc<Caller>,
    /// In seconds since 1970.
    until: i64,
    generation: u64,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<str>, Remembered> for Weight {
    fn weight(&self, token: &Box<str>, remembered: &Remembered) -> u64 {
        (OVERHEAD + token.len() + remembered.caller.size()) as u64
    }
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self(Cache::with_weighter(8 << 10, CAPACITY, Weight))
    }

    /// The caller, if the token was verified with the keys of this generation, and is valid at `now`.
    pub(crate) fn recall(&self, token: &str, generation: u64, now: i64) -> Option<Arc<Caller>> {
        let remembered = self.0.get(token)?;
        (remembered.generation == generation && now < remembered.until).then_some(remembered.caller)
    }

    /// Remembers a token that is valid until `end`, and was verified at `now` with the keys of this generation.
    pub(crate) fn insert(&self, token: &str, caller: &Arc<Caller>, generation: u64, now: i64, end: i64) {
        let until = end.min(now.saturating_add(LONGEST));
        self.0.insert(token.into(), Remembered { caller: Arc::clone(caller), until, generation });
    }

    /// Gives the memory back.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{CAPACITY, LONGEST, Memory};
    use crate::Caller;
    use std::sync::Arc;

    const NOW: i64 = 1_800_000_000;

    fn caller() -> Arc<Caller> {
        Arc::new(Caller::new("alice", None, Some("acme"), "payments:read"))
    }

    #[test]
    fn a_token_is_remembered_until_it_ends_and_for_five_minutes_at_most() {
        let memory = Memory::new();
        for (end, until) in [(NOW + 10, NOW + 10), (NOW + 3600, NOW + LONGEST), (i64::MAX, NOW + LONGEST)] {
            memory.insert("token", &caller(), 1, NOW, end);
            assert_eq!(memory.recall("token", 1, until - 1), Some(caller()), "end {end}");
            assert_eq!(memory.recall("token", 1, until), None, "end {end}");
        }
        assert_eq!(memory.recall("toke", 1, NOW), None);
        assert_eq!(memory.recall("token ", 1, NOW), None);
    }

    #[test]
    fn a_token_of_other_keys_is_not_found() {
        let memory = Memory::new();
        memory.insert("token", &caller(), 1, NOW, NOW + 60);
        assert_eq!(memory.recall("token", 2, NOW), None, "the key may be gone");
        memory.insert("token", &caller(), 2, NOW, NOW + 60);
        assert_eq!(memory.recall("token", 2, NOW), Some(caller()));
    }

    #[test]
    fn memory_is_bounded_however_long_tokens_are() {
        let memory = Memory::new();
        for number in 0..6000 {
            memory.insert(&format!("{number}{}", "x".repeat(8000)), &caller(), 1, NOW, NOW + 60);
        }
        assert!(memory.0.weight() <= CAPACITY, "{} bytes are remembered", memory.0.weight());
        assert!(memory.len() < 2500, "{} tokens of 8 KB are remembered", memory.len());
        for number in 0..100_000 {
            memory.insert(&number.to_string(), &caller(), 1, NOW, NOW + 60);
        }
        assert!(memory.0.weight() <= CAPACITY, "{} bytes are remembered", memory.0.weight());
        assert!(memory.len() < 80_000, "{} short tokens are remembered", memory.len());
        memory.clear();
        assert_eq!(memory.len(), 0);
    }
}
