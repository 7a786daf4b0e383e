//! Loads payments into a service, through the generated client like any consumer.
//!
//! ```text
//! reader thread ── bounded channel ──> workers ── client ──> service
//!  (file, fixtures or generator)          └──> tally ──> progress, report
//! ```
//!
//! What bounds memory is the channel, and a budget of bytes for everything between the reader and the answer.

mod calls;
mod clock;
mod equal;
mod place;
mod progress;
mod report;

pub use crate::read::Place;
pub use calls::Halt;
pub use clock::{Clock, SystemClock};
pub use progress::ProgressOutput;
pub use report::{Counts, Note, Report};

use crate::{
    fixtures::JSON,
    read::{Entry, Found, LONGEST, Reader},
    synthetic::Synthetic,
};
use calls::Calls;
use payments_client::Client;
use place::{Halted, Loader};
use progress::{Moment, Progress, TICK, Total};
use report::{Outcome, Tally};
use std::{fs::File, future::Future, io, path::PathBuf, sync::Arc, thread};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};

/// How many bytes of payments may be between the reader and their answers. Each is held some five times over: as it was
/// read, as it is sent, and as it comes back.
const BUDGET: usize = LONGEST;

/// How many payments may be waiting for a worker.
const WAITING: usize = 64;

/// The most bytes that an answer may have: a payment as long as any that is sent, and what the service adds to it.
const LONGEST_ANSWER: usize = LONGEST + (64 << 10);

/// Where payments come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `seed/payments.json`, which is part of the program.
    Fixtures,
    /// A JSON file: a list as the contract has it, an array, or one payment a line. `-` is standard input.
    File(PathBuf),
    /// Payments that are made up.
    Synthetic {
        /// How many.
        count: u64,
        /// Of what; the same payments for the same seed.
        seed: u64,
        /// How many organisations they belong to.
        organisations: u32,
    },
}

/// What to load, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// The address of the service.
    pub url: String,
    /// Where the payments come from.
    pub source: Source,
    /// How many requests are under way at once. One by one, they are listed in the order of their source.
    pub concurrency: usize,
}

