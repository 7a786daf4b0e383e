//! A decorator that counts and times the calls of a store.

use super::Backend;
use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use std::{future::Future, time::Instant};

/// In seconds: from what a store in this process takes to where clients give up.
const BUCKETS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The outcomes of a call. `cancelled`: its caller went away, or its request ran out of time.
const OUTCOMES: [&str; 8] =
    ["ok", "not_found", "already_exists", "version_conflict", "overloaded", "unavailable", "internal", "cancelled"];

/// A store whose calls are counted and timed, if there is a registry to report to.
#[derive(Debug)]
pub struct Metered<R> {
    repo: R,
    calls: Option<Calls>,
}

/// The metrics of each operation.
#[derive(Debug)]
struct Calls {
    create: Operation,
    fetch: Operation,
    list: Operation,
    update: Operation,
    delete: Operation,
    check: Operation,
    info: Operation,
    clear: Operation,
}

#[derive(Debug)]
struct Operation {
    seconds: Histogram,
    /// In the order of [`OUTCOMES`].
    outcomes: [IntCounter; OUTCOMES.len()],
}

impl<R: Repo> Metered<R> {
    /// Measures the calls of `repo` for `registry`.
    ///
    /// # Errors
    /// When it is measured twice for the same registry.
    pub fn new(repo: R, registry: Option<&Registry>) -> Result<Self, prometheus::Error> {
        Ok(Self { repo, calls: registry.map(Calls::register).transpose()? })
    }

    async fn timed<T>(
        &self,
        operation: fn(&Calls) -> &Operation,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(calls) = &self.calls else { return call.await };
        let mut timer = CallTimer { operation: operation(calls), started: Instant::now(), outcome: "cancelled" };
        let result = call.await;
        timer.outcome = outcome(&result);
        result
    }
}

impl Calls {
    fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let calls = Opts::new("payments_repo_calls_total", "Calls of the store, by how they ended.");
        let calls = IntCounterVec::new(calls, &["operation", "outcome"])?;
        let seconds = HistogramOpts::new("payments_repo_call_duration_seconds", "How long calls of the store took.");
        let seconds = HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["operation"])?;
        registry.register(Box::new(calls.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        let operation = |name| Operation {
            seconds: seconds.with_label_values(&[name]),
            outcomes: OUTCOMES.map(|outcome| calls.with_label_values(&[name, outcome])),
        };
        Ok(Self {
            create: operation("create"),
            fetch: operation("fetch"),
            list: operation("list"),
            update: operation("update"),
            delete: operation("delete"),
            check: operation("check"),
            info: operation("info"),
            clear: operation("clear"),
        })
    }
}

/// Counts a call when it is dropped: when the call has ended, or its caller has gone away.
struct CallTimer<'a> {
    operation: &'a Operation,
    started: Instant,
    outcome: &'static str,
}

impl Drop for CallTimer<'_> {
    fn drop(&mut self) {
        self.operation.seconds.observe(self.started.elapsed().as_secs_f64());
        let counters = OUTCOMES.iter().zip(&self.operation.outcomes);
        counters.filter(|(outcome, _)| **outcome == self.outcome).for_each(|(_, counter)| counter.inc());
    }
}

fn outcome<T>(result: &Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::NotFound) => "not_found",
        Err(Error::AlreadyExists) => "already_exists",
        Err(Error::VersionConflict { .. }) => "version_conflict",
        Err(Error::Overloaded) => "overloaded",
        Err(Error::Unavailable(_)) => "unavailable",
        Err(Error::Internal(_)) => "internal",
    }
}

impl<R: Backend> Backend for Metered<R> {
    fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        self.repo.measure(registry)
    }

    async fn close(&self) {
        self.repo.close().await;
    }
}

impl<R: Repo> Repo for Metered<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.timed(|calls| &calls.create, self.repo.create(payment)).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.timed(|calls| &calls.fetch, self.repo.fetch(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.timed(|calls| &calls.list, self.repo.list(start, size)).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.timed(|calls| &calls.update, self.repo.update(id, expected, change)).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.timed(|calls| &calls.delete, self.repo.delete(id, expected)).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.timed(|calls| &calls.check, self.repo.check()).await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.timed(|calls| &calls.info, self.repo.info()).await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.timed(|calls| &calls.clear, self.repo.clear()).await
    }
}
