//! The service itself: what its handlers share, and what every one of them obeys.

use crate::{
    http::problem,
    payments::{Attributes, AttributesFault, BrokenRule, OrganisationId, PaymentId, Repo, Timestamp},
};
use payments_server::{Api, Faults, Json, models::Rules};
use prometheus::Registry;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What the service is told at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the admin endpoints are served.
    pub admin: bool,
    /// The first segment of the versioned paths, such as `v1`.
    pub api_version: String,
    /// What links begin with, as clients see it: scheme, host and perhaps a path, without a slash at its end.
    pub external_url: String,
    /// The most bytes that a request body may have.
    pub max_body: usize,
    /// How many payments a page shows at most.
    pub max_results: u32,
    /// Where `/metrics` finds what was measured, if it is served.
    pub metrics: Option<Registry>,
    /// Whether profiles can be taken.
    pub profiling: bool,
}

/// Where the service gets what differs from call to call; tests bring their own.
#[derive(Debug, Clone, Copy)]
pub struct Sources {
    /// The time, in UTC.
    pub now: fn() -> Timestamp,
    /// An id that no payment has.
    pub new_id: fn() -> PaymentId,
}

impl Default for Sources {
    fn default() -> Self {
        Self { now: chrono::Utc::now, new_id: || PaymentId::from_uuid(uuid::Uuid::now_v7()) }
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
    stopping: AtomicBool,
}

impl<R: Repo> Service<R> {
    /// A service over `repo`.
    pub fn new(repo: R, settings: Settings, sources: Sources) -> Self {
        let collection = format!("{}/{}/payments", settings.external_url, settings.api_version).into();
        Self { repo, settings, sources, collection, stopping: AtomicBool::new(false) }
    }

    /// Makes `/ready` say that this replica wants no more traffic.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The store.
    pub fn repo(&self) -> &R {
        &self.repo
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Now, to the microsecond.
    pub(super) fn now(&self) -> Timestamp {
        chrono::SubsecRound::trunc_subsecs((self.sources.now)(), 6)
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
    fn payment_id(value: &str, faults: &mut Faults) {
        if let Err(BrokenRule(detail)) = PaymentId::parse(value) {
            faults.report(detail);
        }
    }

    fn payment_organisation_id(value: &str, faults: &mut Faults) {
        if let Err(BrokenRule(detail)) = OrganisationId::check(value) {
            faults.report(detail);
        }
    }

    fn payment_attributes(json: Json<'_>, faults: &mut Faults) {
        let members = json.members().map(|(key, value)| (key.get(), value.get()));
        match Attributes::check_split(json.get(), members, json.depth(), json.may_have_escapes()) {
            Ok(()) => {}
            Err(AttributesFault::Whole(BrokenRule(detail))) => faults.report(detail),
            Err(AttributesFault::Amount(BrokenRule(detail))) => faults.report_at("amount", detail),
        }
    }
}
