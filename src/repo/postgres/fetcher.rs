//! Payments by id, fetched together for those who ask at the same time.
//!
//! The way to the server and back costs more than to look a payment up, there as well as here. So whoever asks while other
//! requests come in, or while every connection is in use, goes there together with them, in one statement. It begins after
//! all of them have asked: nobody sees an older payment than if they had gone alone.

use super::failure::unavailable;
use super::pool::{Lease, Pool};
use super::statements::Statements;
use crate::payments::{Error, Payment, PaymentId, Snapshot};
use crate::repo::together::{self, tell};
use sqlx::postgres::PgConnection;
use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tokio::task::yield_now;

/// The most payments that are fetched together.
const BATCH: usize = 64;

/// The fetches, as their callers see them.
#[derive(Debug)]
pub(super) struct Fetcher(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    statements: Arc<Statements>,
    /// Those for whom nobody has set out yet. If there are any, somebody is about to.
    waiting: Mutex<Vec<Wanted>>,
}

/// A payment that somebody wants, and where to send it.
type Wanted = (PaymentId, Answer);
type Answer = together::Answer<Snapshot>;

impl Fetcher {
    pub(super) fn new(pool: &Arc<Pool>, statements: &Arc<Statements>) -> Self {
        let (pool, statements) = (Arc::clone(pool), Arc::clone(statements));
        Self(Arc::new(Shared { pool, statements, waiting: Mutex::default() }))
    }

    /// The payment as the database has it.
    pub(super) async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        let (answer, answered) = oneshot::channel();
        if self.0.join((id.clone(), answer)) {
            // A task of its own: whoever came first may go away, and leaves the others waiting.
            tokio::spawn(Arc::clone(&self.0).set_out());
        }
        answered.await.map_err(|_| unavailable("whoever fetched the payment stopped before it answered"))?
    }
}

impl Shared {
    /// Waits together with others; `true` if there are none, and somebody must set out for them.
    fn join(&self, wanted: Wanted) -> bool {
        let mut waiting = self.waiting();
        waiting.push(wanted);
        waiting.len() == 1
    }

    /// Takes those who wait, up to `most`; whoever asks from now on is not among them.
    fn leave(self: &Arc<Self>, most: usize) -> Vec<Wanted> {
        let mut waiting = self.waiting();
        let others = if waiting.len() > most { waiting.split_off(most) } else { Vec::new() };
        if !others.is_empty() {
            tokio::spawn(Arc::clone(self).set_out());
        }
        mem::replace(&mut *waiting, others)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Wanted>> {
        // Nothing panics while it holds the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches what is waited for, as soon as there is a connection.
    async fn set_out(self: Arc<Self>) {
        // Requests that have come already are looked at first, and may join.
        yield_now().await;
        match self.pool.lease().await {
            // Only now, so that more may join while all connections are in use.
            Ok(lease) => self.fetch(lease, self.leave(BATCH)).await,
            Err(error) => tell(self.leave(usize::MAX).into_iter().map(|(_, answer)| answer).collect(), Err(error)),
        }
    }

    async fn fetch(&self, lease: Lease, mut batch: Vec<Wanted>) {
        // What nobody waits for any more need not be fetched.
        batch.retain(|(_, answer)| !answer.is_closed());
        if batch.is_empty() {
            return;
        }
        let (ids, mut answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let found = tokio::select! {
            biased;
            found = lease.run(async |connection| self.each(connection, &ids).await) => found,
            () = all_gone(&mut answers) => return,
        };
        match found {
            Ok(found) => answers.into_iter().zip(found).for_each(|(answer, found)| drop(answer.send(found))),
            Err(error) => tell(answers, Err(error)),
        }
    }

    /// What becomes of each of `ids`.
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
