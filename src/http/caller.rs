//! Who calls an operation, and what it may need of the request beside its parameters.

use crate::payments::{OrganisationId, Origin, Tenant};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

/// The longest time by which an operation may put off the deadline of its request.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The caller of an operation that asks for a scope.
#[derive(Debug, Clone)]
pub struct Caller {
    tenant: Tenant,
    /// Absent for reads, which are most requests and need nothing of it.
    context: Option<Arc<CallContext>>,
}

/// What writes, and operations that wait for events, need of their request.
#[derive(Debug)]
pub(super) struct CallContext {
    /// What is recorded with a write.
    pub(super) origin: Origin,
    /// Whom the request is counted for.
    pub(super) client: Client,
    /// When the token expires; `None` without one.
    pub(super) expires_at: Option<SystemTime>,
    /// By how much the deadline is put off, in microseconds.
    extension: AtomicU64,
    /// How long the operation has waited, in microseconds.
    waited: AtomicU64,
}

/// The wait of an operation for something to happen. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    context: Option<Arc<CallContext>>,
    began: Instant,
}

/// Whom requests that wait are counted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Client {
    /// A client without a token, by its address or network.
    Address(IpAddr),
    /// The holder of a token: the organisation, and the program or the user.
    Holder(Option<Arc<str>>, Arc<str>),
}

impl Caller {
    /// Anybody, on a service that asks for no token.
    pub(super) const ANONYMOUS: Self = Self { tenant: Tenant::ANONYMOUS, context: None };

    /// The holder of a token. A token for operators may name no organisation; it then calls no operation on payments.
    pub(super) fn of(organisation: Option<OrganisationId>) -> Self {
        Self { tenant: organisation.map_or(Tenant::ANONYMOUS, Tenant::of), context: None }
    }

    /// The same caller, with what its operation needs of the request.
    pub(super) fn with(self, context: Option<Arc<CallContext>>) -> Self {
        Self { context, ..self }
    }

    /// Whose payments the caller sees.
    pub(super) fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Whether payments of the caller may name this organisation: any, unless a token names one.
    pub(super) fn may_name(&self, organisation: &OrganisationId) -> bool {
        self.tenant.organisation().is_none_or(|own| **own == *organisation.as_str())
    }

    /// What is recorded with a write. A clone shares its texts.
    pub(super) fn origin(&self) -> Origin {
        self.context.as_ref().map(|context| context.origin.clone()).unwrap_or_default()
    }

    /// Whom a request that waits is counted for.
    pub(super) fn client(&self) -> Client {
        let unknown = || Client::Address(Ipv4Addr::UNSPECIFIED.into());
        self.context.as_ref().map_or_else(unknown, |context| context.client.clone())
    }

    /// When the token expires; `None` without one.
    pub(super) fn expires_at(&self) -> Option<SystemTime> {
        self.context.as_ref()?.expires_at
    }

    /// Begins a wait that may take so long, [`LONGEST_WAIT`] at most: the deadline of the request is put off by that, and the
    /// time is none that the request took.
    pub(super) fn begin_wait(&self, limit: Duration) -> Waiting {
        if let Some(context) = &self.context {
            context.extension.store(micros(limit.min(LONGEST_WAIT)), Ordering::Relaxed);
        }
        Waiting { context: self.context.clone(), began: Instant::now() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(context) = &self.context {
            context.waited.store(micros(self.began.elapsed()), Ordering::Relaxed);
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl CallContext {
    pub(super) fn new(origin: Origin, client: Client, expires_at: Option<SystemTime>) -> Arc<Self> {
        Arc::new(Self { origin, client, expires_at, extension: AtomicU64::new(0), waited: AtomicU64::new(0) })
    }

    /// By how much the operation has put off the deadline of its request.
    pub(super) fn extension(&self) -> Duration {
        Duration::from_micros(self.extension.load(Ordering::Relaxed))
    }

    /// How long the operation has waited for something to happen.
    pub(super) fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.load(Ordering::Relaxed))
    }
}
