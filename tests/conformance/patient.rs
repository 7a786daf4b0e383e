//! A caller that calls again while a store has no time for its call, as a 503 with `Retry-After` asks of clients.
//!
//! The store over PostgreSQL gives up early, by design: a call waits 800 ms for a connection and 5 s for its turn, and a page
//! waits a second for writes under way. On a machine that stands still for seconds it refuses calls that it has not begun, and
//! ends pages before the newest payments. Tests of other promises call through [`Patient`], so that their outcome does not
//! depend on the machine. When the store gives up is tested in `outages.rs`, and by the unit tests of its lanes.

use payments::payments::{
    Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
    Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
};
use payments::repo::{Backend, MetricsError, Registry};
use std::time::{Duration, Instant};

/// How long a call is repeated: far longer than a machine stands still.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause before a call is repeated.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a page waits for writes under way before it ends at what is settled.
const SETTLING: Duration = Duration::from_secs(1);
/// The causes of [`Error::Unavailable`] that come before anything is sent to the server, and do not say that it is away.
const NOT_BEGUN: [&str; 3] = [
    "no call gets a connection to the server",
    "timed out while waiting for an open connection",
    "the server does not answer",
];

/// A store whose calls are repeated while it has no time to begin them.
#[derive(Debug)]
pub(crate) struct Patient<R>(pub(crate) R);

/// Whether the store refused a call that it had not begun.
fn was_not_begun(error: &Error) -> bool {
    match error {
        Error::Overloaded => true,
        Error::Unavailable(source) => {
            let source = source.to_string();
            NOT_BEGUN.iter().any(|reason| source.contains(reason))
        }
        Error::NotFound
        | Error::AlreadyExists
        | Error::VersionConflict { .. }
        | Error::Expired
        | Error::Internal(_) => false,
    }
}

/// Makes a call again and again until it was begun.
macro_rules! patiently {
    ($call:expr) => {{
        let began = Instant::now();
        loop {
            match $call.await {
                Err(error) if was_not_begun(&error) && began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                outcome => break outcome,
            }
        }
    }};
}

/// Reads a page again and again until it did not have to wait for writes.
macro_rules! settled {
    ($call:expr) => {{
        let began = Instant::now();
        loop {
            let called = Instant::now();
            let page = patiently!($call);
            if page.is_err() || called.elapsed() < SETTLING || began.elapsed() > PATIENCE {
                break page;
            }
        }
    }};
}

impl<R: Backend> Repo for Patient<R> {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        patiently!(self.0.create(tenant, payment.clone()))
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        patiently!(self.0.fetch(tenant, id))
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        settled!(self.0.list(tenant, start, size))
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        patiently!(self.0.update(tenant, id, expected, change.clone()))
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        patiently!(self.0.delete(tenant, id, expected, deletion.clone()))
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        patiently!(self.0.history(tenant, id, below, size))
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        settled!(self.0.events(tenant, start, query))
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.0.news(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        patiently!(self.0.check())
    }

    async fn info(&self) -> Result<Info, Error> {
        patiently!(self.0.info())
    }

    async fn clear(&self) -> Result<(), Error> {
        patiently!(self.0.clear())
    }

    fn secret(&self) -> &Secret {
        self.0.secret()
    }
}

impl<R: Backend> Backend for Patient<R> {
    fn measure(&self, registry: &Registry) -> Result<(), MetricsError> {
        self.0.measure(registry)
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
