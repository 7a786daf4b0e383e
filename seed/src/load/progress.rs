//! Shows the progress of a load: a bar on a terminal, a line now and then elsewhere.

use super::report::{Counts, human_duration, thousands};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::Write, time::Duration};

/// The size of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    /// A number of payments.
    Payments(u64),
    /// A number of bytes of a file.
    Bytes(u64),
    /// The source is a pipe.
    Unknown,
}

/// The progress of a load at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct ProgressSnapshot {
    pub(super) counts: Counts,
    /// In the unit of the [`Total`].
    pub(super) position: u64,
    pub(super) last_error: Option<String>,
    pub(super) elapsed: Duration,
}

/// Where progress is shown.
pub enum ProgressOutput {
    /// A bar on standard error, which is a terminal.
    Bar,
    /// Lines for a log: one per interval, and one when an error begins.
    Lines {
        /// Where the lines are written.
        to: Box<dyn Write + Send>,
        /// The interval.
        every: Duration,
    },
}

/// Shows snapshots on a [`ProgressOutput`].
pub(super) enum Progress {
    Bar { bar: ProgressBar, total: Total },
    Lines { to: Box<dyn Write + Send>, every: Duration, next: Duration, failing: bool, total: Total },
}

/// How often the progress is refreshed.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_millis(100);

impl Progress {
    pub(super) fn new(output: ProgressOutput, total: Total) -> Self {
        match output {
            ProgressOutput::Lines { to, every } => Self::Lines { to, every, next: every, failing: false, total },
            ProgressOutput::Bar => {
                let length = match total {
                    Total::Payments(length) | Total::Bytes(length) => Some(length),
                    Total::Unknown => None,
                };
                let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
                let template = if length.is_some() { "{bar:24} {percent:>3}%  {msg}" } else { "{spinner} {msg}" };
                bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
                Self::Bar { bar, total }
            }
        }
    }

    pub(super) fn show(&mut self, snapshot: &ProgressSnapshot) {
        match self {
            Self::Bar { bar, total } => {
                bar.set_position(snapshot.position);
                bar.set_message(line(*total, snapshot));
                bar.tick();
            }
            Self::Lines { to, every, next, failing, total } => {
                let began_to_fail = snapshot.last_error.is_some() && !*failing;
                *failing = snapshot.last_error.is_some();
                if began_to_fail || snapshot.elapsed >= *next {
                    *next = snapshot.elapsed + *every;
                    // A closed log must not stop the load.
                    let _ = writeln!(to, "{}", line(*total, snapshot)).and_then(|()| to.flush());
                }
            }
        }
    }

    pub(super) fn finish(self) {
        match self {
            Self::Bar { bar, .. } => bar.finish_and_clear(),
            Self::Lines { .. } => {}
        }
    }
}

/// The snapshot in one line.
fn line(total: Total, snapshot: &ProgressSnapshot) -> String {
    let ProgressSnapshot { counts, position, last_error, elapsed } = snapshot;
    let (done, millis) = (counts.all(), elapsed.as_millis());
    let mut parts = vec![match total {
        Total::Payments(count) => format!("{} of {} payments", thousands(done), thousands(count)),
        Total::Bytes(bytes) => {
            let percent = u128::from(*position) * 100 / u128::from(bytes.max(1));
            format!("{} payments, {percent}% of the file", thousands(done))
        }
        Total::Unknown => format!("{} payments", thousands(done)),
    }];
    let rate = u128::from(done) * 1000 / millis.max(1);
    parts.push(format!("{} a second", thousands(u64::try_from(rate).unwrap_or(u64::MAX))));
    let left = match total {
        Total::Payments(all) | Total::Bytes(all) => all.saturating_sub(*position),
        Total::Unknown => 0,
    };
    if left > 0 && *position > 0 {
        let millis = millis * u128::from(left) / u128::from(*position);
        let left = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
        parts.push(format!("{} to go", human_duration(Duration::from_secs(left.as_secs().max(1)))));
    }
    for (count, name) in [(counts.present, "present"), (counts.differing, "differing"), (counts.refused, "refused")] {
        if count > 0 {
            parts.push(format!("{} {name}", thousands(count)));
        }
    }
    parts.extend(last_error.clone());
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{ProgressSnapshot, Total, line};
    use crate::load::report::Counts;
    use std::time::Duration;

    fn snapshot(done: u64, position: u64, seconds: u64) -> ProgressSnapshot {
        let counts = Counts { created: done, ..Counts::default() };
        ProgressSnapshot { counts, position, last_error: None, elapsed: Duration::from_secs(seconds) }
    }

    #[test]
    fn the_line_shows_the_rate_and_the_time_left() {
        assert_eq!(
            line(Total::Payments(100_000), &snapshot(12_000, 12_000, 5)),
            "12,000 of 100,000 payments, 2,400 a second, 36 s to go"
        );
        assert_eq!(
            line(Total::Bytes(4_000_000), &snapshot(500, 1_000_000, 1)),
            "500 payments, 25% of the file, 500 a second, 3.0 s to go"
        );
        assert_eq!(line(Total::Unknown, &snapshot(500, 1_000_000, 1)), "500 payments, 500 a second");
    }

    #[test]
    fn the_line_shows_what_was_not_created_and_the_last_error() {
        let counts = Counts { created: 1, present: 2000, differing: 3, refused: 4, left_out: 0 };
        let last_error = Some("connection refused".to_owned());
        let snapshot = ProgressSnapshot { counts, position: 0, last_error, elapsed: Duration::ZERO };
        assert_eq!(
            line(Total::Payments(9000), &snapshot),
            "2,008 of 9,000 payments, 2,008,000 a second, 2,000 present, 3 differing, 4 refused, connection refused"
        );
    }
}
