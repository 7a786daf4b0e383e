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
use super::packed::PackedPage;
use super::statements::Statements;
use crate::payments::{Error, PaymentId, Snapshot};
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

/// The id of a payment, and the caller that waits for it.
#[derive(Debug)]
struct Fetch(PaymentId, Waiter<Snapshot>);

impl Fetcher {
    /// Starts a task for each of `readers`. They end when this is dropped.
    pub(super) fn start(readers: &[Shared], statements: &Arc<Statements>) -> Self {
        let (sender, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for reader in readers {
            tokio::spawn(run(Arc::clone(&queue), Arc::clone(reader), Arc::clone(statements)));
        }
        Self { queue: sender }
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, id: PaymentId) -> Result<Snapshot, Error> {
        let (waiter, answer) = oneshot::channel();
        self.queue.send(Fetch(id, waiter)).await.map_err(|_| unavailable("the tasks that fetch have stopped"))?;
        answer.await.map_err(|_| unavailable("the task that fetched stopped before it answered"))?
    }
}

async fn run(queue: Arc<Mutex<mpsc::Receiver<Fetch>>>, reader: Shared, statements: Arc<Statements>) {
    let mut batch = Vec::with_capacity(BATCH);
    // One task holds the lock and waits for fetches; the others stand by for those that come while it works.
    while gather(&mut *queue.lock().await, &mut batch).await > 0 {
        // Skips fetches whose callers have gone away.
        batch.retain(|Fetch(_, waiter)| !waiter.is_closed());
        if batch.is_empty() {
            continue;
        }
        match reader.lock().await.as_mut() {
            Some(open) => fetch_batch(&mut open.sqlite, &statements, &mut batch).await,
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

/// Fetches all of `batch` in one statement, and what is too large for that in one of its own. If the first fails, fetches one
/// by one: another program may have broken a row, which must not fail the fetches of other rows.
async fn fetch_batch(sqlite: &mut SqliteConnection, statements: &Statements, batch: &mut Vec<Fetch>) {
    let ids: Vec<_> = batch.iter().map(|Fetch(id, _)| id).collect();
    match statements.fetch(sqlite, &ids).await {
        Ok(PackedPage { rows, large }) => {
            let payments = rows.into_iter().map(|row| row.payment);
            let mut found: HashMap<_, _> =
                payments.map(|payment| (payment.id.clone(), Snapshot::from(payment))).collect();
            for fetch in batch.drain(..) {
                let outcome = match found.get(&fetch.0) {
                    Some(payment) => Ok(payment.clone()),
                    None if large.is_empty() => Err(Error::NotFound),
                    None => fetch_one(sqlite, statements, &fetch.0).await,
                };
                if let Ok(payment) = &outcome
                    && !large.is_empty()
                {
                    // Others in the batch may want the same.
                    found.insert(payment.id.clone(), payment.clone());
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

async fn fetch_one(sqlite: &mut SqliteConnection, statements: &Statements, id: &PaymentId) -> Result<Snapshot, Error> {
    statements.fetch_one(sqlite, id).await.map(Snapshot::from)
}

impl Fetch {
    /// Sends the outcome to the caller, which misses it if it has gone away.
    fn answer(self, outcome: Result<Snapshot, Error>) {
        let _ = self.1.send(outcome);
    }
}
