//! The command line and the environment. Every setting is documented where it is declared; a bad value is one line that
//! names the flag and a good example.

use crate::{
    http::{Limit, Origins},
    repo::TableName,
};
use clap::{Args, Parser, Subcommand, ValueEnum, builder::BoolishValueParser};
use ipnet::IpNet;
use seed::load::{LoadOptions, Source};
use std::{fmt, net::IpAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

/// A payments resource API whose contract cannot lie.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 120, disable_help_subcommand = true)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves payments over HTTP.
    Serve(Serve),
    /// Brings the store's schema up to date, and stops.
    Migrate(Store),
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

    /// Lets web pages of other origins use the service (CORS): all of them, or only those of the origins that are named,
    /// with commas between, as in `--cors=https://shop.example`.
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

    /// How many payments a page shows at most, 1 to 1000.
    #[arg(long, env = "PAYMENTS_MAX_RESULTS", value_name = "COUNT", default_value = "20", value_parser = max_results)]
    pub max_results: u32,

    /// Measures the service, and serves what was measured at /metrics, for Prometheus.
    #[arg(long, env = "PAYMENTS_METRICS", value_parser = BoolishValueParser::new())]
    pub metrics: bool,

    /// Serves profiles of the running service: /profiling/cpu?seconds=10 and /profiling/heap for pprof, and
    /// /profiling/flamegraph?seconds=10 to look at. Keep them from strangers.
    #[arg(long, env = "PAYMENTS_PROFILING", value_parser = BoolishValueParser::new())]
    pub profiling: bool,

    /// How long, in seconds, a request may take before it is given up with 503.
    #[arg(long, env = "PAYMENTS_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = seconds("--timeout 60", 1))]
    pub timeout: Duration,

    /// The networks of the proxies in front of the service, with commas between; clients are then told apart by
    /// X-Forwarded-For.
    #[arg(long, env = "PAYMENTS_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// The settings of the store.
    #[command(flatten)]
    pub store: Store,
}

/// The settings of a question after health.
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

/// The settings of the store.
#[derive(Debug, Clone, Args)]
pub struct Store {
    /// The store to keep payments in.
    #[arg(long, env = "PAYMENTS_REPO", value_name = "STORE", default_value = "sqlite3")]
    pub repo: Repo,

    /// A directory of SQL migrations to use instead of the built-in ones.
    #[arg(long, env = "PAYMENTS_REPO_MIGRATIONS", value_name = "DIR")]
    pub repo_migrations: Option<PathBuf>,

    /// The name of the table.
    #[arg(long, env = "PAYMENTS_REPO_SCHEMA_PAYMENTS", value_name = "TABLE", default_value = "payments", value_parser = table)]
    pub repo_schema_payments: TableName,

    /// Where the store is: sqlite://PATH (in memory without one), or postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(long, env = "PAYMENTS_REPO_URI", value_name = "URI", hide_env_values = true)]
    pub repo_uri: Option<String>,
}

/// The kinds of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Repo {
    /// SQLite, in this process.
    #[value(name = "sqlite3")]
    Sqlite3,
    /// PostgreSQL, shared by many replicas.
    #[value(name = "postgres")]
    Postgres,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// SQLite in memory.
    SqliteMemory,
    /// SQLite in a file.
    SqliteFile(PathBuf),
    /// PostgreSQL at a URL.
    Postgres(String),
}

impl fmt::Display for Location {
    /// Where it is, for a log: nobody learns a password from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SqliteMemory => f.write_str("SQLite in memory"),
            Self::SqliteFile(path) => write!(f, "SQLite in {}", path.display()),
            Self::Postgres(url) => {
                let (_, address) = url.split_once("://").unwrap_or_default();
                let address = address.split('?').next().unwrap_or_default();
                write!(f, "PostgreSQL at {}", address.rsplit_once('@').map_or(address, |(_, place)| place))
            }
        }
    }
}

