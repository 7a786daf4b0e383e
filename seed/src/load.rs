//! Loads payments into a service through the generated client, as any consumer would.
//!
//! ```text
//! reader thread ── bounded channel ──> workers ── client ──> service
//!  (file, fixtures or generator)          └──> tally ──> progress, report
//! ```
//!
//! Two limits keep memory flat for a source of any size: the capacity of the channel, and a budget of bytes for all
//! payments between the reader and their responses.

mod clock;
mod difference;
mod loader;
mod progress;
mod report;
mod retry;

pub use crate::entry::SourceLocation;
pub use clock::{Clock, SystemClock};
pub use progress::ProgressOutput;
pub use report::{Counts, LoadReport, UnloadedPayment};
pub use retry::StopReason;

use crate::{
    entry::{Entry, EntryContent},
    fixtures::JSON,
    read::{MAX_ELEMENT_BYTES, Reader},
    synthetic::Synthetic,
};
use loader::{Loader, Stopped};
use payments_client::{Client, ClientCredentials, TokenError, TokenSource};
use progress::{Progress, ProgressSnapshot, REFRESH_INTERVAL, Total};
use report::{LoadOutcome, Tally};
use retry::Retrier;
use std::{fmt, fs::File, future::Future, io, path::PathBuf, sync::Arc, thread};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};

/// How many bytes of payments may be between the reader and their responses. Memory use is some five times that: each
/// payment is held as it was read, as it is sent, and as it comes back.
const MEMORY_BUDGET: usize = MAX_ELEMENT_BYTES;

/// How many payments may wait for a worker.
const QUEUE_CAPACITY: usize = 64;

/// The largest response body that is accepted: the largest payment, and what the service adds to it.
const MAX_RESPONSE_BYTES: usize = MAX_ELEMENT_BYTES + (64 << 10);

/// What a token has to allow: a payment that is there already is read, and compared.
const SCOPES: &str = "payments:read payments:write";

/// Where payments come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `seed/payments.json`, which is compiled in.
    Fixtures,
    /// A file of payments in JSON: what the API answers, arrays, or NDJSON. `-` is standard input.
    File(PathBuf),
    /// Generated payments.
    Synthetic {
        /// How many payments.
        count: u64,
        /// The seed of the random generator. The same seed gives the same payments.
        seed: u64,
        /// How many organisations the payments belong to.
        organisations: u32,
    },
}

/// The options of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// The address of the service.
    pub url: String,
    /// Where the payments come from.
    pub source: Source,
    /// How many requests run at once. With 1, the service lists the payments in the order of their source.
    pub concurrency: usize,
    /// What the service is told about who loads; `None` for a service that asks for no token.
    pub credentials: Option<Credentials>,
    /// The one organisation whose payments are loaded; `None` for all of them.
    pub organisation: Option<String>,
}

/// What the service is told about who loads. Its `Debug` has no secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A token.
    Token(String),
    /// What the issuer gives tokens for (RFC 6749, section 4.4).
    Client {
        /// Where the issuer gives tokens: the `token_endpoint` of its discovery document.
        token_url: String,
        /// The id of the client.
        id: String,
        /// Its secret.
        secret: String,
        /// More that the issuer wants to know, such as `audience`.
        parameters: Vec<(String, String)>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.debug_tuple("Token").finish_non_exhaustive(),
            Self::Client { token_url, id, .. } => {
                f.debug_struct("Client").field("token_url", token_url).field("id", id).finish_non_exhaustive()
            }
        }
    }
}

impl Credentials {
    /// Tokens with these scopes.
    ///
    /// # Errors
    /// [`LoadError::Token`], which names the flag.
    pub fn token_source(self, scopes: &str) -> Result<TokenSource, LoadError> {
        match self {
            Self::Token(token) => {
                TokenSource::fixed(&token).map_err(|source| LoadError::Token { flag: "--token", source })
            }
            Self::Client { token_url, id, secret, parameters } => {
                let credentials = ClientCredentials::new(&token_url, &id, &secret).scope(scopes);
                let credentials = parameters.iter().fold(credentials, |all, (name, value)| all.parameter(name, value));
                TokenSource::client_credentials(credentials)
                    .map_err(|source| LoadError::Token { flag: "--token-url", source })
            }
        }
    }
}

