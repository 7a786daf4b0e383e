//! Tells a trend from noise.
//!
//! A run begins with what grows once: caches fill, pools open their connections, the write-ahead log reaches the size at which
//! it is written over. So the first quarter does not count. The median of the last quarter is compared with that of the second:
//! a median does not see single seconds with a fault in them, however bad they are. It grew if it is larger by more than the
//! margin, which is the larger of a share of what it was, and of an amount below which nobody cares.
//!
//! A leak of any constant rate is found by a run that is long enough: between the middles of the two quarters lies half of
//! the run. A run of 20 minutes finds what grows by the margin in 10.

/// How much larger a series may be at the end without having grown: the larger of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margin {
    /// A share of what it was, in percent.
    pub(super) percent: u64,
    /// An amount, in the unit of the series.
    pub(super) least: u64,
}

/// What was measured every second.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) values: Vec<u64>,
    /// None if the series may do as it likes.
    pub(super) margin: Option<Margin>,
}

impl Series {
    /// The median of the second quarter: what it was once the run had settled.
    pub(super) fn settled(&self) -> u64 {
        median(self.quarter(1))
    }

    /// The median of the last quarter.
    pub(super) fn at_end(&self) -> u64 {
        median(self.quarter(3))
    }

    /// The most that the median of the last quarter may be.
    pub(super) fn limit(&self) -> Option<u64> {
        let settled = self.settled();
        let Margin { percent, least } = self.margin?;
        Some(settled.saturating_add(least.max(settled.saturating_mul(percent) / 100)))
    }

    /// Whether it has grown and should not.
    pub(super) fn grows(&self) -> bool {
        self.limit().is_some_and(|limit| self.at_end() > limit)
    }

    /// What became of it, in words.
    pub(super) fn verdict(&self) -> String {
        let Self { name, unit, .. } = self;
        let (settled, end) = (self.settled(), self.at_end());
        let space = if unit.is_empty() { "" } else { " " };
        let medians =
            format!("{name}: {settled}{space}{unit} in the second quarter, {end}{space}{unit} in the last (medians)");
        match self.limit() {
            Some(limit) if end > limit => format!("GROWS  {medians}; at most {limit}{space}{unit} would be noise"),
            Some(_) => format!("steady {medians}"),
            None => format!("       {medians}"),
        }
    }

    fn quarter(&self, index: usize) -> &[u64] {
        let length = self.values.len() / 4;
        self.values.get(length * index..length * (index + 1)).unwrap_or_default()
    }
}

/// The median; 0 if there is nothing.
fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Margin, Series};

    fn series(values: impl IntoIterator<Item = u64>) -> Series {
        let values = values.into_iter().collect();
        Series { name: "memory", unit: "KiB", values, margin: Some(Margin { percent: 10, least: 500 }) }
    }

    /// A second in which something went wrong, now and then.
    fn noise(second: u64) -> u64 {
        if second % 9 == 4 { 90_000 } else { second * 7_919 % 400 }
    }

    #[test]
    fn noise_is_no_trend() {
        let steady = series((0..400).map(|second| 10_000 + noise(second)));
        assert!(!steady.grows(), "{}", steady.verdict());
        assert!(steady.verdict().starts_with("steady memory"), "{}", steady.verdict());
    }

    #[test]
    fn what_grows_throughout_is_found_in_the_noise() {
        let leak = series((0..400).map(|second| 10_000 + second * 6 + noise(second)));
        assert!(leak.grows(), "{}", leak.verdict());
        assert!(leak.verdict().starts_with("GROWS  memory"), "{}", leak.verdict());
    }

    #[test]
    fn what_grows_in_the_beginning_has_settled() {
        let warm = series((0..400).map(|second| 10_000 + second.min(90) * 50 + noise(second)));
        assert!(!warm.grows(), "{}", warm.verdict());
    }

    #[test]
    fn little_of_little_is_noise() {
        assert!(!series(0..400).grows(), "400 more is less than anybody cares about");
        assert!(series((0..400).map(|second| second * 3)).grows());
    }

    #[test]
    fn a_series_without_a_margin_may_do_as_it_likes() {
        let free = Series { margin: None, ..series((0..400).map(|second| second * 1_000)) };
        assert!(!free.grows(), "{}", free.verdict());
    }
}
