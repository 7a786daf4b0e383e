//! The command line and the environment. Every setting is documented where it is declared; a bad value is refused in one
//! line that names the flag and a good example.

mod auth;
mod caller;
mod environment;
mod store;
#[cfg(test)]
mod tests;
mod values;

use crate::http::{Limit, Origins};
use crate::payments::{PaymentId, Tenant};
pub use auth::AuthSettings;
use axum::http::HeaderName;
pub use caller::CallerSettings;
use clap::{Args, Parser, Subcommand, builder::BoolishValueParser};
pub use environment::{refusal, with_variables};
use ipnet::IpNet;
use seed::load::{LoadOptions, Source};
use std::{path::PathBuf, time::Duration};
pub use store::{StoreKind, StoreSettings};
pub use values::{Hidden, Listen};
use values::{
    api_version, concurrency, events_keep, external_url, header_name, listen, max_body, max_client_connections,
    max_connections, max_results, max_streams, memory_budget, network, operator_listen, organisations, payment_id,
    seconds, seed_count, seed_number, seed_url, tail_count, tail_url, tenant,
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
    /// Moves the payments from before there were tenants to those that their `organisation_id` names, and stops.
    ///
    /// Run it once when you turn identity on. It is safe to repeat, and to stop and begin anew: what was moved is not moved
    /// again. What cannot be moved stays, and is named. The exit code is 0 if nothing was left, 1 if not, 2 if the command
    /// is wrong. A SQLite file must not be in use; PostgreSQL may be.
    MoveToTenants(StoreSettings),
    /// Blanks the content of a payment and the names of those who wrote it, in all its versions, and stops.
    ///
    /// The history keeps that there were these versions, and the feed says that they were erased. It cannot be undone: backups
    /// have the content still. A SQLite file must not be in use; PostgreSQL may be.
    Erase(Erase),
    /// Copies the store into a file, while the service runs, and stops. For a SQLite file; PostgreSQL has tools of its own.
    Backup(Backup),
    /// Asks the service on this machine whether it is healthy. The exit code is 0 if it is, and 1 if not.
    Health(Health),
    /// Loads payments into a service that is running: the fixtures, a file, or as many as you like that are made up.
    ///
    /// It is safe to repeat: what is there and equal is counted as present, what is there and differs is named and left
    /// as it is. The exit code is 0 if all are there, 1 if not, 2 if the command is wrong.
    Seed(Seed),
    /// Shows what happens to payments of a service that is running, as it happens, until it is stopped.
    ///
    /// In words on a terminal, as one line of JSON each elsewhere. It connects again by itself, and misses nothing meanwhile. At
    /// its end it says how to go on from there.
    Tail(Tail),
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
    /// origins that are named, with commas between, as in `--cors=https://shop.example`. PAYMENTS_CORS=true is all, too.
    #[arg(long, env = "PAYMENTS_CORS", value_name = "ORIGINS", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub cors: Option<Origins>,

    /// The request headers that such pages may send, with commas between, beside those that the API and tracing know.
    #[arg(long, env = "PAYMENTS_CORS_HEADERS", value_name = "NAMES", value_delimiter = ',', value_parser = header_name)]
    pub cors_headers: Vec<HeaderName>,

    /// The address of the service as clients see it; links begin with it.
    #[arg(long, env = "PAYMENTS_EXTERNAL_URL", value_name = "URL", default_value = "http://localhost:8080", value_parser = external_url)]
    pub external_url: String,

    /// How long events are kept, as in 30d; h, m and s stand for hours, minutes and seconds. A consumer that stays away for longer
    /// has to begin anew. The history of each payment stays. Without it, for ever.
    #[arg(long, env = "PAYMENTS_EVENTS_KEEP", value_name = "DURATION", value_parser = events_keep)]
    pub events_keep: Option<Duration>,

    /// How long, in seconds, to go on serving with /ready down before stopping, so that load balancers notice.
    #[arg(long, env = "PAYMENTS_DRAIN", value_name = "SECONDS", default_value = "0", value_parser = seconds("--drain 5", 0))]
    pub drain: Duration,

    /// How long, in seconds, a connection may be idle before it is closed. Longer than a load balancer keeps connections: 620 for
    /// Google's. Without it, 75 more than --timeout.
    #[arg(long, env = "PAYMENTS_IDLE_TIMEOUT", value_name = "SECONDS", value_parser = seconds("--idle-timeout 620", 1))]
    pub idle_timeout: Option<Duration>,

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

    /// How many streams of events, and requests that wait for events, may be open; half of them of one client. Without it, half
    /// of --max-connections.
    #[arg(long, env = "PAYMENTS_MAX_STREAMS", value_name = "COUNT", value_parser = max_streams)]
    pub max_streams: Option<usize>,

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

    /// The settings of identity.
    #[command(flatten)]
    pub auth: AuthSettings,

    /// The settings of the store.
    #[command(flatten)]
    pub store: StoreSettings,
}

