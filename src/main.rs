//! The program: reads the command line, and calls.

use clap::Parser;
use payments::{
    app::{self, App, StartError},
    config::{self, Command, Config},
    health, log,
};
use seed::load::{LoadOptions, ProgressOutput, SystemClock};
use std::{
    future::Future,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

/// Can say what memory is used for, and keeps it less scattered than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The exit code of a command line that is wrong, as shells have it.
const USAGE: u8 = 2;
/// The exit code of what was interrupted and did not end by itself, as shells have it.
const INTERRUPTED: i32 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let config = match Config::try_parse() {
        Ok(config) => config,
        Err(error)
            if error.use_stderr()
                && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand =>
        {
            return complain(&config::one_line(&error), USAGE);
        }
        Err(help) => help.exit(),
    };
    let outcome = match config.command {
        Command::Serve(serve) => {
            let _written_out = log::start();
            run(serve).await
        }
        Command::Migrate(store) => {
            let _written_out = log::start();
            app::migrate(&store).await
        }
        Command::Health(health) => {
            choose_cryptography();
            return ask(&health::url(&health.listen)).await;
        }
        Command::Seed(seed) => {
            choose_cryptography();
            return fill(seed.into()).await;
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ StartError::Config(_)) => complain(&format!("error: {error}"), USAGE),
        Err(error @ (StartError::Store(_) | StartError::Metrics(_) | StartError::Listen { .. })) => {
            complain(&format!("error: {error}"), 1)
        }
    }
}

/// Serves until the process is told to stop.
async fn run(serve: config::Serve) -> Result<(), StartError> {
    // From here on a signal means a clean stop, however early it comes.
    let told = told();
    open_many_files();
    let app = App::start(serve).await?;
    tracing::info!(address = %app.address(), "listening");
    told.await;
    tracing::info!("stopping");
    app.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Lets the process open as many files as the system allows: each connection is one, and the limit that shells start
/// programs with is low, so that nothing breaks which cannot count beyond 1,023.
fn open_many_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
}

/// Lets clients speak TLS by the library that the stores use for it too.
fn choose_cryptography() {
    // Fails if one was chosen before, which would do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Asks a service whether it is healthy.
async fn ask(url: &str) -> ExitCode {
    match health::ask(url).await {
        Ok(()) => {
            // Where standard output is closed, the exit code has to do.
            let _ = writeln!(io::stdout(), "{url} is up");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&format!("error: {url} is not up: {error}"), 1),
    }
}

/// Loads payments into a service. The summary goes to standard output, how far it has come to standard error.
async fn fill(options: LoadOptions) -> ExitCode {
    let output = if io::stderr().is_terminal() {
        ProgressOutput::Bar
    } else {
        ProgressOutput::Lines { to: Box::new(io::stderr()), every: Duration::from_secs(5) }
    };
    let first = told();
    let stop = async {
        first.await;
        // What is under way is being finished. Whoever asks again does not want to wait for it.
        let second = told();
        tokio::spawn(async {
            second.await;
            std::process::exit(INTERRUPTED);
        });
    };
    match seed::load::load(options, output, SystemClock::start(), stop).await {
        Ok(report) => {
            // Where standard output is closed, the exit code has to do.
            let _ = writeln!(io::stdout(), "{report}");
            if report.complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => complain(&format!("error: {error}"), USAGE),
    }
}

/// Waits until the process is told to stop. The signals count from this call on, not only from the first poll.
fn told() -> impl Future<Output = ()> {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            }
            _ => std::future::pending().await,
        }
    }
}

fn complain(line: &str, code: u8) -> ExitCode {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(io::stderr(), "{line}");
    ExitCode::from(code)
}
