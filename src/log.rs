//! Where log lines go: to standard output, for people on a terminal, one JSON object a line elsewhere.

mod json;
mod spool;

use json::Json;
use spool::Spool;
pub(crate) use spool::Writing;
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Writes logs to standard output; `RUST_LOG` chooses which. What is waiting is written when the result is dropped.
pub(crate) fn start() -> Writing {
    let filter =
        EnvFilter::builder().with_default_directive(tracing::level_filters::LevelFilter::INFO.into()).from_env_lossy();
    let (spool, writing) = Spool::start(io::stdout());
    let lines = if io::stdout().is_terminal() {
        tracing_subscriber::fmt::layer().with_target(false).with_writer(move || spool.clone()).boxed()
    } else {
        Json(spool).boxed()
    };
    tracing_subscriber::registry().with(lines).with(filter).init();
    writing
}
