//! The features, as a test program: `cargo test` runs it, and so does `make bdd`.

#![allow(clippy::expect_used, reason = "a test that cannot begin has failed")]

use features::{Terminal, options::Options, run};
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target directory");
    let options = match Options::parse(std::env::args().skip(1), target.join("bdd")) {
        Ok(options) => options,
        Err(error) => error.exit(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    ExitCode::from(runtime.block_on(run(&options, Terminal::stdout())))
}
