//! The program: parses the command line, runs the command, and turns its outcome into an exit code.

use payments::{
    app::{self, App, StartError},
    config::{self, Command, Config},
    health, log,
    payments::Timestamp,
    repo::{Erasure, MoveReport},
};
use seed::load::{LoadOptions, ProgressOutput, SystemClock};
use std::{
    ffi::OsString,
    future::Future,
    io::{self, IsTerminal, Write},
    pin::pin,
    process::ExitCode,
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

/// jemalloc: takes heap profiles, and fragments memory less than the system's allocator.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The exit code for a wrong command line or setting, as in shells.
const USAGE: u8 = 2;
/// The exit code after a second interrupt: 128 + SIGINT, as in shells.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return exit_with(&format!("error: cannot start threads: {error}; raise the limit of processes"), 1);
        }
    };
    let code = runtime.block_on(run());
    // Waits for nothing: a name that is still being looked up takes many seconds.
    runtime.shutdown_background();
    code
}

/// Runs the command that the command line names.
async fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let config = match Config::read(&arguments) {
        Ok(config) => config,
        Err(error)
            if error.use_stderr()
                && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand =>
        {
            return exit_with(&config::refusal(&error, &arguments), USAGE);
        }
        Err(help) => help.exit(),
    };
    let outcome = match config.command {
        Command::Serve(serve) => run_service(serve, log::start()).await,
        Command::Migrate(store) => {
            let _flush_at_exit = log::start();
            app::migrate(&store).await
        }
        Command::MoveToTenants(store) => {
            // Without a log: standard output is for the outcome.
            let progress = |so_far: &MoveReport| drop(writeln!(io::stderr(), "{so_far} so far"));
            match app::move_to_tenants(&store, progress).await {
                Ok(report) => return show_moved(&report),
                Err(error) => Err(error),
            }
        }
        Command::Erase(config::Erase { id, organisation, store }) => {
            let erasure = Erasure { tenant: organisation, id: id.clone(), erased_on: Timestamp::now() };
            app::erase(&store, erasure).await.map(|erased| {
                // A closed standard output is no failure: the exit code tells the outcome.
                let _ = writeln!(io::stdout(), "payment {id} {erased}");
            })
        }
        Command::Backup(config::Backup { file, store }) => app::back_up(&store, &file).await.map(|payments| {
            // A closed standard output is no failure: the exit code tells the outcome.
            let _ = writeln!(io::stdout(), "{payments} payments in {}", file.display());
        }),
        Command::Health(health) => {
            install_crypto_provider();
            return check_health(&health::url(&health.listen)).await;
        }
        Command::Seed(seed) => {
            install_crypto_provider();
            return run_seed(seed.into()).await;
        }
        Command::Tail(tail) => {
            install_crypto_provider();
            return run_tail(tail).await;
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ StartError::Config(_)) => exit_with(&in_words(&error, &arguments), USAGE),
        Err(
            error @ (StartError::Store(_)
            | StartError::StoreTimedOut { .. }
            | StartError::Backup(_)
            | StartError::Move(_)
            | StartError::Erase(_)
            | StartError::Metrics(_)
            | StartError::Keys(_)
            | StartError::Listen { .. }),
        ) => exit_with(&in_words(&error, &arguments), 1),
    }
}

/// Shows what a move has left, one line each, and what it has done.
fn show_moved(report: &MoveReport) -> ExitCode {
    for line in &report.named {
        // A closed standard error is no failure: the exit code tells the outcome.
        let _ = writeln!(io::stderr(), "{line}");
    }
    let _ = writeln!(io::stdout(), "{report}");
    if report.left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The line of an error, in which settings have the names that they were written by.
fn in_words(error: &StartError, arguments: &[OsString]) -> String {
    config::with_variables(&format!("error: {error}"), arguments)
}

/// Serves until a shutdown signal; `_flush_at_exit` writes the log's last lines.
async fn run_service(serve: config::Serve, _flush_at_exit: log::FlushGuard) -> Result<(), StartError> {
    // Registered first, so that even an early signal leads to a clean stop.
    let mut shutdown = pin!(shutdown_signal());
    raise_open_file_limit();
    let app = tokio::select! {
        started = App::start(serve) => started?,
        () = &mut shutdown => {
            tracing::info!("stopped by a signal before the store was open");
            return Ok(());
        }
    };
    let operator_address = app.operator_address().map(tracing::field::display);
    tracing::info!(address = %app.address(), operator_address, "listening");
    shutdown.await;
    tracing::info!("stopping");
    app.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Raises the limit of open files to what the system allows: each connection is one. The default limit is low for the
/// sake of programs that use `select`, which cannot handle file descriptors above 1,023.
fn raise_open_file_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::info!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "cannot raise the limit of open files"),
    }
}

/// Installs the cryptography that the HTTP client uses for TLS. It is the library that the stores use, too.
fn install_crypto_provider() {
    // Fails only if one is installed already, which would do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Checks the health of a running service.
async fn check_health(url: &str) -> ExitCode {
    match health::check(url).await {
        Ok(()) => {
            // A closed standard output is no failure: the exit code tells the outcome.
            let _ = writeln!(io::stdout(), "{url} is up");
            ExitCode::SUCCESS
        }
        Err(error) => exit_with(&format!("error: {url} is not up: {error}"), 1),
    }
}

/// Loads payments into a service. The summary goes to standard output, the progress to standard error.
async fn run_seed(options: LoadOptions) -> ExitCode {
    let output = if io::stderr().is_terminal() {
        ProgressOutput::Bar
    } else {
        ProgressOutput::Lines { to: Box::new(io::stderr()), every: Duration::from_secs(5) }
    };
    let first = shutdown_signal();
    let stop = async {
        first.await;
        // After the first signal the requests under way are finished; a second one exits at once.
        let second = shutdown_signal();
        tokio::spawn(async {
            second.await;
            std::process::exit(INTERRUPTED);
        });
    };
    match seed::load::load(options, output, SystemClock::start(), stop).await {
        Ok(report) => {
            // A closed standard output is no failure: the exit code tells the outcome.
            let _ = writeln!(io::stdout(), "{report}");
            if report.complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => exit_with(&format!("error: {error}"), USAGE),
    }
}

/// Shows events until there is a signal. They go to standard output, all else to standard error.
async fn run_tail(settings: config::Tail) -> ExitCode {
    let is_terminal = io::stdout().is_terminal();
    let options = match settings.into_options(is_terminal) {
        Ok(options) => options,
        Err(error) => return exit_with(&format!("error: {error}"), USAGE),
    };
    let note = |line: &str| drop(writeln!(io::stderr(), "{line}"));
    match tail::run(options, io::stdout(), note, shutdown_signal()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_with(&format!("error: {error}"), 1),
    }
}

/// Waits for SIGTERM or SIGINT. Signals count from this call on, not only from the first poll.
fn shutdown_signal() -> impl Future<Output = ()> {
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

/// Writes `line` to standard error, and returns `code` for `main` to exit with.
fn exit_with(line: &str, code: u8) -> ExitCode {
    // A closed standard error is no failure: the exit code tells the outcome.
    let _ = writeln!(io::stderr(), "{line}");
    ExitCode::from(code)
}
