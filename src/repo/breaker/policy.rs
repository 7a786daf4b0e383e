//! When a circuit opens, and for how long.

use std::time::Duration;

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct TripPolicy {
    /// How many failures in a row open it.
    pub failures: u32,
    /// How long a call may take before it counts as a failure. The time that it waits for its turn does not count.
    pub slow: Duration,
    /// How long the circuit stays open before a probe is let through.
    pub pause: Duration,
}

impl TripPolicy {
    /// For a store that answers in milliseconds. `Retry-After` promises the same pause.
    pub const DEFAULT: Self = Self { failures: 5, slow: Duration::from_secs(5), pause: Duration::from_secs(1) };
}
