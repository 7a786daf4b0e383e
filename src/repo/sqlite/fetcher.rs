//! Fetches by id, in batches.
//!
//! Each reading connection is a thread of its own, and the way there and back costs more than the lookup. So what has queued
//! up while a connection was busy shares one statement.
//!
//! The rows come packed into one text. Large payments are left out of it, and fetched one by one: otherwise many of them at
//! once would be in memory several times.

use super::batch;
use super::connection::Shared;
use super::failure::unavailable;
use super::statements::{Fetched, Statements};
use crate::payments::{Error, Snapshot};
use crate::repo::key::Key;
use crate::repo::table::PerTable;
use crate::repo::waiters::Waiter;
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// How many fetches may queue up; further callers wait for room.
const QUEUE: usize = 1024;
/// The most payments that share a statement.
const BATCH: usize = 64;

/// Fetches payments. A task per connection does the work.
#[derive(Debug)]
pub(super) struct Fetcher {
    queue: mpsc::Sender<Fetch>,
}

/// The key of a payment, and the caller that waits for it.
#[derive(Debug)]
struct Fetch(Key, Waiter<Snapshot>);

impl Fetcher {
    /// Starts a task for each of `readers`. They end when this is dropped.
    pub(super) fn start(readers: &[Shared], statements: &Arc<PerTable<Statements>>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for reader in readers {
            tokio::spawn(run(Arc::clone(&queue), Arc::clone(reader), Arc::clone(statements)));
        }
        Self { queue: sender }
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, key: Key) -> Result<Snapshot, Error> {
        let (waiter, answer) = oneshot::channel();
        self.queue.send(Fetch(key, waiter)).await.map_err(|_| unavailable("the tasks that fetch have stopped"))?;
        answer.await.map_err(|_| unavailable("the task that fetched stopped before it answered"))?
    }
}

async fn run(queue: Arc<Mutex<mpsc::Receiver<Fetch>>>, reader: Shared, statements: Arc<PerTable<Statements>>) {
    let mut batch = Vec::with_capacity(BATCH);
    // One task holds the lock and waits for fetches; the others stand by for those that come while it works.
    while gather(&mut *queue.lock().await, &mut batch).await > 0 {
        // Skips fetches whose callers have gone away.
        batch.retain(|Fetch(_, waiter)| !waiter.is_closed());
        if batch.is_empty() {
            continue;
        }
        match reader.lock().await.as_mut() {
            Some(open) => {
                // A statement is about one table.
                let mut of_tenants = batch.extract_if(.., |Fetch(key, _)| !key.tenant.is_anonymous()).collect();
                let [anonymous, organisations] = statements.both();
                fetch_batch(&mut open.sqlite, anonymous, &mut batch).await;
                fetch_batch(&mut open.sqlite, organisations, &mut of_tenants).await;
            }
            None => batch.drain(..).for_each(|fetch| fetch.answer(Err(unavailable("the database is closed")))),
        }
    }
}

/// Waits for the first fetch, and takes what else has queued up. Returns 0 once the queue is closed and empty.
async fn gather(queue: &mut mpsc::Receiver<Fetch>, batch: &mut Vec<Fetch>) -> usize {
    let first = queue.recv_many(batch, BATCH).await;
    batch::fill(queue, batch, BATCH).await;
    first
}

/// Fetches all of `batch`, which is in one table, in one statement, and what is too large for that in one of its own. If the
/// first fails, fetches one by one: another program may have broken a row, which must not fail the fetches of other rows.
async fn fetch_batch(sqlite: &mut SqliteConnection, statements: &Statements, batch: &mut Vec<Fetch>) {
    if batch.is_empty() {
        return;
    }
    let keys: Vec<_> = batch.iter().map(|Fetch(key, _)| key).collect();
    match statements.fetch(sqlite, &keys).await {
        Ok(Fetched { payments, has_large }) => {
            let mut found: HashMap<_, _> =
                payments.into_iter().map(|(key, payment)| (key, Snapshot::from(payment))).collect();
            for fetch in batch.drain(..) {
                let outcome = match found.get(&fetch.0) {
                    Some(payment) => Ok(payment.clone()),
                    None if !has_large => Err(Error::NotFound),
                    None => fetch_one(sqlite, statements, &fetch.0).await,
                };
                if let Ok(payment) = &outcome
                    && has_large
                {
                    // Others in the batch may want the same.
                    found.insert(fetch.0.clone(), payment.clone());
                }
                fetch.answer(outcome);
            }
        }
        Err(_) => {
            for fetch in batch.drain(..) {
                let outcome = fetch_one(sqlite, statements, &fetch.0).await;
                fetch.answer(outcome);
            }
        }
    }
}

async fn fetch_one(sqlite: &mut SqliteConnection, statements: &Statements, key: &Key) -> Result<Snapshot, Error> {
    statements.fetch_one(sqlite, key).await.map(Snapshot::from)
}

impl Fetch {
    /// Sends the outcome to the caller, which misses it if it has gone away.
    fn answer(self, outcome: Result<Snapshot, Error>) {
        let _ = self.1.send(outcome);
    }
}
