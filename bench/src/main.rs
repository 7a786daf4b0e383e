//! Measures the service against bare axum, side by side in one run. `make bench` calls it; README.md tells how to read
//! what comes of it.

#![allow(clippy::float_arithmetic, clippy::print_stdout, reason = "figures are what this program is for")]

mod footprint;
mod load;
mod measure;
mod page;
mod report;
mod server;
mod stores;
mod traffic;
mod workloads;

use clap::Parser;
use std::{
    error::Error,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

/// The core that servers run on; all else runs on another.
const SERVER_CORE: &str = "0";
/// The core for the load.
const LOAD_CORE: &str = "1";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures the service against bare axum.
#[derive(Debug, Parser)]
struct Options {
    /// Short rounds, and few of them: enough to see what a change does, not to write down.
    #[arg(long)]
    quick: bool,

    /// Only the workloads whose name has this in it, such as "file" or "GET hot"; may be given again. "footprint" stands
    /// for memory, start and size.
    #[arg(long)]
    only: Vec<String>,

    /// How many rounds each side plays.
    #[arg(long)]
    rounds: Option<usize>,

    /// How long each round lasts, in seconds.
    #[arg(long)]
    seconds: Option<f64>,

    /// The program to measure.
    #[arg(long, default_value = "target/release/payments")]
    service: PathBuf,

    /// Another build of the service, such as the one before a change. It takes the place of bare axum: a change that is
    /// smaller than what the machine wavers by shows in many short rounds.
    #[arg(long)]
    before: Option<PathBuf>,

    /// The bare one.
    #[arg(long, default_value = "target/release/ceiling")]
    ceiling: PathBuf,

    /// Where results and stores are kept.
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
            eprintln!("the benchmark is void: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    std::fs::create_dir_all(&options.directory)?;
    let ourselves = std::process::id().to_string();
    let pinned =
        Command::new("taskset").args(["--cpu-list", "--pid", LOAD_CORE, &ourselves]).stdout(Stdio::null()).status();
    if !pinned.is_ok_and(|status| status.success()) {
        return Err(format!(
            "taskset (of util-linux) cannot pin us to core {LOAD_CORE}; this takes Linux and two cores"
        )
        .into());
    }
    let mut report = report::Report::new(options)?;
    workloads::run(options, &mut report)?;
    if options.wants("footprint") {
        report.footprint = Some(footprint::measure(options)?);
    }
    report.write(&options.directory)?;
    print!("\n{}", report.table());
    println!("\nas a page: {}", options.directory.join("index.html").display());
    Ok(())
}
