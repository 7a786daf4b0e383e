//! The tasks that fetch payments by id.
//!
//! Each reading connection is a thread of its own, and to go there and back costs more than to look a payment up. So what
//! has queued up while a connection was busy goes there together, in one statement.

use super::batch;
use super::connection::{Shared, unavailable};
use super::statements::Statements;
use crate::payments::{Error, PaymentId, Snapshot};
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// How many may wait; whoever comes next waits to get in.
const QUEUE: usize = 1024;
/// The most payments that are fetched together.
const BATCH: usize = 64;

/// The tasks, as their callers see them.
#[derive(Debug)]
pub(super) struct Fetcher {
    wanted: mpsc::Sender<Wanted>,
}

/// A payment that somebody wants, and where to send it.
#[derive(Debug)]
struct Wanted(PaymentId, oneshot::Sender<Result<Snapshot, Error>>);

impl Fetcher {
    /// Starts a task for each of `readers`. They end when this is dropped.
    pub(super) fn start(readers: &[Shared], statements: &Arc<Statements>) -> Self {
        let (wanted, queue) = mpsc::channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for reader in readers {
            tokio::spawn(work(Arc::clone(&queue), Arc::clone(reader), Arc::clone(statements)));
        }
        Self { wanted }
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, id: PaymentId) -> Result<Snapshot, Error> {
        let (answer, answered) = oneshot::channel();
        self.wanted.send(Wanted(id, answer)).await.map_err(|_| unavailable("nobody fetches any more"))?;
        answered.await.map_err(|_| unavailable("whoever fetched stopped before it answered"))?
    }
}

async fn work(queue: Arc<Mutex<mpsc::Receiver<Wanted>>>, reader: Shared, statements: Arc<Statements>) {
    let mut batch = Vec::with_capacity(BATCH);
    // Whoever holds the lock waits for what comes next; those behind it are for what comes while it works.
    while gather(&mut *queue.lock().await, &mut batch).await > 0 {
        // What nobody waits for any more need not be fetched.
        batch.retain(|Wanted(_, answer)| !answer.is_closed());
        if batch.is_empty() {
            continue;
        }
        match reader.lock().await.as_mut() {
            Some(open) => together(&mut open.sqlite, &statements, &mut batch).await,
            None => batch.drain(..).for_each(|wanted| wanted.answer(Err(unavailable("the database is closed")))),
        }
    }
}

/// Waits for something to fetch, and takes what else there is. How much that is; nothing once nobody can ask any more.
async fn gather(queue: &mut mpsc::Receiver<Wanted>, batch: &mut Vec<Wanted>) -> usize {
    let first = queue.recv_many(batch, BATCH).await;
    batch::join(queue, batch, BATCH).await;
    first
}

/// Fetches all of `batch` in one statement, or one by one if that fails: somebody else may have broken a row, which is no
/// concern of those who want another.
async fn together(sqlite: &mut SqliteConnection, statements: &Statements, batch: &mut Vec<Wanted>) {
    let ids: Vec<_> = batch.iter().map(|Wanted(id, _)| id).collect();
    match statements.fetch(sqlite, &ids).await {
        Ok(found) => {
            let found: HashMap<_, _> =
                found.into_iter().map(|payment| (payment.id.clone(), Snapshot::from(payment))).collect();
            for wanted in batch.drain(..) {
                let outcome = found.get(&wanted.0).cloned().ok_or(Error::NotFound);
                wanted.answer(outcome);
            }
        }
        Err(_) => {
            for wanted in batch.drain(..) {
                let found = statements.fetch(sqlite, &[&wanted.0]).await;
                wanted.answer(found.and_then(|found| Ok(found.into_iter().next().ok_or(Error::NotFound)?.into())));
            }
        }
    }
}

impl Wanted {
    /// Tells the caller. That it may have gone away meanwhile is no concern of ours.
    fn answer(self, outcome: Result<Snapshot, Error>) {
        let _ = self.1.send(outcome);
    }
}
