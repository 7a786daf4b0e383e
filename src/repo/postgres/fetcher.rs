//! Fetches by id, in batches, with hedged requests for a connection.
//!
//! The way to the server and back costs more than the lookup, there and here. So a fetch joins those that came with it, or
//! that wait because every connection is in use, and all of them share one statement. The statement begins after all of them
//! have called, so no caller sees an older payment than if it had gone alone.
//!
//! A few [`ConnectionRequest`]s are under way for those that wait, and the first that is granted takes all of them along. A
//! request that takes long is hedged by another. So a connection that is slow to come, or dead, holds up no fetch while there
//! are others.

use super::failure::{is_lost, unavailable};
use super::lanes::Lane;
use super::pool::{Lease, Pool};
use super::statements::Statements;
use crate::deadline;
use crate::payments::{Error, Payment, Snapshot};
use crate::repo::key::{Key, KeyRef};
use crate::repo::table::PerTable;
use crate::repo::turn;
use crate::repo::waiters::{self, answer_all};
use sqlx::postgres::PgConnection;
use std::collections::HashMap;
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::Instant;

/// The most payments that share a statement.
const BATCH: usize = 64;
/// How long a request for a connection may take before it is hedged by another.
const HEDGE_AFTER: Duration = Duration::from_millis(10);
/// No hedge is made while so many requests are under way.
const MAX_REQUESTS: usize = 16;

/// Fetches payments.
#[derive(Debug)]
pub(super) struct Fetcher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    statements: Arc<PerTable<Statements>>,
    queue: Mutex<Queue>,
    /// The tickets below it have left the queue.
    served: AtomicU64,
}

/// The fetches that wait for a connection. While there are any, at least one request is under way.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Fetch>,
    /// How many fetches have ever waited: the ticket of the next one.
    tickets: u64,
    /// The requests for a connection under way: one for every [`BATCH`] fetches, and hedges.
    requests: usize,
}

/// A fetch that waits.
#[derive(Debug)]
struct Fetch {
    key: Key,
    waiter: Waiter,
    ticket: u64,
}

type Waiter = waiters::Waiter<Snapshot>;

impl Fetcher {
    pub(super) fn new(pool: &Arc<Pool>, statements: &Arc<PerTable<Statements>>) -> Self {
        let (pool, statements) = (Arc::clone(pool), Arc::clone(statements));
        Self(Arc::new(Shared { pool, statements, queue: Mutex::default(), served: AtomicU64::new(0) }))
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, key: KeyRef<'_>) -> Result<Snapshot, Error> {
        let (waiter, answer) = oneshot::channel();
        let mut ticket = 0;
        // Requests are tasks of their own: when one caller goes away, the others are still served.
        self.0.request_if(|queue| {
            ticket = queue.tickets;
            queue.tickets += 1;
            queue.waiting.push(Fetch { key: key.to_key(), waiter, ticket });
            queue.waiting.len() % BATCH == 1
        });
        let is_queued = || ticket >= self.0.served.load(Ordering::Relaxed);
        turn::wait(answer, is_queued)
            .await
            .map_err(|_| unavailable("the task that fetched stopped before it answered"))?
    }
}

