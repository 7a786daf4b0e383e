//! The command line and the environment. Every setting is documented where it is declared; a bad value is refused in one
//! line that names the flag and a good example.

mod store;
#[cfg(test)]
mod tests;
mod values;

use crate::http::{Limit, Origins};
use clap::{Args, Parser, Subcommand, builder::BoolishValueParser};
use ipnet::IpNet;
use seed::load::{LoadOptions, Source};
use std::{path::PathBuf, time::Duration};
pub use store::{StoreKind, StoreSettings};
pub use values::Listen;
use values::{
    api_version, concurrency, external_url, listen, max_body, max_client_connections, max_connections, max_results,
    memory_budget, network, operator_listen, organisations, seconds, seed_count, seed_number, seed_url,
};

/// A payments resource API whose contract cannot lie.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 120, disable_help_subcommand = true)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the program.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "the program has one of them, and only while it starts")]
pub enum Command {
    /// Serves payments over HTTP.
    Serve(Serve),
    /// Brings the store's schema up to date, and stops.
    Migrate(StoreSettings),
    /// Copies the store into a file, while the service runs, and stops. For a SQLite file; PostgreSQL has tools of its own.
    Backup(Backup),
    /// Asks the service on this machine whether it is healthy. The exit code is 0 if it is, and 1 if not.
    Health(Health),
    /// Loads payments into a service that is running: the fixtures, a file, or as many as you like that are made up.
    ///
    /// It is safe to repeat: what is there and equal is counted as present, what is there and differs is named and left
    /// as it is. The exit code is 0 if all are there, 1 if not, 2 if the command is wrong.
    Seed(Seed),
}

/// The settings of the server.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Serves the admin endpoints, which can empty the store.
    #[arg(long, env = "PAYMENTS_ADMIN", value_parser = BoolishValueParser::new())]
    pub admin: bool,

    /// The first segment of the versioned paths.
    #[arg(long, env = "PAYMENTS_API_VERSION", value_name = "SEGMENT", default_value = "v1", value_parser = api_version)]
    pub api_version: String,

    /// Compresses large responses, with gzip, br or zstd, for clients that accept it.
    #[arg(long, env = "PAYMENTS_COMPRESS", value_parser = BoolishValueParser::new())]
    pub compress: bool,

    /// Lets web pages of other origins use the versioned paths and the contract (CORS): all of them, or only those of the
    /// origins that are named, with commas between, as in `--cors=https://shop.example`.
    #[arg(long, env = "PAYMENTS_CORS", value_name = "ORIGINS", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub cors: Option<Origins>,

    /// The address of the service as clients see it; links begin with it.
    #[arg(long, env = "PAYMENTS_EXTERNAL_URL", value_name = "URL", default_value = "http://localhost:8080", value_parser = external_url)]
    pub external_url: String,

    /// How long, in seconds, to go on serving with /ready down before stopping, so that load balancers notice.
    #[arg(long, env = "PAYMENTS_DRAIN", value_name = "SECONDS", default_value = "0", value_parser = seconds("--drain 5", 0))]
    pub drain: Duration,

    /// How many requests one client may make of the versioned paths: so many a second (S), minute (M), hour (H) or day
    /// (D), such as 5-S. Without it, as many as it likes.
    #[arg(long, env = "PAYMENTS_LIMIT", value_name = "LIMIT")]
    pub limit: Option<Limit>,

    /// Where to listen: HOST:PORT, or :PORT for every address of the machine. Port 0 takes any that is free.
    #[arg(long, env = "PAYMENTS_LISTEN", value_name = "ADDRESS", default_value = ":8080", value_parser = listen)]
    pub listen: Listen,

    /// The most bytes that a request body may have, plain or in KiB or MiB.
    #[arg(long, env = "PAYMENTS_MAX_BODY", value_name = "BYTES", default_value = "1MiB", value_parser = max_body)]
    pub max_body: usize,

    /// How many connections one client may have: an IPv4 address, or a /64 network of IPv6. Proxies of --trusted-proxies may
    /// have as many as they like. Without it, half of --max-connections.
    #[arg(long, env = "PAYMENTS_MAX_CLIENT_CONNECTIONS", value_name = "COUNT", value_parser = max_client_connections)]
    pub max_client_connections: Option<usize>,

    /// How many connections may be open. Beyond it, the one that was idle for longest makes room. Without it, as many as the
    /// limit of open files allows, less some for the store and for health checks, and at most 10000.
    #[arg(long, env = "PAYMENTS_MAX_CONNECTIONS", value_name = "COUNT", value_parser = max_connections)]
    pub max_connections: Option<usize>,

    /// How many payments a page shows at most, 1 to 1000.
    #[arg(long, env = "PAYMENTS_MAX_RESULTS", value_name = "COUNT", default_value = "20", value_parser = max_results)]
    pub max_results: u32,

    /// The most bytes that the bodies of all requests and responses may hold at once, plain or in KiB or MiB. What is large
    /// and finds no room is refused with 503. At least four times --max-body; without it, that or 64MiB, whichever is more.
    #[arg(long, env = "PAYMENTS_MEMORY_BUDGET", value_name = "BYTES", value_parser = memory_budget)]
    pub memory_budget: Option<usize>,

    /// Measures the service, and serves what was measured at /metrics, for Prometheus.
    #[arg(long, env = "PAYMENTS_METRICS", value_parser = BoolishValueParser::new())]
    pub metrics: bool,

    /// Where to listen for operators, as in --operator-listen :8081. /admin, /metrics and /profiling are then served there
    /// only, /alive, /ready and /health there too. Without it, all are served at --listen.
    #[arg(long, env = "PAYMENTS_OPERATOR_LISTEN", value_name = "ADDRESS", value_parser = operator_listen)]
    pub operator_listen: Option<Listen>,

    /// Serves profiles of the running service: /profiling/cpu?seconds=10 and /profiling/heap for pprof, and
    /// /profiling/flamegraph?seconds=10 to look at. Keep them from strangers.
    #[arg(long, env = "PAYMENTS_PROFILING", value_parser = BoolishValueParser::new())]
    pub profiling: bool,

    /// How long, in seconds, a start may take until the store is open and its schema up to date.
    #[arg(long, env = "PAYMENTS_START_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = seconds("--start-timeout 60", 1))]
    pub start_timeout: Duration,

    /// How long, in seconds, a request may take before it is given up with 503.
    #[arg(long, env = "PAYMENTS_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = seconds("--timeout 60", 1))]
    pub timeout: Duration,

    /// The networks of the proxies in front of the service, with commas between; clients are then told apart by
    /// X-Forwarded-For or Forwarded.
    #[arg(long, env = "PAYMENTS_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// The settings of the store.
    #[command(flatten)]
    pub store: StoreSettings,
}