/// Why a load does not begin. Each is one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no client for this address.
    #[error("--url {url}: {source}")]
    Url {
        /// What was asked for.
        url: String,
        /// Why not.
        source: payments_client::Error,
    },
    /// The file cannot be opened.
    #[error("--file {path}: {source}; name one that can be read, for example --file payments.ndjson", path = path.display())]
    File {
        /// What was asked for.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Loads payments. When `stop` ends, what is under way is finished, and nothing more is begun.
///
/// # Errors
/// [`LoadError`] if it cannot begin. What goes wrong later is in the report.
pub async fn load(
    options: LoadOptions,
    output: ProgressOutput,
    clock: impl Clock,
    stop: impl Future<Output = ()>,
) -> Result<Report, LoadError> {
    let LoadOptions { url, source, concurrency } = options;
    let agent = concat!("payments-seed/", env!("CARGO_PKG_VERSION"));
    let client = Client::builder(&url)
        .user_agent(agent)
        .max_body(LONGEST_ANSWER)
        .build()
        .map_err(|source| LoadError::Url { url: url.clone(), source })?;
    let (entries, total) = open(source)?;
    Ok(run(client, url, entries, Progress::new(output, total), concurrency, clock, stop).await)
}

async fn run(
    client: Client,
    url: String,
    entries: Box<dyn Iterator<Item = Entry> + Send>,
    mut progress: Progress,
    concurrency: usize,
    clock: impl Clock,
    stop: impl Future<Output = ()>,
) -> Report {
    let clock = Arc::new(clock);
    let began = clock.now();
    // Which moments chance picks matters to nobody, as long as two seeders do not pick the same.
    let calls = Arc::new(Calls::new(Arc::clone(&clock), url, u64::from(std::process::id())));
    let tally = Arc::new(Tally::default());
    let loader = Arc::new(Loader::new(client, Arc::clone(&calls)));
    let budget = Arc::new(Semaphore::new(BUDGET));
    let (send, receive) = mpsc::channel(WAITING);
    let reader = read(entries, send, Arc::clone(&budget));

    let receive = Arc::new(Mutex::new(receive));
    let mut workers = JoinSet::new();
    for _ in 0..concurrency.max(1) {
        workers.spawn(work(Arc::clone(&loader), Arc::clone(&calls), Arc::clone(&tally), Arc::clone(&receive)));
    }

    let mut broken = None;
    let mut tick = tokio::time::interval(TICK);
    let mut stop = std::pin::pin!(stop);
    let mut told = false;
    loop {
        tokio::select! {
            () = &mut stop, if !told => {
                told = true;
                calls.halt(Halt::Told);
            }
            _ = tick.tick() => progress.show(&Moment {
                counts: tally.counts(),
                position: tally.position(),
                trouble: calls.trouble(),
                elapsed: clock.now().saturating_sub(began),
            }),
            worker = workers.join_next() => match worker {
                Some(Ok(found)) => broken = broken.or(found),
                // A worker that panicked has lost a payment: that must not pass for success.
                Some(Err(error)) => broken = Some((Place::Number(0), error.to_string())),
                None => break,
            },
        }
    }
    progress.end();
    budget.close();
    let halt = calls.halted();
    // Without a halt the workers ended because the reader did.
    if halt.is_none() && reader.join().is_err() {
        broken = Some((Place::Number(0), "the reader failed".to_owned()));
    }
    tally.report(broken, halt, clock.now().saturating_sub(began))
}

/// Something to load, and its share of the budget.
type Parcel = (Entry, OwnedSemaphorePermit);

/// Reads on a thread of its own, as far ahead as the budget lets it.
fn read(
    entries: Box<dyn Iterator<Item = Entry> + Send>,
    send: mpsc::Sender<Parcel>,
    budget: Arc<Semaphore>,
) -> thread::JoinHandle<()> {
    let runtime = Handle::current();
    thread::spawn(move || {
        for entry in entries {
            let share = u32::try_from(entry.size.clamp(1, BUDGET)).unwrap_or(1);
            let Ok(share) = runtime.block_on(Arc::clone(&budget).acquire_many_owned(share)) else { return };
            if send.blocking_send((entry, share)).is_err() {
                return;
            }
        }
    })
}

/// Loads what comes, until nothing does or the load halts. Returns where the source could not be read any further.
async fn work<C: Clock>(
    loader: Arc<Loader<C>>,
    calls: Arc<Calls<C>>,
    tally: Arc<Tally>,
    receive: Arc<Mutex<mpsc::Receiver<Parcel>>>,
) -> Option<(Place, String)> {
    loop {
        let parcel = async { receive.lock().await.recv().await };
        let (entry, _share) = tokio::select! {
            biased;
            () = calls.until_halted() => return None,
            parcel = parcel => parcel?,
        };
        let Entry { place, position, size: _, found } = entry;
        match found {
            Found::Payment(payment) => {
                let id = payment.id.clone();
                match loader.place(*payment).await {
                    Ok(outcome) => tally.note(place, id, outcome),
                    Err(Halted) => return None,
                }
            }
            Found::Faulty { id, reason } => tally.note(place, id, Outcome::Refused(reason)),
            Found::Broken(reason) => return Some((place, reason)),
        }
        tally.reached(position);
    }
}

/// The entries of a source, and how many there are, if that can be known.
fn open(source: Source) -> Result<(Box<dyn Iterator<Item = Entry> + Send>, Total), LoadError> {
    Ok(match source {
        Source::Fixtures => (Box::new(Reader::new(JSON.as_bytes())), Total::Bytes(JSON.len() as u64)),
        Source::Synthetic { count, seed, organisations } => {
            (Box::new(Synthetic::new(seed, organisations, count)), Total::Payments(count))
        }
        Source::File(path) if path.as_os_str() == "-" => (Box::new(Reader::new(io::stdin())), Total::Unknown),
        Source::File(path) => {
            let opened = File::open(&path).and_then(|file| {
                let about = file.metadata()?;
                // A directory opens, and only then cannot be read.
                if about.is_dir() {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                Ok((file, if about.is_file() { Total::Bytes(about.len()) } else { Total::Unknown }))
            });
            let (file, total) = opened.map_err(|source| LoadError::File { path, source })?;
            (Box::new(Reader::new(file)), total)
        }
    })
}