/// Why a load does not begin. Each message is one line that names the flag to change.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The address is not a URL of a service.
    #[error("--url {url}: {source}")]
    Url {
        /// The address.
        url: String,
        /// The client's reason.
        source: payments_client::Error,
    },
    /// The token, or the address that gives tokens, cannot be used.
    #[error("{flag}: {source}")]
    Token {
        /// The flag.
        flag: &'static str,
        /// The client's reason.
        source: TokenError,
    },
    /// The file cannot be opened.
    #[error("--file {path}: {source}; name one that can be read, for example --file payments.ndjson", path = path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Loads payments. When `stop` resolves, requests that are running are finished, and no new ones begin.
///
/// # Errors
/// [`LoadError`] if the load cannot begin. Later failures are in the report.
pub async fn load(
    options: LoadOptions,
    output: ProgressOutput,
    clock: impl Clock,
    stop: impl Future<Output = ()>,
) -> Result<LoadReport, LoadError> {
    let LoadOptions { url, source, concurrency, credentials, organisation } = options;
    let agent = concat!("payments-seed/", env!("CARGO_PKG_VERSION"));
    let builder = Client::builder(&url).user_agent(agent).max_body(MAX_RESPONSE_BYTES);
    let builder = match credentials.map(|credentials| credentials.token_source(SCOPES)).transpose()? {
        Some(tokens) => builder.tokens(tokens),
        None => builder,
    };
    let client = builder.build().map_err(|source| LoadError::Url { url: url.clone(), source })?;
    let (entries, total) = open(source)?;
    let entries = Entries { entries, organisation, concurrency };
    Ok(run(client, url, entries, Progress::new(output, total), clock, stop).await)
}

/// What is loaded.
struct Entries {
    entries: Box<dyn Iterator<Item = Entry> + Send>,
    /// The one organisation whose payments are loaded.
    organisation: Option<String>,
    /// How many requests run at once.
    concurrency: usize,
}

async fn run(
    client: Client,
    url: String,
    Entries { entries, organisation, concurrency }: Entries,
    mut progress: Progress,
    clock: impl Clock,
    stop: impl Future<Output = ()>,
) -> LoadReport {
    let clock = Arc::new(clock);
    let started = clock.now();
    // The jitter is seeded by the process id, so that two loads that run side by side retry at different moments.
    let retrier = Arc::new(Retrier::new(Arc::clone(&clock), url, u64::from(std::process::id())));
    let tally = Arc::new(Tally::default());
    let loader = Arc::new(Loader::new(client, Arc::clone(&retrier)));
    let organisation: Option<Arc<str>> = organisation.map(Into::into);
    let budget = Arc::new(Semaphore::new(MEMORY_BUDGET));
    let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
    let reader = spawn_reader(entries, sender, Arc::clone(&budget));

    let receiver = Arc::new(Mutex::new(receiver));
    let mut workers = JoinSet::new();
    for _ in 0..concurrency.max(1) {
        let (retrier, tally, receiver) = (Arc::clone(&retrier), Arc::clone(&tally), Arc::clone(&receiver));
        workers.spawn(work(Arc::clone(&loader), retrier, tally, receiver, organisation.clone()));
    }

    let mut unreadable = None;
    let mut tick = tokio::time::interval(REFRESH_INTERVAL);
    let mut stop = std::pin::pin!(stop);
    let mut stop_requested = false;
    loop {
        tokio::select! {
            () = &mut stop, if !stop_requested => {
                stop_requested = true;
                retrier.stop(StopReason::Requested);
            }
            _ = tick.tick() => progress.show(&ProgressSnapshot {
                counts: tally.counts(),
                position: tally.position(),
                last_error: retrier.last_error(),
                elapsed: clock.now().saturating_sub(started),
            }),
            worker = workers.join_next() => match worker {
                Some(Ok(reason)) => unreadable = unreadable.or(reason),
                // A worker that panicked has lost a payment: the load must not report success.
                Some(Err(error)) => unreadable = Some((SourceLocation::Number(0), error.to_string())),
                None => break,
            },
        }
    }
    progress.finish();
    budget.close();
    let stopped = retrier.stop_reason();
    // Unless the load was stopped, the workers ended because the reader thread has: joining it does not block.
    if stopped.is_none() && reader.join().is_err() {
        unreadable = Some((SourceLocation::Number(0), "the reader panicked".to_owned()));
    }
    tally.report(unreadable, stopped, clock.now().saturating_sub(started))
}

