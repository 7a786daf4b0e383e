//! The program: reads the command line, and calls.

use clap::Parser;
use payments::{
    app::{self, App, StartError},
    config::{self, Command, Config},
};
use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_appender::non_blocking::WorkerGuard;

/// The exit code of a command line that is wrong, as shells have it.
const USAGE: u8 = 2;

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
    let _written_out = log();
    let outcome = match config.command {
        Command::Serve(serve) => run(serve).await,
        Command::Migrate(store) => app::migrate(&store).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ StartError::Config(_)) => complain(&format!("error: {error}"), USAGE),
        Err(error @ (StartError::Store(_) | StartError::Listen { .. })) => complain(&format!("error: {error}"), 1),
    }
}

/// Serves until the process is told to stop.
async fn run(serve: config::Serve) -> Result<(), StartError> {
    // From here on a signal means a clean stop, however early it comes.
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let app = App::start(serve).await?;
    tracing::info!(address = %app.address(), "listening");
    let told = async {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            }
            _ => std::future::pending().await,
        }
    };
    told.await;
    tracing::info!("stopping");
    app.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Writes logs to standard output: for people on a terminal, one JSON object a line elsewhere. `RUST_LOG` chooses.
///
/// A thread of its own writes them, and what it returns waits for it when dropped. Should nobody read them any more, lines
/// are lost: better than requests that wait for their log.
fn log() -> WorkerGuard {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .from_env_lossy();
    let (writer, guard) = tracing_appender::non_blocking(io::stdout());
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    if io::stdout().is_terminal() {
        subscriber.with_target(false).init();
    } else {
        subscriber.json().flatten_event(true).init();
    }
    guard
}

fn complain(line: &str, code: u8) -> ExitCode {
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(io::stderr(), "{line}");
    ExitCode::from(code)
}
