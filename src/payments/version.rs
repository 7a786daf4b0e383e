//! The versions of payments.

use super::BrokenRule;

/// How often a payment was changed: 0 when it is created, one more with each change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(i64);

impl Version {
    /// The version of every payment that was never changed.
    pub const FIRST: Self = Self(0);

    /// Reads a version.
    ///
    /// # Errors
    /// When `number` is negative.
    pub fn parse(number: i64) -> Result<Self, BrokenRule> {
        if number < 0 {
            return Err(BrokenRule("must not be negative"));
        }
        Ok(Self(number))
    }

    /// The version after this one; none after the last that a signed 64-bit integer can count.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The version as a number.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_count_from_zero() {
        assert_eq!(Version::parse(0), Ok(Version::FIRST));
        for number in [0, 1, 7, i64::MAX] {
            let version = Version::parse(number).unwrap();
            assert_eq!((version.number(), version.to_string()), (number, number.to_string()));
        }
        for number in [-1, i64::MIN] {
            assert!(Version::parse(number).is_err(), "{number} is no version");
        }
    }
}