impl Store {
    /// Where the store is, by `--repo` and `--repo-uri` together.
    ///
    /// # Errors
    /// One line that names the flag and a good example.
    pub fn location(&self) -> Result<Location, String> {
        match (self.repo, self.repo_uri.as_deref()) {
            (Repo::Sqlite3, None | Some("sqlite::memory:" | "sqlite://:memory:")) => Ok(Location::SqliteMemory),
            (Repo::Sqlite3, Some(uri)) => match uri.strip_prefix("sqlite://") {
                Some(path) if !path.is_empty() => Ok(Location::SqliteFile(path.into())),
                Some(_) | None => Err(
                    "--repo-uri must be sqlite://PATH with --repo sqlite3, for example --repo-uri sqlite://payments.db"
                        .to_owned(),
                ),
            },
            (Repo::Postgres, Some(uri)) if uri.starts_with("postgres://") || uri.starts_with("postgresql://") => {
                Ok(Location::Postgres(uri.to_owned()))
            }
            (Repo::Postgres, _) => {
                Err("--repo-uri must be postgres://USER:PASSWORD@HOST/DATABASE with --repo postgres, \
                 for example --repo-uri postgres://payments@localhost/payments"
                    .to_owned())
            }
        }
    }
}

/// An address to listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// A name or an address; none is every address of the machine.
    pub host: Option<String>,
    /// A port; 0 is any that is free.
    pub port: u16,
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host.as_deref().unwrap_or_default(), self.port)
    }
}

fn listen(text: &str) -> Result<Listen, String> {
    let example = || "must be HOST:PORT or :PORT, for example --listen :8080".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(example)?;
    let port = port.parse().map_err(|_| example())?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Ok(Listen { host: (!host.is_empty()).then(|| host.to_owned()), port })
}

fn external_url(text: &str) -> Result<String, String> {
    base_url(text, "--external-url https://payments.example")
}

fn seed_url(text: &str) -> Result<String, String> {
    base_url(text, "--url http://localhost:8080")
}

fn base_url(text: &str, example: &str) -> Result<String, String> {
    let example = || format!("must be an http or https URL, for example {example}");
    let uri: axum::http::Uri = text.parse().map_err(|_| example())?;
    let lawful = matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri.query().is_none()
        && !text.contains('#');
    lawful.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(example)
}

fn api_version(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.is_empty() && text.len() <= 32 && text.bytes().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("must be one segment of a path in a-z, 0-9 and -, for example --api-version v1".to_owned())
    }
}

fn max_body(text: &str) -> Result<usize, String> {
    let (number, unit) = match (text.strip_suffix("KiB"), text.strip_suffix("MiB")) {
        (Some(number), _) => (number, 1 << 10),
        (None, Some(number)) => (number, 1 << 20),
        (None, None) => (text, 1),
    };
    let bytes = number.trim_end().parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes
        .filter(|bytes| (1..=1 << 30).contains(bytes))
        .ok_or_else(|| "must be a number of bytes, at most 1024 MiB, for example --max-body 1MiB".to_owned())
}

fn max_results(text: &str) -> Result<u32, String> {
    within(text, 1..=1000).ok_or_else(|| "must be 1 to 1000, for example --max-results 20".to_owned())
}

fn concurrency(text: &str) -> Result<usize, String> {
    within(text, 1..=256).ok_or_else(|| "must be 1 to 256, for example --concurrency 16".to_owned())
}

fn seed_count(text: &str) -> Result<u64, String> {
    within(text, 1..=u64::MAX).ok_or_else(|| "must be 1 or more, for example --count 100000".to_owned())
}

fn organisations(text: &str) -> Result<u32, String> {
    within(text, 1..=10_000).ok_or_else(|| "must be 1 to 10000, for example --organisations 3".to_owned())
}

fn seed_number(text: &str) -> Result<u64, String> {
    within(text, 0..=u64::MAX).ok_or_else(|| "must be a number, 0 or more, for example --seed 42".to_owned())
}

fn within<T: FromStr + PartialOrd>(text: &str, range: RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// A parser of whole seconds, at least `least` of them and at most an hour.
fn seconds(example: &'static str, least: u64) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync {
    move |text| {
        within(text, least..=3600)
            .map(Duration::from_secs)
            .ok_or_else(|| format!("must be {least} to 3600 seconds, for example {example}"))
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let single = |text: &str| text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| single(text)).map_err(|_| {
        "must be networks or addresses with commas between, for example --trusted-proxies 10.0.0.0/8,fd00::/8"
            .to_owned()
    })
}

fn table(text: &str) -> Result<TableName, String> {
    TableName::parse(text).map_err(|rule| format!("{rule}, for example --repo-schema-payments payments"))
}

/// A refused command line in one line, without what clap adds for whoever reads at leisure.
#[must_use]
pub fn one_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines =
        text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let words: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
