//! Where log lines go: to standard output, for people on a terminal, one JSON object a line elsewhere.

mod json;
mod spool;

use json::Json;
use spool::Spool;
pub(crate) use spool::Writing;
use std::{
    env,
    io::{self, IsTerminal},
};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer,
    filter::{ParseError, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The variable that chooses which lines are written, such as `warn,payments=debug`.
const FILTER: &str = "RUST_LOG";

/// Writes logs to standard output; `RUST_LOG` chooses which. What is waiting is written when the result is dropped.
pub(crate) fn start() -> Writing {
    let (spool, writing) = Spool::start(io::stdout());
    let lines = if io::stdout().is_terminal() {
        tracing_subscriber::fmt::layer().with_target(false).with_writer(move || spool.clone()).boxed()
    } else {
        Json(spool).boxed()
    };
    let filter = filter(env::var(FILTER).ok().as_deref());
    let unread = filter.as_ref().err().map(ToString::to_string);
    tracing_subscriber::registry().with(lines).with(filter.unwrap_or_else(|_| usual())).init();
    if let Some(error) = unread {
        tracing::warn!(error, "{FILTER} cannot be read, and is passed over; a good one is warn,payments=debug");
    }
    writing
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
