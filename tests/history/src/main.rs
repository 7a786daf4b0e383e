//! `history check` looks for histories that cannot be, `history soak` for what grows that should not.

#![allow(clippy::print_stdout, reason = "the program tells people what it does")]

use clap::{Args, Parser, Subcommand};
use history::{
    clock,
    rounds::Round,
    run::Settings,
    soak::Soak,
    system::{StoreKind, Subject},
};
use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};
use test_support::Program;

/// Where pages go.
const FOLDER: &str = "target/history";

/// Proves by recorded histories that the service keeps its promises.
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs clients and faults, round after round, and checks each history.
    Check(CheckOptions),
    /// Uses the service for long, and watches what grows.
    Soak(SoakOptions),
    /// Serves as `payments serve` does, with a clock that `--clock FILE` shifts: what the rounds with jumping clocks test.
    #[command(hide = true)]
    Serve {
        /// The options of `payments serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
struct SoakOptions {
    /// The program under test.
    #[arg(long, default_value = "target/debug/payments")]
    program: PathBuf,

    /// How many minutes it takes.
    #[arg(long, default_value_t = 20)]
    minutes: u64,

    /// Decides what clients choose, and which faults come when.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// The store: memory, file or postgres.
    #[arg(long, default_value_t = StoreKind::File)]
    store: StoreKind,

    /// How many replicas over PostgreSQL.
    #[arg(long, default_value_t = 1)]
    replicas: usize,
}

#[derive(Debug, Args)]
struct CheckOptions {
    /// The program under test.
    #[arg(long, default_value = "target/debug/payments")]
    program: PathBuf,

    /// How many minutes the rounds take together.
    #[arg(long, default_value_t = 3)]
    minutes: u64,

    /// How many seconds each round takes, beside its start and its end.
    #[arg(long, default_value_t = 20)]
    round_seconds: u64,

    /// The seed of the first round; each next one has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// The store: memory, file or postgres. All of them take turns if none is named.
    #[arg(long)]
    store: Option<StoreKind>,

    /// How many replicas over PostgreSQL; two and three take turns if it is not said.
    #[arg(long)]
    replicas: Option<usize>,

    /// How many clients there are.
    #[arg(long, default_value_t = 8)]
    clients: u32,

    /// How many payments there are at a time.
    #[arg(long, default_value_t = 6)]
    payments: usize,

    /// Whether clocks jump; rounds with and without take turns if it is not said.
    #[arg(long)]
    clocks: Option<bool>,
}

impl CheckOptions {
    /// The stores that take turns, each with its replicas, and whether their clocks jump.
    fn turns(&self) -> Vec<(StoreKind, usize, bool)> {
        let stores = [(StoreKind::File, 1), (StoreKind::Postgres, 2), (StoreKind::Memory, 1), (StoreKind::Postgres, 3)];
        let mut turns = Vec::new();
        for jump in [false, true] {
            for (turn, (store, replicas)) in stores.into_iter().enumerate() {
                let replicas = if store == StoreKind::Postgres { self.replicas.unwrap_or(replicas) } else { 1 };
                turns.push((store, replicas, self.clocks.unwrap_or((turn % 2 == 1) != jump)));
            }
        }
        turns.retain(|(store, ..)| self.store.is_none_or(|only| only == *store));
        turns
    }
}

/// The program at this path. `Program` wants a path that lives as long as the process, which ends with this run.
fn program(path: &Path) -> Result<Program, String> {
    if !path.exists() {
        return Err(format!("{} is not there: `make check-history` and `make soak` build it first", path.display()));
    }
    Ok(Program::at(Box::leak(path.display().to_string().into_boxed_str())))
}

async fn check(options: &CheckOptions) -> Result<(), String> {
    let payments = Subject::payments(program(&options.program)?);
    let own = std::env::current_exe().map_err(|error| format!("this program has no path: {error}"))?;
    let history = Subject::history(program(&own)?);
    let until = Instant::now() + Duration::from_secs(options.minutes * 60);
    let (mut all, mut events, mut shown, mut rounds) = (0, 0, 0, 0);
    for ((store, replicas, jumps), seed) in options.turns().into_iter().cycle().zip(options.seed..) {
        let left = until.saturating_duration_since(Instant::now());
        if left < Duration::from_secs(1) {
            break;
        }
        let duration = Duration::from_secs(options.round_seconds).min(left);
        let settings =
            Settings { clients: options.clients, payments: options.payments, ..Settings::new(seed, duration) };
        let round = Round::new(store, replicas, settings);
        let subject = if jumps { history } else { payments };
        let name = round.name(subject);
        let began = Instant::now();
        let line = |count: usize| format!("{name}, seed {seed}: {count} operations in {} s", began.elapsed().as_secs());
        let counts = round.play(subject, Path::new(FOLDER), |count| rewrite(&line(count))).await?;
        rewrite("");
        println!(
            "{}: {} done, {} refused, {} not done, {} unknown; {} events, shown {} times; checked, nothing is wrong",
            line(counts.all),
            counts.done,
            counts.refused,
            counts.not_done,
            counts.unknown,
            counts.events,
            counts.shown
        );
        all += counts.all;
        (events, shown) = (events + counts.events, shown + counts.shown);
        rounds += 1;
    }
    println!("{all} operations and {events} events, shown {shown} times, in {rounds} rounds keep every rule");
    Ok(())
}

async fn soak(options: &SoakOptions) -> Result<(), String> {
    let program = program(&options.program)?;
    let duration = Duration::from_secs(options.minutes * 60);
    let soak = Soak { store: options.store, replicas: options.replicas, duration, seed: options.seed };
    let seen = soak.run(program, Path::new(FOLDER), |line| println!("{line}")).await;
    let seen = seen.map_err(|grown| format!("{grown}\nsomething grows that should not, or an answer should not be"))?;
    println!("{seen}\nnothing grows that should not");
    Ok(())
}

/// Writes over the line on a terminal; elsewhere the last state is enough.
fn rewrite(line: &str) {
    if std::io::stdout().is_terminal() {
        print!("\r{line}");
        let _ = std::io::stdout().flush();
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Options::parse().command {
        Command::Check(options) => check(&options).await,
        Command::Soak(options) => soak(&options).await,
        Command::Serve { arguments } => clock::serve(arguments).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("\n{reason}");
            ExitCode::FAILURE
        }
    }
}
