//! The time of day and randomness, which tests replace.

use ring::rand::{SecureRandom, SystemRandom};
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Tells the time of day, to which the claims of a token are compared. How long ago keys were fetched is measured by
/// `tokio::time`, which no change of the clock disturbs.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that `now` reads.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since 1970, as tokens count them. Before 1970 it is 0, when no token is valid yet.
    pub(crate) fn unix_time(&self) -> i64 {
        let since = (self.0)().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }
}

/// The clock of this machine.
impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Draws the numbers that spread fetches in time, so that replicas do not ask the issuer all at once.
#[derive(Clone)]
pub struct Random(Arc<dyn Fn() -> u32 + Send + Sync>);

impl Random {
    /// Randomness that `draw` gives: any number of 32 bits, each as likely as the others.
    pub fn new(draw: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(draw))
    }

    /// A number from `least` to `most`.
    pub(crate) fn between(&self, least: u32, most: u32) -> u32 {
        let span = u64::from(most.saturating_sub(least)) + 1;
        let drawn = (u64::from((self.0)()) * span) >> 32;
        least.saturating_add(u32::try_from(drawn).unwrap_or_default())
    }
}

/// The randomness of this machine.
impl Default for Random {
    fn default() -> Self {
        let system = SystemRandom::new();
        Self::new(move || {
            let mut bytes = [0; 4];
            // Without randomness the fetches are not spread, and nothing else is lost.
            let _ = system.fill(&mut bytes);
            u32::from_ne_bytes(bytes)
        })
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn random_numbers_reach_both_ends_and_no_further() {
        for (drawn, expected) in [(0, 900), (u32::MAX, 1100), (u32::MAX / 2, 1000)] {
            assert_eq!(Random::new(move || drawn).between(900, 1100), expected, "{drawn} was drawn");
        }
        let system = Random::default();
        let drawn: Vec<_> = (0..100).map(|_| system.between(900, 1100)).collect();
        assert!(drawn.iter().all(|number| (900..=1100).contains(number)), "{drawn:?}");
        assert!(drawn.iter().any(|number| *number != drawn[0]), "the system draws the same always: {drawn:?}");
    }
}
