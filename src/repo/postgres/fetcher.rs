//! Payments by id, fetched together for those who ask at the same time.
//!
//! The way to the server and back costs more than to look a payment up, there as well as here. So whoever asks while other
//! requests come in, or while every connection is in use, goes there together with them, in one statement. It begins after
//! all of them have asked: nobody sees an older payment than if they had gone alone.
//!
//! A few are sent out for a connection, and the first who has one takes along whoever waits. So a connection that is slow
//! to come, or dead, holds up nobody while there are others.

use super::failure::{is_lost, unavailable};
use super::pool::{Lease, Pool};
use super::statements::Statements;
use crate::deadline;
use crate::payments::{Error, Payment, PaymentId, Snapshot};
use crate::repo::together::{self, tell};
use sqlx::postgres::PgConnection;
use std::collections::HashMap;
use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::Instant;

/// The most payments that are fetched together.
const BATCH: usize = 64;
/// How long one is out for a connection before another is sent, who may have more luck: a hedge.
const HEDGE_AFTER: Duration = Duration::from_millis(10);
/// No hedge is sent while so many are out.
const MOST_SCOUTS: usize = 16;

/// The fetches, as their callers see them.
#[derive(Debug)]
pub(super) struct Fetcher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    statements: Arc<Statements>,
    queue: Mutex<Queue>,
}

/// Those whom nobody has taken along yet. While there are any, somebody is out for a connection.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Wanted>,
    /// How many are out for a connection: one for every [`BATCH`] who wait, and those who were sent after them.
    scouts: usize,
}

/// A payment that somebody wants, and where to send it.
type Wanted = (PaymentId, Answer);
type Answer = together::Answer<Snapshot>;

impl Fetcher {
    pub(super) fn new(pool: &Arc<Pool>, statements: &Arc<Statements>) -> Self {
        let (pool, statements) = (Arc::clone(pool), Arc::clone(statements));
        Self(Arc::new(Shared { pool, statements, queue: Mutex::default() }))
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        let (answer, answered) = oneshot::channel();
        // Whoever asks may go away, and leaves the others waiting: hence tasks of their own.
        self.0.send_if(|queue| {
            queue.waiting.push((id.clone(), answer));
            queue.waiting.len() % BATCH == 1
        });
        answered.await.map_err(|_| unavailable("whoever fetched the payment stopped before it answered"))?
    }
}

impl Shared {
    /// Changes the queue, and sends somebody out for a connection if that says so.
    fn send_if(self: &Arc<Self>, change: impl FnOnce(&mut Queue) -> bool) {
        let mut queue = self.queue();
        if change(&mut queue) {
            queue.scouts += 1;
            // Not while it is locked: a runtime that shuts down drops the task at once, and the scout with it.
            drop(queue);
            tokio::spawn(Scout { shared: Arc::clone(self), is_out: true }.go());
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while it holds the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, lease: Lease, batch: Vec<Wanted>) {
        let (ids, mut answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let found = tokio::select! {
            biased;
            found = self.look_up(lease, &ids) => found,
            () = all_gone(&mut answers) => return,
        };
        match found {
            Ok(found) => answers.into_iter().zip(found).for_each(|(answer, found)| drop(answer.send(found))),
            Err(error) => tell(answers, Err(error)),
        }
    }

    /// What becomes of each of `ids`. If the connection turns out to be lost, another is tried: so many need not fail with it.
    async fn look_up(&self, lease: Lease, ids: &[PaymentId]) -> Result<Vec<Result<Snapshot, Error>>, Error> {
        match lease.run(async |connection| self.each(connection, ids).await).await {
            Err(error) if is_lost(&error) => self.pool.run(async |connection| self.each(connection, ids).await).await,
            outcome => outcome,
        }
    }

    async fn each(
        &self,
        connection: &mut PgConnection,
        ids: &[PaymentId],
    ) -> Result<Vec<Result<Snapshot, Error>>, Error> {
        let mut each = Vec::with_capacity(ids.len());
        let mut at_once = ids.len();
        while let Some(rest) = ids.get(each.len()..).filter(|rest| !rest.is_empty()) {
            let wanted = rest.get(..at_once).unwrap_or(rest);
            match self.statements.fetch(connection, wanted).await {
                Ok(found) => hand_out(found, wanted, &mut each),
                // Somebody else may have broken a row, which is no concern of those who want another.
                Err(Error::Internal(_)) if at_once > 1 => at_once = 1,
                Err(error @ Error::Internal(_)) => each.push(Err(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(each)
    }
}

/// One who is sent out for a connection.
struct Scout {
    shared: Arc<Shared>,
    /// Still out; whoever is not has a connection, or comes back without.
    is_out: bool,
}

impl Scout {
    async fn go(mut self) {
        // Requests that have come already are looked at first, and may join.
        yield_now().await;
        let shared = Arc::clone(&self.shared);
        let mut lease = pin!(shared.pool.lease());
        let lease = match deadline::before(|| Instant::now() + HEDGE_AFTER, lease.as_mut()).await {
            Some(lease) => lease,
            None => {
                shared.send_if(|queue| !queue.waiting.is_empty() && queue.scouts < MOST_SCOUTS);
                lease.await
            }
        };
        match lease {
            Ok(lease) => {
                let batch = self.take_along();
                shared.fetch(lease, batch).await;
            }
            Err(error) => tell(self.give_up().into_iter().map(|(_, answer)| answer).collect(), Err(error)),
        }
    }

    /// Takes along those who wait. Whoever asks from now on is not among them.
    fn take_along(&mut self) -> Vec<Wanted> {
        self.is_out = false;
        let mut batch = Vec::new();
        self.shared.send_if(|queue| {
            queue.scouts -= 1;
            // What nobody waits for any more need not be fetched.
            queue.waiting.retain(|(_, answer)| !answer.is_closed());
            let others = queue.waiting.split_off(queue.waiting.len().min(BATCH));
            batch = mem::replace(&mut queue.waiting, others);
            !queue.waiting.is_empty() && queue.scouts == 0
        });
        batch
    }

    /// Those who wait for nobody else, now that this one comes back without a connection.
    fn give_up(&mut self) -> Vec<Wanted> {
        if !mem::take(&mut self.is_out) {
            return Vec::new();
        }
        let mut queue = self.shared.queue();
        queue.scouts -= 1;
        if queue.scouts > 0 { Vec::new() } else { mem::take(&mut queue.waiting) }
    }
}

impl Drop for Scout {
    /// Nobody is left waiting, even if there was a panic or the runtime shuts down.
    fn drop(&mut self) {
        drop(self.give_up());
    }
}

/// Adds to `each` the payment for each of `wanted`, if it is among those `found`.
fn hand_out(found: Vec<Payment>, wanted: &[PaymentId], each: &mut Vec<Result<Snapshot, Error>>) {
    let found: HashMap<_, _> = found.into_iter().map(|payment| (payment.id.clone(), Snapshot::from(payment))).collect();
    each.extend(wanted.iter().map(|id| found.get(id).cloned().ok_or(Error::NotFound)));
}

/// Waits until nobody waits for an answer any more.
async fn all_gone(answers: &mut [Answer]) {
    for answer in answers {
        answer.closed().await;
    }
}
