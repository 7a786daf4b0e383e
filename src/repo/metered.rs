//! A decorator that counts and times the calls of a store.

use super::Backend;
use crate::payments::{
    Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
    Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use std::{future::Future, time::Instant};

/// In seconds: from what a store in this process takes to where clients give up.
const BUCKETS: [f64; 14] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// The outcomes of a call. `cancelled`: its caller went away, or its request ran out of time.
const OUTCOMES: [&str; 9] = [
    "ok",
    "not_found",
    "already_exists",
    "version_conflict",
    "expired",
    "overloaded",
    "unavailable",
    "internal",
    "cancelled",
];

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
    history: Operation,
    events: Operation,
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
            history: operation("history"),
            events: operation("events"),
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
        Err(Error::Expired) => "expired",
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
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        self.timed(|calls| &calls.create, self.repo.create(tenant, payment)).await
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        self.timed(|calls| &calls.fetch, self.repo.fetch(tenant, id)).await
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.timed(|calls| &calls.list, self.repo.list(tenant, start, size)).await
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        self.timed(|calls| &calls.update, self.repo.update(tenant, id, expected, change)).await
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        self.timed(|calls| &calls.delete, self.repo.delete(tenant, id, expected, deletion)).await
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        self.timed(|calls| &calls.history, self.repo.history(tenant, id, below, size)).await
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        self.timed(|calls| &calls.events, self.repo.events(tenant, start, query)).await
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.repo.news(tenant)
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

    fn secret(&self) -> &Secret {
        self.repo.secret()
    }
}

#[cfg(test)]
mod tests {
    use super::{Metered, Registry};
    use crate::{
        payments::{
            Attributes, Change, Deletion, EventQuery, EventStart, NewPayment, OrganisationId, Origin, PageStart,
            PaymentId, Repo, Tenant, Timestamp, Version,
        },
        repo::{Sqlite, SqliteOptions},
    };
    use std::{collections::BTreeMap, future::Future, num::NonZeroU32};

    /// How often each operation was called, by its name: those that were.
    fn calls(registry: &Registry) -> BTreeMap<String, u64> {
        let families = registry.gather();
        let durations = families.iter().find(|family| family.name() == "payments_repo_call_duration_seconds").unwrap();
        let calls = durations
            .get_metric()
            .iter()
            .map(|metric| (metric.get_label()[0].value().to_owned(), metric.get_histogram().get_sample_count()));
        calls.filter(|(_, count)| *count > 0).collect()
    }

    /// Asserts that `call` counts as one call of `operation`, and as nothing else.
    async fn counts_as<T>(registry: &Registry, operation: &str, call: impl Future<Output = T>) {
        let mut expected = calls(registry);
        *expected.entry(operation.to_owned()).or_default() += 1;
        call.await;
        assert_eq!(calls(registry), expected, "after a call of {operation}");
    }

    #[tokio::test]
    async fn each_call_is_counted_under_its_own_operation() {
        let registry = Registry::new();
        let repo = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let repo = Metered::new(repo, Some(&registry)).unwrap();
        let id = PaymentId::parse("a").unwrap();
        let organisation_id = OrganisationId::parse("acme").unwrap();
        let attributes = Attributes::stored(r#"{"amount":"1"}"#.into());
        let change = Change {
            organisation_id: organisation_id.clone(),
            attributes: attributes.clone(),
            modified_on: Timestamp::UNIX_EPOCH,
            origin: Origin::default(),
        };
        let new = NewPayment {
            id: id.clone(),
            organisation_id,
            attributes,
            created_on: Timestamp::UNIX_EPOCH,
            origin: Origin::default(),
        };
        counts_as(&registry, "create", repo.create(&Tenant::ANONYMOUS, new)).await;
        counts_as(&registry, "fetch", repo.fetch(&Tenant::ANONYMOUS, &id)).await;
        counts_as(&registry, "list", repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 1)).await;
        counts_as(&registry, "update", repo.update(&Tenant::ANONYMOUS, &id, Version::FIRST, change)).await;
        let deletion = Deletion { deleted_on: Timestamp::UNIX_EPOCH, origin: Origin::default() };
        counts_as(&registry, "delete", repo.delete(&Tenant::ANONYMOUS, &id, Version::FIRST, deletion)).await;
        counts_as(&registry, "history", repo.history(&Tenant::ANONYMOUS, &id, None, 1)).await;
        let query = EventQuery {
            kind: None,
            payment_id: None,
            organisation_id: None,
            with_content: false,
            size: NonZeroU32::MIN,
            kept_since: None,
        };
        counts_as(&registry, "events", repo.events(&Tenant::ANONYMOUS, EventStart::Beginning, &query)).await;
        counts_as(&registry, "check", repo.check()).await;
        counts_as(&registry, "info", repo.info()).await;
        counts_as(&registry, "clear", repo.clear()).await;
    }
}
