//! Measures the service against bare axum, side by side in one run: `make bench`. README.md explains the results.

#![allow(clippy::float_arithmetic, clippy::print_stdout, reason = "the program computes and prints figures")]

mod footprint;
mod instructions;
mod load;
mod measure;
mod page;
mod report;
mod runner;
mod server;
mod stores;
mod streams;
mod traffic;
mod workloads;

use clap::Parser;
use std::{
    error::Error,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

/// The core that servers run on.
const SERVER_CORE: &str = "0";
/// The core that the load, and everything else, runs on.
const LOAD_CORE: &str = "1";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures the service against bare axum.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Runs few short rounds: enough to see the effect of a change, not to publish.
    #[arg(long)]
    quick: bool,

    /// Only workloads whose name and store contain this, such as "file" or "GET hot"; may be given several times.
    /// "footprint" selects memory, start and size, "streams" what streams of events cost.
    #[arg(long)]
    only: Vec<String>,

    /// How many rounds each side runs.
    #[arg(long)]
    rounds: Option<usize>,

    /// How long each round lasts, in seconds.
    #[arg(long)]
    seconds: Option<f64>,

    /// The program to measure.
    #[arg(long, default_value = "target/release/payments")]
    service: PathBuf,

    /// Another build of the service, such as the one before a change, as the baseline instead of axum. Many short rounds
    /// show even a change that is smaller than the noise of the machine.
    #[arg(long)]
    before: Option<PathBuf>,

    /// The program of bare axum.
    #[arg(long, default_value = "target/release/ceiling")]
    ceiling: PathBuf,

    /// Counts the instructions of each request with callgrind instead of measuring time, and compares them with this file.
    #[arg(long)]
    instructions: Option<PathBuf>,

    /// The folder for results and stores.
    #[arg(long, default_value = "target/bench")]
    directory: PathBuf,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.to_lowercase().contains(&part.to_lowercase()))
    }
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the benchmark failed, and its figures are void: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    std::fs::create_dir_all(&options.directory)?;
    let pid = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["--cpu-list", "--pid", LOAD_CORE, &pid]).stdout(Stdio::null()).status();
    if !pinned.is_ok_and(|status| status.success()) {
        return Err(format!(
            "cannot pin the load to core {LOAD_CORE} with taskset: install util-linux, on a Linux machine with two cores"
        )
        .into());
    }
    if let Some(file) = &options.instructions {
        return instructions::run(options, file);
    }
    let mut report = report::BenchReport::new(options)?;
    runner::run(options, &mut report)?;
    if options.wants("footprint") {
        report.footprint = Some(footprint::measure(options)?);
    }
    if options.wants("streams") {
        report.streams = Some(streams::measure(options)?);
    }
    report.finish(&options.directory)?;
    let page = options.directory.join("index.html");
    std::fs::write(&page, page::render(&report))?;
    print!("\n{}", report.table());
    println!("\nas a page: {}", page.display());
    Ok(())
}
