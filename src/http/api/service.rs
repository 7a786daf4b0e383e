//! The service: the store, settings, clock and id source that all handlers share, and the rules that the generated
//! decoder checks values by.

use super::turns::Turns;
use crate::{
    http::{deprecations::Deprecations, pages::contract, problem},
    payments::{Attributes, AttributesFault, BrokenRule, OrganisationId, PaymentId, Repo, Timestamp},
};
use payments_server::{Api, Faults, Json, admin, metrics, models::Rules, monitoring, payments};
use prometheus::Registry;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};
use uuid::Uuid;

/// The settings of the service.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the admin endpoints are served.
    pub admin: bool,
    /// The first segment of the versioned paths, such as `v1`.
    pub api_version: String,
    /// The URL that links begin with, as clients see it: scheme, host and perhaps a path, without a slash at its end.
    pub external_url: String,
    /// The limit for a request body, in bytes.
    pub max_body: usize,
    /// The most payments on a page.
    pub max_results: u32,
    /// The registry behind `/metrics`; `None` if that is not served.
    pub metrics: Option<Registry>,
    /// Whether the profiling endpoints are served.
    pub profiling: bool,
}

#[cfg(test)]
impl Settings {
    /// The settings of unit tests: the defaults, with the admin endpoints.
    pub(in crate::http) fn for_tests() -> Self {
        Self {
            admin: true,
            api_version: "v1".to_owned(),
            external_url: "http://localhost".to_owned(),
            max_body: 1 << 20,
            max_results: 20,
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

/// The version of an operation whose path has none.
const UNVERSIONED: &str = "-";

/// The service over one store.
#[derive(Debug)]
pub struct Service<R> {
    pub(super) repo: R,
    pub(in crate::http) settings: Settings,
    sources: Sources,
    /// The address of all payments.
    collection: Arc<str>,
    pub(super) deprecations: Arc<Deprecations>,
    draining: AtomicBool,
    /// The turns of patches that name no version.
    pub(super) turns: Turns,
}

impl<R: Repo> Service<R> {
    /// A service over `repo`.
    pub fn new(repo: R, settings: Settings, sources: Sources) -> Self {
        let collection = format!("{}/{}/payments", settings.external_url, settings.api_version).into();
        let routes = [payments::routes::<Self>(), monitoring::routes(), admin::routes(), metrics::routes()];
        let deprecated = routes.iter().flatten().map(|route| (route.operation, route.deprecations()));
        let is_versioned = |path: &str| path.starts_with(contract::VERSION);
        let version = |path: &str| if is_versioned(path) { settings.api_version.as_str() } else { UNVERSIONED };
        let deprecations = Arc::new(Deprecations::new(deprecated, version, &settings.external_url));
        Self {
            repo,
            settings,
            sources,
            collection,
            deprecations,
            draining: AtomicBool::new(false),
            turns: Turns::new(),
        }
    }

    /// Adds the metrics of the service to its registry, if it has one.
    ///
    /// # Errors
    /// When the registry has them already.
    pub fn measure(&self) -> Result<(), prometheus::Error> {
        self.settings.metrics.as_ref().map_or(Ok(()), |registry| self.deprecations.measure(registry))
    }

    /// Makes `/ready` fail, so that load balancers send no more traffic to this replica.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
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
        self.draining.load(Ordering::Relaxed)
    }

    /// The current time.
    pub(super) fn now(&self) -> Timestamp {
        (self.sources.now)()
    }

    pub(super) fn new_id(&self) -> PaymentId {
        (self.sources.new_id)()
    }

    /// The address of all payments.
    pub(super) fn collection_url(&self) -> &Arc<str> {
        &self.collection
    }
}

impl<R: Repo> Api for Service<R> {
    type Error = problem::Error;

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
