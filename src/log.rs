//! Where log lines go: to standard output, for people on a terminal, one JSON object a line elsewhere.

mod json;
mod spool;

use json::Json;
use spool::Spool;
pub(crate) use spool::Writing;
use std::io::{self, IsTerminal};

/// Writes logs to standard output; `RUST_LOG` chooses which. What is waiting is written when the result is dropped.
pub(crate) fn start() -> Writing {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .from_env_lossy();
    let (spool, writing) = Spool::start(io::stdout());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || spool.clone());
    if io::stdout().is_terminal() {
        subscriber.with_target(false).init();
    } else {
        subscriber.event_format(Json).fmt_fields(json::NoFields).init();
    }
    writing
}
