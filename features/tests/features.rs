//! Runs the features as a test binary: for `cargo test`, and for `make bdd`.

#![allow(clippy::expect_used, reason = "a test that cannot start has failed")]

use features::{Terminal, options::Options, run};
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("cargo sets a folder within the target directory");
    let options = match Options::parse(std::env::args().skip(1), target.join("bdd")) {
        Ok(options) => options,
        Err(error) => error.exit(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    ExitCode::from(runtime.block_on(run(&options, Terminal::stdout())))
}
