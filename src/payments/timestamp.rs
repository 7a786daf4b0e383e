//! Moments, as precise as every store keeps them.

use chrono::{DateTime, SubsecRound, Utc};

/// A moment in UTC, to the microsecond.
///
/// Finer digits are cut off where a moment enters the domain. PostgreSQL and SQLite keep microseconds, so what a write
/// returns is what a read returns later, and no store has to remember that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// The time by the clock of this machine.
    #[must_use]
    pub fn now() -> Self {
        Utc::now().into()
    }

    /// The moment this many microseconds after 1970-01-01T00:00:00Z, or `None` if no calendar reaches so far.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The moment as chrono has it.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// Cuts off what is finer than a microsecond.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.trunc_subsecs(6))
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use chrono::DateTime;
    use proptest::prelude::*;

    #[test]
    fn digits_beyond_the_microsecond_are_cut_off() {
        let fine = DateTime::from_timestamp_nanos(1_999_999);
        assert_eq!(Timestamp::from(fine), Timestamp::from_micros(1_999).unwrap());
    }

    proptest! {
        #[test]
        fn microseconds_come_back_as_they_were(micros in -10_000_000_000_000_000_i64..300_000_000_000_000_000) {
            prop_assert_eq!(Timestamp::from_micros(micros).unwrap().micros(), micros);
        }
    }
}