/// An entry, and its share of [`MEMORY_BUDGET`], which is given back when the entry is dropped.
type QueuedEntry = (Entry, OwnedSemaphorePermit);

/// Reads on a thread of its own, as far ahead as the budget allows.
fn spawn_reader(
    entries: Box<dyn Iterator<Item = Entry> + Send>,
    sender: mpsc::Sender<QueuedEntry>,
    budget: Arc<Semaphore>,
) -> thread::JoinHandle<()> {
    let runtime = Handle::current();
    thread::spawn(move || {
        for entry in entries {
            let share = u32::try_from(entry.size.clamp(1, MEMORY_BUDGET)).unwrap_or(1);
            let Ok(share) = runtime.block_on(Arc::clone(&budget).acquire_many_owned(share)) else { return };
            if sender.blocking_send((entry, share)).is_err() {
                return;
            }
        }
    })
}

/// Loads entries from the queue until it ends or the load is stopped. Returns where the source became unreadable, and
/// why.
async fn work<C: Clock>(
    loader: Arc<Loader<C>>,
    retrier: Arc<Retrier<C>>,
    tally: Arc<Tally>,
    receiver: Arc<Mutex<mpsc::Receiver<QueuedEntry>>>,
    organisation: Option<Arc<str>>,
) -> Option<(SourceLocation, String)> {
    loop {
        let next = async { receiver.lock().await.recv().await };
        let (entry, _share) = tokio::select! {
            biased;
            () = retrier.until_stopped() => return None,
            next = next => next?,
        };
        let Entry { location, position, size: _, content } = entry;
        match content {
            EntryContent::Payment(payment)
                if organisation.as_ref().is_some_and(|organisation| payment.organisation_id != **organisation) =>
            {
                tally.record(location, None, LoadOutcome::LeftOut);
            }
            EntryContent::Payment(payment) => {
                let id = payment.id.clone();
                match loader.load(*payment).await {
                    Ok(outcome) => tally.record(location, id, outcome),
                    Err(Stopped) => return None,
                }
            }
            EntryContent::Invalid { id, reason } => tally.record(location, id, LoadOutcome::Refused(reason)),
            EntryContent::Unreadable(reason) => return Some((location, reason)),
        }
        tally.advance_to(position);
    }
}

/// Opens a source. The total is known unless the source is a pipe.
fn open(source: Source) -> Result<(Box<dyn Iterator<Item = Entry> + Send>, Total), LoadError> {
    Ok(match source {
        Source::Fixtures => (Box::new(Reader::new(JSON.as_bytes())), Total::Bytes(JSON.len() as u64)),
        Source::Synthetic { count, seed, organisations } => {
            (Box::new(Synthetic::new(seed, organisations, count)), Total::Payments(count))
        }
        Source::File(path) if path.as_os_str() == "-" => (Box::new(Reader::new(io::stdin())), Total::Unknown),
        Source::File(path) => {
            let opened = File::open(&path).and_then(|file| {
                let metadata = file.metadata()?;
                // Opening a directory succeeds; only reading it fails.
                if metadata.is_dir() {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                Ok((file, if metadata.is_file() { Total::Bytes(metadata.len()) } else { Total::Unknown }))
            });
            let (file, total) = opened.map_err(|source| LoadError::File { path, source })?;
            (Box::new(Reader::new(file)), total)
        }
    })
}