impl Shared {
    /// Changes the queue, and requests a connection if `change` says so.
    fn request_if(self: &Arc<Self>, change: impl FnOnce(&mut Queue) -> bool) {
        let mut queue = self.queue();
        if change(&mut queue) {
            queue.requests += 1;
            // Unlocked first: a runtime that shuts down drops the task at once, and its drop locks the queue.
            drop(queue);
            tokio::spawn(ConnectionRequest { shared: Arc::clone(self), is_pending: true }.run());
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // A poisoned lock is fine: nothing panics while it is held.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, lease: Lease, mut batch: Vec<Fetch>) {
        // A statement is about one table.
        batch.sort_by_key(|fetch| fetch.key.tenant.is_anonymous());
        let (keys, mut waiters): (Vec<_>, Vec<_>) = batch.into_iter().map(|fetch| (fetch.key, fetch.waiter)).unzip();
        let found = tokio::select! {
            biased;
            found = self.look_up(lease, &keys) => found,
            () = all_gone(&mut waiters) => return,
        };
        match found {
            Ok(found) => waiters.into_iter().zip(found).for_each(|(waiter, found)| drop(waiter.send(found))),
            Err(error) => answer_all(waiters, Err(error)),
        }
    }

    /// Looks up each of `keys`. If the connection turns out to be lost, tries another one, so that the batch does not fail
    /// with it.
    async fn look_up(&self, lease: Lease, keys: &[Key]) -> Result<Vec<Result<Snapshot, Error>>, Error> {
        match lease.run(async |connection| self.each(connection, keys).await).await {
            Err(error) if is_lost(&error) => {
                self.pool.run(Lane::Fetches, async |connection| self.each(connection, keys).await).await
            }
            outcome => outcome,
        }
    }

    async fn each(&self, connection: &mut PgConnection, keys: &[Key]) -> Result<Vec<Result<Snapshot, Error>>, Error> {
        let mut each = Vec::with_capacity(keys.len());
        let mut at_once = keys.len();
        while let Some(rest @ [first, ..]) = keys.get(each.len()..) {
            let in_the_table = |key: &&Key| key.tenant.is_anonymous() == first.tenant.is_anonymous();
            let count = rest.iter().take_while(in_the_table).count().min(at_once);
            let wanted = rest.get(..count).unwrap_or(rest);
            match self.statements.of(&first.tenant).fetch(connection, wanted).await {
                Ok(found) => hand_out(found, wanted, &mut each),
                // One by one: another program may have broken a row, which must not fail the fetches of other rows.
                Err(Error::Internal(_)) if at_once > 1 => at_once = 1,
                Err(error @ Error::Internal(_)) => each.push(Err(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(each)
    }
}

/// A request for a connection, on behalf of the fetches that wait.
struct ConnectionRequest {
    shared: Arc<Shared>,
    /// True until a connection was acquired or failed.
    is_pending: bool,
}

impl ConnectionRequest {
    async fn run(mut self) {
        // Lets requests that have arrived be polled first, so that their fetches may join.
        yield_now().await;
        let shared = Arc::clone(&self.shared);
        let mut lease = pin!(shared.pool.lease(Lane::Fetches));
        let lease = match deadline::before(|| Instant::now() + HEDGE_AFTER, lease.as_mut()).await {
            Some(lease) => lease,
            None => {
                shared.request_if(|queue| !queue.waiting.is_empty() && queue.requests < MAX_REQUESTS);
                lease.await
            }
        };
        match lease {
            Ok(lease) => {
                let batch = self.take_batch();
                shared.fetch(lease, batch).await;
            }
            Err(error) => answer_all(self.give_up().into_iter().map(|fetch| fetch.waiter).collect(), Err(error)),
        }
    }

    /// Takes the fetches that wait, [`BATCH`] at most. Later fetches go with the next connection.
    fn take_batch(&mut self) -> Vec<Fetch> {
        self.is_pending = false;
        let mut batch = Vec::new();
        self.shared.request_if(|queue| {
            queue.requests -= 1;
            // Skips fetches whose callers have gone away.
            queue.waiting.retain(|fetch| !fetch.waiter.is_closed());
            let others = queue.waiting.split_off(queue.waiting.len().min(BATCH));
            batch = mem::replace(&mut queue.waiting, others);
            // In order, so that one number says of each fetch whether it still waits.
            let served = queue.waiting.first().map_or(queue.tickets, |next| next.ticket);
            self.shared.served.store(served, Ordering::Relaxed);
            !queue.waiting.is_empty() && queue.requests == 0
        });
        batch
    }

    /// Ends the request without a connection. Returns the fetches that no other request would take.
    fn give_up(&mut self) -> Vec<Fetch> {
        if !mem::take(&mut self.is_pending) {
            return Vec::new();
        }
        let mut queue = self.shared.queue();
        queue.requests -= 1;
        if queue.requests > 0 { Vec::new() } else { mem::take(&mut queue.waiting) }
    }
}

impl Drop for ConnectionRequest {
    /// Leaves no fetch waiting, even after a panic or when the runtime shuts down.
    fn drop(&mut self) {
        drop(self.give_up());
    }
}

/// Adds to `each` the payment for each of `wanted`, if it is among those `found`.
fn hand_out(found: Vec<(Key, Payment)>, wanted: &[Key], each: &mut Vec<Result<Snapshot, Error>>) {
    let found: HashMap<_, _> = found.into_iter().map(|(key, payment)| (key, Snapshot::from(payment))).collect();
    each.extend(wanted.iter().map(|key| found.get(key).cloned().ok_or(Error::NotFound)));
}

/// Waits until every caller has gone away.
async fn all_gone(waiters: &mut [Waiter]) {
    for waiter in waiters {
        waiter.closed().await;
    }
}
