//! A store whose calls are counted and timed.

use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use std::{future::Future, time::Instant};

/// From what a store in this process needs to what makes clients go away, in seconds.
const BUCKETS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// How a call may end. `cancelled`: whoever asked has gone away, or had no more time.
const OUTCOMES: [&str; 7] =
    ["ok", "not_found", "already_exists", "version_conflict", "unavailable", "internal", "cancelled"];

/// A store whose calls are counted and timed, if there is somebody to tell.
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
    /// The store `repo`, measured for `registry`.
    ///
    /// # Errors
    /// When it is measured twice for the same registry.
    pub fn new(repo: R, registry: Option<&Registry>) -> Result<Self, prometheus::Error> {
        Ok(Self { repo, calls: registry.map(Calls::register).transpose()? })
    }

    /// The store itself.
    pub fn inner(&self) -> &R {
        &self.repo
    }

    async fn watch<T>(
        &self,
        operation: fn(&Calls) -> &Operation,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let Some(calls) = &self.calls else { return call.await };
        let mut watch = Watch { operation: operation(calls), began: Instant::now(), outcome: "cancelled" };
        let result = call.await;
        watch.outcome = outcome(&result);
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

/// Counts a call when it is over, even if nobody waits for it any more.
struct Watch<'a> {
    operation: &'a Operation,
    began: Instant,
    outcome: &'static str,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.operation.seconds.observe(self.began.elapsed().as_secs_f64());
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
        Err(Error::Unavailable(_)) => "unavailable",
        Err(Error::Internal(_)) => "internal",
    }
}

impl<R: Repo> Repo for Metered<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.watch(|calls| &calls.create, self.repo.create(payment)).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.watch(|calls| &calls.fetch, self.repo.fetch(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.watch(|calls| &calls.list, self.repo.list(start, size)).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.watch(|calls| &calls.update, self.repo.update(id, expected, change)).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.watch(|calls| &calls.delete, self.repo.delete(id, expected)).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.watch(|calls| &calls.check, self.repo.check()).await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.watch(|calls| &calls.info, self.repo.info()).await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.watch(|calls| &calls.clear, self.repo.clear()).await
    }
}