/// The settings of an erasure.
#[derive(Debug, Clone, Args)]
pub struct Erase {
    /// The payment, which may have been deleted.
    #[arg(value_name = "ID", value_parser = payment_id)]
    pub id: PaymentId,

    /// The organisation whose tenant has the payment. Without it, the payment is one from requests without an identity.
    #[arg(long, value_name = "ORGANISATION", value_parser = tenant, default_value = "", hide_default_value = true)]
    pub organisation: Tenant,

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

    /// Loads the payments of this organisation only: all that a token of it allows.
    #[arg(long, env = "PAYMENTS_SEED_ORGANISATION", value_name = "NAME")]
    pub organisation: Option<String>,

    /// How many organisations the payments belong to that are made up, 1 to 10000.
    #[arg(long, env = "PAYMENTS_SEED_ORGANISATIONS", value_name = "COUNT", default_value = "3", requires = "count", value_parser = organisations)]
    pub organisations: u32,

    /// Which payments to make up: the same number makes the same payments.
    #[arg(long, env = "PAYMENTS_SEED_SEED", value_name = "NUMBER", default_value = "42", requires = "count", value_parser = seed_number)]
    pub seed: u64,

    /// The address of the service.
    #[arg(long, env = "PAYMENTS_SEED_URL", value_name = "URL", default_value = "http://localhost:8080", value_parser = seed_url)]
    pub url: String,

    /// Who loads.
    #[command(flatten)]
    pub caller: CallerSettings,
}

impl From<Seed> for LoadOptions {
    fn from(seed: Seed) -> Self {
        // Every setting by name, so that a new one does not compile until it is used.
        let Seed { concurrency, count, file, organisation, organisations, seed, url, caller } = seed;
        let source = match (file, count) {
            (Some(file), _) => Source::File(file),
            (None, Some(count)) => Source::Synthetic { count, seed, organisations },
            (None, None) => Source::Fixtures,
        };
        let concurrency = if source == Source::Fixtures { 1 } else { concurrency };
        Self { url, source, concurrency, credentials: caller.into(), organisation }
    }
}

/// The settings of a tail.
#[derive(Debug, Clone, Args)]
pub struct Tail {
    /// The address of the service.
    #[arg(env = "PAYMENTS_TAIL_URL", value_name = "URL", default_value = "http://localhost:8080", value_parser = tail_url)]
    pub url: String,

    /// Where to begin: a cursor, `now`, or `beginning`, the first event that is kept.
    #[arg(long, env = "PAYMENTS_TAIL_AFTER", value_name = "PLACE", default_value = "now")]
    pub after: String,

    /// Stops after so many events.
    #[arg(long, env = "PAYMENTS_TAIL_COUNT", value_name = "COUNT", value_parser = tail_count)]
    pub count: Option<u64>,

    /// Shows each payment as it became, too.
    #[arg(long, env = "PAYMENTS_TAIL_FULL", value_parser = BoolishValueParser::new())]
    pub full: bool,

    /// Writes JSON on a terminal, too.
    #[arg(long, env = "PAYMENTS_TAIL_JSON", value_parser = BoolishValueParser::new())]
    pub json: bool,

    /// Only events of payments of this organisation.
    #[arg(long, env = "PAYMENTS_TAIL_ORGANISATION", value_name = "NAME")]
    pub organisation: Option<String>,

    /// Only events of this payment.
    #[arg(long, env = "PAYMENTS_TAIL_PAYMENT", value_name = "ID")]
    pub payment: Option<String>,

    /// Only events of this type, such as payment.deleted.
    #[arg(long = "type", env = "PAYMENTS_TAIL_TYPE", value_name = "TYPE")]
    pub kind: Option<String>,

    /// Who asks.
    #[command(flatten)]
    pub caller: CallerSettings,
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
