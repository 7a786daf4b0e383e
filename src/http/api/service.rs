//! The service: the store, settings, clock and id source that all handlers share, and the rules that the generated
//! decoder checks values by.

use super::{
    cursors::Cursors,
    ending::Ending,
    events::{EventIds, Listeners, MAX_STREAM_READS},
    turns::Turns,
};
use crate::{
    http::{
        caller::Caller,
        deprecations::Deprecations,
        identity::Identity,
        memory_budget::MemoryBudget,
        pages::contract,
        problem,
        versions::{UNVERSIONED, VERSIONS},
    },
    payments::{
        Attributes, AttributesFault, BrokenRule, Error as PaymentsError, OrganisationId, PaymentId, Repo, Tenant,
        Timestamp,
    },
};
use axum::http::Extensions;
use payments_server::{Api, Faults, Json, Operation, admin, events, metrics, models::Rules, monitoring, payments};
use prometheus::Registry;
use std::{
    sync::{Arc, Weak},
    time::{Duration, SystemTime},
};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the admin endpoints are served.
    pub admin: bool,
    /// The first segment of the versioned paths, such as `v1`.
    pub api_version: String,
    /// How long events are kept; `None` for ever.
    pub events_keep: Option<Duration>,
    /// The URL that links begin with, as clients see it: scheme, host and perhaps a path, without a slash at its end.
    pub external_url: String,
    /// The issuer of callers' tokens; `None` if nobody is asked for one.
    pub identity: Option<Identity>,
    /// The limit for a request body, in bytes.
    pub max_body: usize,
    /// The most payments on a page.
    pub max_results: u32,
    /// The most streams of events and requests that wait for events.
    pub max_streams: usize,
    /// The memory budget, against which streams count what they have to send.
    pub memory: Arc<MemoryBudget>,
    /// The registry behind `/metrics`; `None` if that is not served.
    pub metrics: Option<Registry>,
    /// Whether the profiling endpoints are served.
    pub profiling: bool,
}

#[cfg(any(test, fuzzing))]
impl Settings {
    /// The settings of unit tests: the defaults, with the admin endpoints.
    pub(in crate::http) fn for_tests() -> Self {
        Self {
            admin: true,
            api_version: "v1".to_owned(),
            events_keep: None,
            external_url: "http://localhost".to_owned(),
            identity: None,
            max_body: 1 << 20,
            max_results: 20,
            max_streams: 100,
            memory: MemoryBudget::unlimited(),
            metrics: None,
            profiling: false,
        }
    }
}

/// The sources of time and ids. Tests bring their own.
#[derive(Debug, Clone, Copy)]
pub struct Sources {
    /// The current time, in UTC.
    pub now: fn() -> Timestamp,
    /// A new id that no payment has.
    pub new_id: fn() -> PaymentId,
}

impl Default for Sources {
    fn default() -> Self {
        Self { now: Timestamp::now, new_id: || PaymentId::from_uuid(new_uuid(SystemTime::now())) }
    }
}

/// A new UUIDv7 at `time`, which may be that of a clock that is wrong.
fn new_uuid(time: SystemTime) -> Uuid {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        // In order within a millisecond too.
        Ok(_) => Uuid::now_v7(),
        // `now_v7` panics.
        Err(_) => Uuid::new_v7(uuid::Timestamp::from_unix_time(0, 0, 0, 0)),
    }
}

/// The service over one store.
#[derive(Debug)]
pub struct Service<R> {
    pub(super) repo: R,
    pub(in crate::http) settings: Settings,
    sources: Sources,
    /// The address of all payments.
    collection: Arc<str>,
    pub(super) deprecations: Arc<Deprecations>,
    draining: watch::Sender<bool>,
    /// Names events.
    pub(super) event_ids: EventIds,
    /// Who waits for events.
    pub(super) listeners: Arc<Listeners>,
    /// Taken by each stream that reads.
    pub(super) stream_reads: Semaphore,
    /// The service itself, for streams, which outlive the calls that open them.
    shared: Weak<Self>,
    /// The turns of patches that name no version.
    pub(super) turns: Turns,
}

