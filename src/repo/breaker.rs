//! A circuit breaker round a store.
//!
//! While a store is ill, asking it again and again helps neither it nor the clients that wait. When call after call fails
//! or hangs, the circuit opens: calls are refused at once. After a pause one call is let through as a probe, and what
//! becomes of it decides. Reads and writes have a circuit each: a full disk stops the writes, and the reads go on.
//!
//! The crates that do this judge a call by its end, so a call that hangs tells them nothing, and it hangs on when the
//! circuit has opened: hence our own.

mod circuit;

use crate::{
    metrics::OnScrape,
    payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version},
};
use circuit::{Circuit, STATES};
use prometheus::{IntGaugeVec, Opts, Registry};
use std::{sync::Arc, time::Duration};

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Trip {
    /// After how many failures without a success in between.
    pub failures: u32,
    /// How long a call may take before that counts as a failure.
    pub slow: Duration,
    /// How long it stays open before a probe is let through.
    pub pause: Duration,
}

impl Trip {
    /// What suits a store that answers in milliseconds. The pause is what `Retry-After` promises.
    pub const USUAL: Self = Self { failures: 5, slow: Duration::from_secs(5), pause: Duration::from_secs(1) };
}

/// A store behind a circuit breaker.
///
/// Looking after the store ([`check`](Repo::check), [`info`](Repo::info), [`clear`](Repo::clear)) is never refused: whoever
/// does that wants to know how it is. A sign of life brings the next probe forward.
#[derive(Debug)]
pub struct Breaker<R> {
    repo: R,
    reads: Arc<Circuit>,
    writes: Arc<Circuit>,
}

impl<R: Repo> Breaker<R> {
    /// The store `repo`, guarded.
    pub fn new(repo: R, trip: Trip) -> Self {
        Self { repo, reads: Arc::new(Circuit::new("reads", trip)), writes: Arc::new(Circuit::new("writes", trip)) }
    }

    /// Gives `registry` the states of the circuits.
    ///
    /// # Errors
    /// When it has them already.
    pub fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let help = "What the circuits of the breaker are at: 1 for the state that is, 0 for the others.";
        let states = IntGaugeVec::new(Opts::new("payments_repo_circuit_state", help), &["circuit", "state"])?;
        let circuits = [Arc::clone(&self.reads), Arc::clone(&self.writes)];
        OnScrape::register(registry, states, move |states| {
            for circuit in &circuits {
                let is_at = circuit.state_name();
                for state in STATES {
                    states.with_label_values(&[circuit.name(), state]).set(i64::from(state == is_at));
                }
            }
        })
    }

    /// The store itself.
    pub fn inner(&self) -> &R {
        &self.repo
    }
}

/// Calls are in a box, because whoever waits for one grows with it, and all the more with each layer between; but for the one
/// that is mostly answered from memory.
impl<R: Repo> Repo for Breaker<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.writes.guard(Box::pin(self.repo.create(payment))).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.reads.guard(self.repo.fetch(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.reads.guard(Box::pin(self.repo.list(start, size))).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.writes.guard(Box::pin(self.repo.update(id, expected, change))).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.writes.guard(Box::pin(self.repo.delete(id, expected))).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.repo.check().await?;
        self.reads.sign_of_life();
        self.writes.sign_of_life();
        Ok(())
    }

    async fn info(&self) -> Result<Info, Error> {
        self.repo.info().await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.repo.clear().await
    }
}
