//! Where log lines go: to standard output, for people on a terminal, one JSON object a line elsewhere.
//!
//! What is logged now and then is an event of `tracing`. What is logged of every request takes a shorter way, [`write`].

mod json;
mod spool;

use json::Json;
use spool::Spool;
pub use spool::Writing;
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

/// The variable that chooses which lines are written, such as `warn,payments=debug`.
const FILTER: &str = "RUST_LOG";

/// Where lines of JSON go, if lines are JSON.
static LINES: OnceLock<Spool> = OnceLock::new();

/// Writes logs to standard output; `RUST_LOG` chooses which. What is waiting is written when the result is dropped.
#[must_use]
pub fn start() -> Writing {
    let (spool, writing) = Spool::start(io::stdout());
    let lines = if io::stdout().is_terminal() {
        tracing_subscriber::fmt::layer().with_target(false).with_writer(move || spool.clone()).boxed()
    } else {
        // Nobody starts twice; the first would go on.
        let spool = LINES.get_or_init(|| spool);
        Json(spool.clone()).boxed()
    };
    let filter = filter(env::var(FILTER).ok().as_deref());
    let unread = filter.as_ref().err().map(ToString::to_string);
    tracing_subscriber::registry().with(lines).with(filter.unwrap_or_else(|_| usual())).init();
    if let Some(error) = unread {
        tracing::warn!(error, "{FILTER} cannot be read, and is passed over; a good one is warn,payments=debug");
    }
    writing
}

/// What an event says, field by field. Names need no escapes.
pub(crate) trait Fields {
    fn text(&mut self, name: &'static str, value: &str);
    /// Text of which is known that it has neither quotes nor backslashes nor control characters.
    fn word(&mut self, name: &'static str, value: &str);
    fn number(&mut self, name: &'static str, value: u64);
    fn truth(&mut self, name: &'static str, value: bool);
}

/// An event that is logged so often that its way through `tracing`, where every field is a call by pointer, would be felt
/// (`bench/README.md`). It says the same, in the same form; and `RUST_LOG` has been asked before.
///
/// Where lines are for people, it is not written, and what it says is returned: the caller has `tracing` do it, which takes the
/// name of a module from where it is called.
pub(crate) fn write(
    target: &'static str,
    time: SystemTime,
    message: &'static str,
    event: &impl Event,
) -> Option<String> {
    let Some(spool) = LINES.get() else {
        let mut plain = Plain(message.to_owned());
        event.say(&mut plain);
        return Some(plain.0);
    };
    let members = |members: &mut json::Members<'_>| {
        members.word("message", message);
        event.say(members);
        members.word("target", target);
    };
    json::line(Level::INFO, time, members, |line| spool.take(line));
    None
}

/// Something that can be logged.
pub(crate) trait Event {
    fn say(&self, fields: &mut impl Fields);
}

/// Fields as `tracing-subscriber` shows them.
struct Plain(String);

impl Fields for Plain {
    fn text(&mut self, name: &'static str, value: &str) {
        // Writing to a string never fails.
        let _ = write!(self.0, " {name}={value:?}");
    }

    fn word(&mut self, name: &'static str, value: &str) {
        self.text(name, value);
    }

    fn number(&mut self, name: &'static str, value: u64) {
        let _ = write!(self.0, " {name}={value}");
    }

    fn truth(&mut self, name: &'static str, value: bool) {
        let _ = write!(self.0, " {name}={value}");
    }
}

/// By level and by target. We have no spans, and to choose by them would take a library for regular expressions.
fn filter(chosen: Option<&str>) -> Result<Targets, ParseError> {
    // Nothing between two commas, or a space behind one, would be taken for something else.
    let parts = chosen.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty());
    let chosen = parts.collect::<Vec<_>>().join(",");
    if chosen.is_empty() { Ok(usual()) } else { chosen.parse() }
}

fn usual() -> Targets {
    Targets::new().with_default(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::filter;
    use tracing::Level;

    #[test]
    fn lines_are_chosen_by_level_and_target() {
        for (chosen, info, debug_of_ours) in [
            (None, true, false),
            (Some(""), true, false),
            (Some("warn"), false, false),
            (Some("warn,payments=debug"), false, true),
            (Some(" warn , payments=debug,"), false, true),
            (Some("info,"), true, false),
            (Some("trace"), true, true),
        ] {
            let filter = filter(chosen).unwrap();
            assert_eq!(filter.would_enable("sqlx", &Level::INFO), info, "{chosen:?}");
            assert_eq!(filter.would_enable("payments::app", &Level::DEBUG), debug_of_ours, "{chosen:?}");
        }
        assert!(filter(Some("payments=loud")).is_err());
    }
}