impl<R: Repo> Service<R> {
    /// A service over `repo`.
    pub fn new(repo: R, settings: Settings, sources: Sources) -> Arc<Self> {
        let collection = format!("{}/{}/payments", settings.external_url, settings.api_version).into();
        let routes =
            [payments::routes::<Self>(), events::routes(), monitoring::routes(), admin::routes(), metrics::routes()];
        let deprecated = routes.iter().flatten().map(|route| {
            let older = VERSIONS.all_deprecations(route.operation).copied();
            (route.operation, route.deprecations().into_iter().chain(older).collect())
        });
        let is_versioned = |operation: &Operation| operation.path.starts_with(contract::VERSION);
        let version =
            |operation: &Operation| if is_versioned(operation) { VERSIONS.oldest().name } else { UNVERSIONED };
        let deprecations = Arc::new(Deprecations::new(deprecated, version, &settings.external_url));
        let (event_ids, max_streams) = (EventIds::of(repo.secret()), settings.max_streams);
        Arc::new_cyclic(|shared| Self {
            repo,
            settings,
            sources,
            collection,
            deprecations,
            draining: watch::Sender::new(false),
            event_ids,
            listeners: Listeners::new(max_streams),
            stream_reads: Semaphore::new(MAX_STREAM_READS),
            shared: shared.clone(),
            turns: Turns::new(),
        })
    }

    /// Adds the metrics of the service to its registry, if it has one.
    ///
    /// # Errors
    /// When the registry has them already.
    pub fn measure(&self) -> Result<(), prometheus::Error> {
        let Some(registry) = &self.settings.metrics else { return Ok(()) };
        self.listeners.measure(registry)?;
        self.deprecations.measure(registry)
    }

    /// Makes `/ready` fail, so that load balancers send no more traffic to this replica, and ends what waits for events.
    pub fn start_draining(&self) {
        self.draining.send_replace(true);
    }

    /// The registry behind `/metrics`, if that is served.
    pub fn metrics_registry(&self) -> Option<&Registry> {
        self.settings.metrics.as_ref()
    }

    /// The store.
    pub fn repo(&self) -> &R {
        &self.repo
    }

    /// What the contract has deprecated, and who uses it.
    pub(in crate::http) fn deprecations(&self) -> &Arc<Deprecations> {
        &self.deprecations
    }

    pub(super) fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// The end of a stream or a wait that begins now: after this long, or when the service begins to drain.
    pub(super) fn listening_ends(&self, after: Duration) -> Ending {
        Ending::new(after, self.draining.subscribe())
    }

    /// The service itself.
    ///
    /// # Errors
    /// Never: a caller holds the service while it calls.
    pub(super) fn shared(&self) -> Result<Arc<Self>, PaymentsError> {
        self.shared.upgrade().ok_or_else(|| PaymentsError::Internal("the service is gone".into()))
    }

    /// The time since which events are kept; `None` for all of them.
    pub(super) fn kept_since(&self) -> Option<Timestamp> {
        let keep = i64::try_from(self.settings.events_keep?.as_micros()).ok()?;
        Timestamp::from_micros(self.now().micros().checked_sub(keep)?)
    }

    /// The address of the events.
    pub(super) fn events_url(&self) -> String {
        format!("{}/{}/events", self.settings.external_url, self.settings.api_version)
    }

    /// The current time.
    pub(super) fn now(&self) -> Timestamp {
        (self.sources.now)()
    }

    pub(super) fn new_id(&self) -> PaymentId {
        (self.sources.new_id)()
    }

    /// The cursors of a tenant.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn cursors(&self, tenant: &Tenant) -> Result<Cursors, PaymentsError> {
        Cursors::of(tenant, self.repo.secret())
    }

    /// The address of all payments.
    pub(super) fn collection_url(&self) -> &Arc<str> {
        &self.collection
    }
}

impl<R: Repo> Api for Service<R> {
    type Error = problem::Error;
    type Caller = Caller;

    fn caller(extensions: &mut Extensions) -> Caller {
        extensions.remove().unwrap_or(Caller::ANONYMOUS)
    }

    fn max_body(&self) -> usize {
        self.settings.max_body
    }

    fn status(error: &Self::Error) -> u16 {
        problem::status(error).as_u16()
    }
}

impl<R> Rules for Service<R> {
    fn payment_input_id(value: &str, faults: &mut Faults) {
        if let Err(BrokenRule(detail)) = PaymentId::parse(value) {
            faults.report(detail);
        }
    }

    fn payment_input_organisation_id(value: &str, faults: &mut Faults) {
        if let Err(BrokenRule(detail)) = OrganisationId::check(value) {
            faults.report(detail);
        }
    }

    fn payment_attributes(json: Json<'_>, faults: &mut Faults) {
        match Attributes::check(json) {
            Ok(()) => {}
            Err(AttributesFault::Whole(BrokenRule(detail))) => faults.report(detail),
            Err(AttributesFault::Amount(BrokenRule(detail))) => faults.report_at("amount", detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::new_uuid;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_clock_before_1970_gives_ids_all_the_same() {
        let before = SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(1)).unwrap();
        assert_ne!(new_uuid(before), new_uuid(before));
        assert_ne!(new_uuid(SystemTime::now()), new_uuid(SystemTime::now()));
    }
}
