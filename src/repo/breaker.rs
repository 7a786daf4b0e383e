//! A circuit breaker around a store.
//!
//! While a store is ill, more calls help neither it nor the clients that wait. When call after call fails or hangs, the
//! circuit opens: calls are refused at once. After a pause one call is let through as a probe, and its outcome closes the
//! circuit or opens it again. Fetches, lists and writes have a circuit each: a full disk stops the writes, long lists stop
//! the lists, and the rest goes on.
//!
//! A call that waits for other calls of this process says nothing about the store: an [`Error::Overloaded`] is no failure,
//! and the time that a call waits for its [turn](super::turn) does not count as slow.
//!
//! Breakers from crates count a call when it ends, so a call that hangs never counts, and it goes on hanging after the
//! circuit has opened. Here a call counts as failed as soon as it is slow, and an open circuit ends the calls that hang.

mod circuit;
mod policy;
mod slow;

use super::Backend;
use crate::{
    metrics::OnScrape,
    payments::{
        Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
        Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
    },
};
use circuit::{Circuit, STATES};
pub use policy::TripPolicy;
use prometheus::{IntGaugeVec, Opts, Registry};
use std::sync::Arc;

/// A store behind a circuit breaker.
///
/// Administrative calls ([`check`](Repo::check), [`info`](Repo::info), [`clear`](Repo::clear)) always pass: they are made to
/// find out how the store is. A check that succeeds brings the next probe forward.
#[derive(Debug)]
pub struct Breaker<R> {
    repo: R,
    fetches: Arc<Circuit>,
    lists: Arc<Circuit>,
    writes: Arc<Circuit>,
}

impl<R: Repo> Breaker<R> {
    /// Puts a breaker around `repo`.
    pub fn new(repo: R, policy: TripPolicy) -> Self {
        let circuit = |name| Arc::new(Circuit::new(name, policy));
        Self { repo, fetches: circuit("fetches"), lists: circuit("lists"), writes: circuit("writes") }
    }

    /// Registers the states of the circuits.
    fn measure_circuits(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let help = "What the circuits of the breaker are at: 1 for the state that is, 0 for the others.";
        let states = IntGaugeVec::new(Opts::new("payments_repo_circuit_state", help), &["circuit", "state"])?;
        let circuits = [&self.fetches, &self.lists, &self.writes].map(Arc::clone);
        OnScrape::register(registry, states, move |states| {
            for circuit in &circuits {
                let current = circuit.state_name();
                for state in STATES {
                    states.with_label_values(&[circuit.name(), state]).set(i64::from(state == current));
                }
            }
        })
    }
}

impl<R: Backend> Backend for Breaker<R> {
    fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        self.measure_circuits(registry)?;
        self.repo.measure(registry)
    }

    async fn close(&self) {
        self.repo.close().await;
    }
}

/// Boxes the calls, so that callers' futures stay small through the layers above; `fetch` is not boxed, because it usually
/// hits the cache and an allocation would cost more than it saves.
impl<R: Repo> Repo for Breaker<R> {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        self.writes.guard(Box::pin(self.repo.create(tenant, payment))).await
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        self.fetches.guard(self.repo.fetch(tenant, id)).await
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lists.guard(Box::pin(self.repo.list(tenant, start, size))).await
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        self.writes.guard(Box::pin(self.repo.update(tenant, id, expected, change))).await
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        self.writes.guard(Box::pin(self.repo.delete(tenant, id, expected, deletion))).await
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        self.lists.guard(Box::pin(self.repo.history(tenant, id, below, size))).await
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        self.lists.guard(Box::pin(self.repo.events(tenant, start, query))).await
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.repo.news(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        self.repo.check().await?;
        self.fetches.bring_probe_forward();
        self.lists.bring_probe_forward();
        self.writes.bring_probe_forward();
        Ok(())
    }

    async fn info(&self) -> Result<Info, Error> {
        self.repo.info().await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.repo.clear().await
    }

    fn secret(&self) -> &Secret {
        self.repo.secret()
    }
}
