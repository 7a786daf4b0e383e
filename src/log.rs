//! Logging to standard output: readable text on a terminal, one JSON object a line elsewhere.
//!
//! Occasional events go through `tracing`. The line of every request takes a shorter way, [`write`].

mod json;
mod spool;

use json::JsonLayer;
pub use spool::FlushGuard;
use spool::Spool;
use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal},
    sync::OnceLock,
    time::SystemTime,
};
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::{ParseError, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The environment variable that filters lines, such as `warn,payments=debug`.
const FILTER: &str = "RUST_LOG";

/// The spool of JSON lines; not set while lines are text.
static JSON_SPOOL: OnceLock<Spool> = OnceLock::new();

/// Starts logging; `RUST_LOG` filters. Dropping the guard flushes the lines that are still buffered.
#[must_use]
pub fn start() -> FlushGuard {
    let (spool, guard) = Spool::start(io::stdout());
    let layer = if io::stdout().is_terminal() {
        tracing_subscriber::fmt::layer().with_target(false).with_writer(move || spool.clone()).boxed()
    } else {
        // A second call, which does not happen, would keep the first spool.
        let spool = JSON_SPOOL.get_or_init(|| spool);
        JsonLayer(spool.clone()).boxed()
    };
    let filter = filter(env::var(FILTER).ok().as_deref());
    let invalid = filter.as_ref().err().map(ToString::to_string);
    tracing_subscriber::registry().with(layer).with(filter.unwrap_or_else(|_| default_filter())).init();
    if let Some(error) = invalid {
        tracing::warn!(error, "{FILTER} is invalid and was ignored; a valid one is warn,payments=debug");
    }
    guard
}

/// Writes the fields of an event. Names need no escapes.
pub(crate) trait Fields {
    fn text(&mut self, name: &'static str, value: &str);
    /// Text that is known to have no quotes, backslashes or control characters.
    fn unescaped(&mut self, name: &'static str, value: &str);
    fn number(&mut self, name: &'static str, value: u64);
    fn boolean(&mut self, name: &'static str, value: bool);
}

/// Writes an event of level INFO past `tracing`, in the form that `tracing` events have. The caller has applied the
/// filter.
///
/// `tracing` makes a virtual call for every field, which is measurable on an event of every request
/// (`docs/PERFORMANCE.md`).
///
/// While lines are text, returns the text instead, which the caller logs through `tracing`.
pub(crate) fn write(
    target: &'static str,
    time: SystemTime,
    message: &'static str,
    event: &impl Event,
) -> Option<String> {
    let Some(spool) = JSON_SPOOL.get() else {
        let mut text = TextFields(message.to_owned());
        event.record(&mut text);
        return Some(text.0);
    };
    let record = |members: &mut json::Members<'_>| {
        members.unescaped("message", message);
        event.record(members);
        members.unescaped("target", target);
    };
    json::write_line(Level::INFO, time, record, |line| spool.push(line));
    None
}

/// An event that [`write`] can log.
pub(crate) trait Event {
    fn record(&self, fields: &mut impl Fields);
}

/// Writes fields as `tracing-subscriber` does.
struct TextFields(String);

impl Fields for TextFields {
    fn text(&mut self, name: &'static str, value: &str) {
        // Infallible: the target is a string.
        let _ = write!(self.0, " {name}={value:?}");
    }

    fn unescaped(&mut self, name: &'static str, value: &str) {
        self.text(name, value);
    }

    fn number(&mut self, name: &'static str, value: u64) {
        let _ = write!(self.0, " {name}={value}");
    }

    fn boolean(&mut self, name: &'static str, value: bool) {
        let _ = write!(self.0, " {name}={value}");
    }
}

/// Parses a filter by level and target. Filters by span are not supported: there are no spans, and they would take a
/// library for regular expressions.
fn filter(directives: Option<&str>) -> Result<Targets, ParseError> {
    // The parser takes blanks and empty directives for targets, so they are removed.
    let directives = directives.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let directives = directives.collect::<Vec<_>>().join(",");
    if directives.is_empty() { Ok(default_filter()) } else { directives.parse() }
}

fn default_filter() -> Targets {
    Targets::new().with_default(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::filter;
    use tracing::Level;

    #[test]
    fn filters_by_level_and_target() {
        for (directives, info, own_debug) in [
            (None, true, false),
            (Some(""), true, false),
            (Some("warn"), false, false),
            (Some("warn,payments=debug"), false, true),
            (Some(" warn , payments=debug,"), false, true),
            (Some("info,"), true, false),
            (Some("trace"), true, true),
        ] {
            let filter = filter(directives).unwrap();
            assert_eq!(filter.would_enable("sqlx", &Level::INFO), info, "{directives:?}");
            assert_eq!(filter.would_enable("payments::app", &Level::DEBUG), own_debug, "{directives:?}");
        }
        assert!(filter(Some("payments=loud")).is_err());
    }
}