/// The settings of a backup.
#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// The file to write. There must be none of that name.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The settings of the store.
    #[command(flatten)]
    pub store: StoreSettings,
}

/// The settings of a health check.
#[derive(Debug, Clone, Args)]
pub struct Health {
    /// Where the service listens: what it was told itself, or would take by default.
    #[arg(long, env = "PAYMENTS_LISTEN", value_name = "ADDRESS", default_value = ":8080", value_parser = listen)]
    pub listen: Listen,
}

/// The settings of a load.
#[derive(Debug, Clone, Args)]
pub struct Seed {
    /// How many requests are under way at once, 1 to 256. The fixtures go one by one, and so are listed in their order.
    #[arg(long, env = "PAYMENTS_SEED_CONCURRENCY", value_name = "COUNT", default_value = "16", value_parser = concurrency)]
    pub concurrency: usize,

    /// Makes this many payments up, instead of loading the fixtures.
    #[arg(long, env = "PAYMENTS_SEED_COUNT", value_name = "COUNT", value_parser = seed_count)]
    pub count: Option<u64>,

    /// A file to load instead: JSON (a list as the API has it, or an array) or one payment a line; - is standard input.
    #[arg(long, env = "PAYMENTS_SEED_FILE", value_name = "FILE", conflicts_with = "count")]
    pub file: Option<PathBuf>,

    /// How many organisations the payments belong to that are made up, 1 to 10000.
    #[arg(long, env = "PAYMENTS_SEED_ORGANISATIONS", value_name = "COUNT", default_value = "3", requires = "count", value_parser = organisations)]
    pub organisations: u32,

    /// Which payments to make up: the same number makes the same payments.
    #[arg(long, env = "PAYMENTS_SEED_SEED", value_name = "NUMBER", default_value = "42", requires = "count", value_parser = seed_number)]
    pub seed: u64,

    /// The address of the service.
    #[arg(long, env = "PAYMENTS_SEED_URL", value_name = "URL", default_value = "http://localhost:8080", value_parser = seed_url)]
    pub url: String,
}

impl From<Seed> for LoadOptions {
    fn from(Seed { concurrency, count, file, organisations, seed, url }: Seed) -> Self {
        let source = match (file, count) {
            (Some(file), _) => Source::File(file),
            (None, Some(count)) => Source::Synthetic { count, seed, organisations },
            (None, None) => Source::Fixtures,
        };
        let concurrency = if source == Source::Fixtures { 1 } else { concurrency };
        Self { url, source, concurrency }
    }
}

/// The error of a refused command line in one line, without the usage that clap adds.
#[must_use]
pub fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines =
        text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let words: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    words.join(" ")
}
