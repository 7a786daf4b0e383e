//! How far it has come: a bar on a terminal, a line now and then elsewhere.

use super::report::{Counts, seconds, thousands};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::Write, time::Duration};

/// How much there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    /// So many payments.
    Payments(u64),
    /// So many bytes of a file.
    Bytes(u64),
    /// Nobody knows.
    Unknown,
}

/// What there is to show at some moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Moment {
    pub(super) counts: Counts,
    pub(super) position: u64,
    pub(super) trouble: Option<String>,
    pub(super) elapsed: Duration,
}

/// Where it is shown.
pub enum ProgressOutput {
    /// A bar on standard error, which is a terminal.
    Bar,
    /// Lines for a log: one every so often, and one when there is trouble.
    Lines {
        /// Where they go.
        to: Box<dyn Write + Send>,
        /// How often.
        every: Duration,
    },
}

/// Shows it.
pub(super) enum Progress {
    Bar { bar: ProgressBar, total: Total },
    Lines { to: Box<dyn Write + Send>, every: Duration, next: Duration, trouble: bool, total: Total },
}

/// How often to look.
pub(super) const TICK: Duration = Duration::from_millis(100);

impl Progress {
    pub(super) fn new(output: ProgressOutput, total: Total) -> Self {
        match output {
            ProgressOutput::Lines { to, every } => Self::Lines { to, every, next: every, trouble: false, total },
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

    pub(super) fn show(&mut self, moment: &Moment) {
        match self {
            Self::Bar { bar, total } => {
                bar.set_position(moment.position);
                bar.set_message(line(*total, moment));
                bar.tick();
            }
            Self::Lines { to, every, next, trouble, total } => {
                let new_trouble = moment.trouble.is_some() && !*trouble;
                *trouble = moment.trouble.is_some();
                if new_trouble || moment.elapsed >= *next {
                    *next = moment.elapsed + *every;
                    // Whoever does not want to read need not.
                    let _ = writeln!(to, "{}", line(*total, moment)).and_then(|()| to.flush());
                }
            }
        }
    }

    pub(super) fn end(self) {
        match self {
            Self::Bar { bar, .. } => bar.finish_and_clear(),
            Self::Lines { .. } => {}
        }
    }
}

/// How far it has come, in one line.
fn line(total: Total, moment: &Moment) -> String {
    let Moment { counts, position, trouble, elapsed } = moment;
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
        parts.push(format!("{} to go", seconds(Duration::from_secs(left.as_secs().max(1)))));
    }
    for (count, name) in [(counts.present, "present"), (counts.differing, "differing"), (counts.refused, "refused")] {
        if count > 0 {
            parts.push(format!("{} {name}", thousands(count)));
        }
    }
    parts.extend(trouble.clone());
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Moment, Total, line};
    use crate::load::report::Counts;
    use std::time::Duration;

    fn moment(done: u64, position: u64, seconds: u64) -> Moment {
        let counts = Counts { created: done, ..Counts::default() };
        Moment { counts, position, trouble: None, elapsed: Duration::from_secs(seconds) }
    }

    #[test]
    fn says_how_fast_it_is_and_how_long_it_will_take() {
        assert_eq!(
            line(Total::Payments(100_000), &moment(12_000, 12_000, 5)),
            "12,000 of 100,000 payments, 2,400 a second, 36 s to go"
        );
        assert_eq!(
            line(Total::Bytes(4_000_000), &moment(500, 1_000_000, 1)),
            "500 payments, 25% of the file, 500 a second, 3.0 s to go"
        );
        assert_eq!(line(Total::Unknown, &moment(500, 1_000_000, 1)), "500 payments, 500 a second");
    }

    #[test]
    fn says_what_is_the_matter() {
        let counts = Counts { created: 1, present: 2000, differing: 3, refused: 4 };
        let trouble = Some("connection refused".to_owned());
        let moment = Moment { counts, position: 0, trouble, elapsed: Duration::ZERO };
        assert_eq!(
            line(Total::Payments(9000), &moment),
            "2,008 of 9,000 payments, 2,008,000 a second, 2,000 present, 3 differing, 4 refused, connection refused"
        );
    }
}
