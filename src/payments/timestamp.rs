//! Moments, as precise as every store keeps them.

use chrono::{DateTime, SubsecRound, Utc};
use std::time::SystemTime;

/// A moment in UTC, to the microsecond.
///
/// Finer digits are cut off where a moment enters the domain. PostgreSQL and SQLite keep microseconds, so what a write
/// returns is what a read returns later, and no store has to remember that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// The last moment that RFC 3339, and so the contract, can write: 9999-12-31T23:59:59.999999Z.
    pub const LAST: Self = match DateTime::from_timestamp_micros(253_402_300_799_999_999) {
        Some(last) => Self(last),
        None => Self::UNIX_EPOCH,
    };

    /// The time by the clock of this machine.
    #[must_use]
    pub fn now() -> Self {
        Self::by_clock(SystemTime::now())
    }

    /// The time by a clock, which may be wrong: what is before 1970 becomes [`UNIX_EPOCH`](Self::UNIX_EPOCH), and what is
    /// after the year 9999 becomes [`LAST`](Self::LAST).
    #[must_use]
    pub fn by_clock(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).ok();
        micros.and_then(Self::from_micros).map_or(Self::LAST, |time| time.min(Self::LAST))
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
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_clock_that_is_wrong_shows_a_time_that_can_be_written() {
        let year = Duration::from_secs(31_556_952);
        let now = SystemTime::now();
        assert_eq!(Timestamp::by_clock(now), Timestamp::from(DateTime::<Utc>::from(now)));
        let epoch = SystemTime::UNIX_EPOCH;
        for (time, shown) in [
            (epoch.checked_sub(Duration::from_nanos(1)), Timestamp::UNIX_EPOCH),
            (epoch.checked_sub(year * 100), Timestamp::UNIX_EPOCH),
            (epoch.checked_add(Duration::from_nanos(1_999)), Timestamp::from_micros(1).unwrap()),
            (
                epoch.checked_add(Duration::from_secs(253_402_300_799)),
                Timestamp::from_micros(253_402_300_799_000_000).unwrap(),
            ),
            (epoch.checked_add(Duration::from_secs(253_402_300_800)), Timestamp::LAST),
            (epoch.checked_add(year * 9_000), Timestamp::LAST),
            (epoch.checked_add(year * 290_000), Timestamp::LAST),
            (epoch.checked_add(Duration::from_secs(9_000_000_000_000_000_000)), Timestamp::LAST),
        ] {
            let time = time.expect("the system's clock reaches so far");
            assert_eq!(Timestamp::by_clock(time), shown, "{time:?}");
        }
        assert_eq!(Timestamp::LAST.to_utc().to_rfc3339(), "9999-12-31T23:59:59.999999+00:00");
    }

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
