//! Admits connections up to a limit, in all and of each client, and makes room by closing the longest idle ones.
//!
//! Every connection is a file descriptor and some memory. Without a limit, idle connections use up the descriptors, and
//! nobody else gets in, health checks included. So a connection beyond the limit takes the place of the one that was not
//! used for longest. If none is idle, a few more are admitted for requests outside the versioned paths, such as health
//! checks, and the rest are closed at once.
//!
//! Connections are kept in the order of their last use, as it was known when they were last looked at: a request writes
//! its time to its connection alone, without a lock. A search looks at the first [`MAX_LOOKS`], puts those right that were
//! used since, and takes the longest idle one of them, so that a flood of connections costs a known amount.

#[cfg(test)]
mod tests;

use super::{metrics::ConnectionMetrics, request_heads::RequestCounts, slow_readers::UnsentResponses};
use crate::http::middleware::client_network;
use futures_util::task::AtomicWaker;
use ipnet::IpNet;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Context,
    time::Duration,
};
use tokio::time::Instant;

/// The most connections that one search for an idle one looks at.
const MAX_LOOKS: usize = 64;
/// The most connections that one search for those of a client passes.
const MAX_STEPS: usize = 4096;
/// The most connections beyond the limit: so many for health checks, and as many that were told to close.
const MAX_SPARE: usize = 32;

/// How many connections may be open.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// The most connections in all.
    pub total: usize,
    /// The most connections of one client: of an IPv4 address, or a /64 network of IPv6.
    pub per_client: usize,
    /// The proxies, whose connections are those of many clients.
    pub trusted_proxies: Vec<IpNet>,
}

/// The place of a connection in the order of last use: microseconds since the start, and a number that tells apart.
type Place = (u64, u64);

/// Admits the connections of one listener.
#[derive(Debug)]
pub(super) struct Admission {
    limits: ConnectionLimits,
    metrics: Option<Arc<ConnectionMetrics>>,
    started: Instant,
    open: Mutex<Open>,
}

/// The connections that are open.
#[derive(Debug, Default)]
struct Open {
    by_last_use: BTreeMap<Place, Arc<Occupant>>,
    per_client: HashMap<IpAddr, usize>,
    for_probes: usize,
    /// How many were told to close, and have not.
    leaving: usize,
    next_number: u64,
}

/// An open connection, as the others see it.
#[derive(Debug)]
struct Occupant {
    /// `None` for a proxy.
    client: Option<IpAddr>,
    requests: Arc<RequestCounts>,
    responses: Arc<UnsentResponses>,
    /// Changes only under the lock of [`Admission::open`].
    place: Mutex<Place>,
    must_leave: AtomicBool,
    /// The task of the connection.
    task: AtomicWaker,
}

/// Why a connection is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The limit in all is reached, and no connection is idle.
    Total,
    /// The client has as many connections as it may have, and none is idle.
    Client,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Total => "as many are open as --max-connections allows, and none is idle",
            Self::Client => "its client has as many open as --max-client-connections allows, and none is idle",
        })
    }
}

/// The right to be open. Dropping it makes room.
#[derive(Debug)]
pub(super) struct Admitted {
    admission: Arc<Admission>,
    occupant: Arc<Occupant>,
    /// Whether it is open beyond the limit, for requests outside the versioned paths.
    pub(super) is_for_probes: bool,
}

impl Admission {
    pub(super) fn new(limits: ConnectionLimits, metrics: Option<Arc<ConnectionMetrics>>) -> Arc<Self> {
        if let Some(metrics) = &metrics {
            metrics.add_max(limits.total);
        }
        Arc::new(Self { limits, metrics, started: Instant::now(), open: Mutex::default() })
    }

    /// Admits a connection, if there is room or an idle one can make room.
    pub(super) fn admit(
        self: &Arc<Self>,
        peer: IpAddr,
        requests: &Arc<RequestCounts>,
        responses: &Arc<UnsentResponses>,
    ) -> Result<Admitted, Refused> {
        let is_proxy = self.limits.trusted_proxies.iter().any(|network| network.contains(&peer.to_canonical()));
        let client = (!is_proxy).then(|| client_network(peer.to_canonical()));
        let mut open = self.open();
        let admitted = self.find_room(&mut open, client);
        if let Some(metrics) = &self.metrics {
            metrics.count_admission(admitted);
        }
        let is_for_probes = admitted?;
        open.next_number += 1;
        let place = (self.micros(requests), open.next_number);
        let occupant = Arc::new(Occupant {
            client,
            requests: Arc::clone(requests),
            responses: Arc::clone(responses),
            place: Mutex::new(place),
            must_leave: AtomicBool::new(false),
            task: AtomicWaker::new(),
        });
        if is_for_probes {
            open.for_probes += 1;
        } else {
            open.by_last_use.insert(place, Arc::clone(&occupant));
            if let Some(client) = client {
                *open.per_client.entry(client).or_default() += 1;
            }
        }
        Ok(Admitted { admission: Arc::clone(self), occupant, is_for_probes })
    }

    /// Returns whether the connection is one for probes, beyond the limit.
    fn find_room(&self, open: &mut Open, client: Option<IpAddr>) -> Result<bool, Refused> {
        let of_client = client.and_then(|client| open.per_client.get(&client)).copied().unwrap_or(0);
        let refused = if of_client >= self.limits.per_client && !self.close_longest_idle(open, client) {
            Refused::Client
        } else if open.by_last_use.len() < self.limits.total || self.close_longest_idle(open, None) {
            return Ok(false);
        } else {
            Refused::Total
        };
        if open.for_probes < self.spare() { Ok(true) } else { Err(refused) }
    }

    /// Returns whether a connection was told to make room, and is still open.
    pub(super) fn anyone_leaves(&self) -> bool {
        self.open().leaving > 0
    }

    /// Tells the connection to close that was not used for longest, of this client or of any. Returns whether there is one.
    pub(super) fn close_any_idle(&self) -> bool {
        self.close_longest_idle(&mut self.open(), None)
    }

    fn close_longest_idle(&self, open: &mut Open, of: Option<IpAddr>) -> bool {
        if open.leaving >= self.spare() {
            return false;
        }
        let first = open.by_last_use.iter().take(MAX_STEPS);
        let candidates = first.filter(|(_, occupant)| of.is_none() || occupant.client == of).take(MAX_LOOKS);
        let candidates: Vec<_> = candidates.map(|(place, occupant)| (*place, Arc::clone(occupant))).collect();
        let mut longest: Option<(Place, Arc<Occupant>)> = None;
        for (before, occupant) in candidates {
            let is_busy = occupant.is_busy();
            let last_use = if is_busy { self.now() } else { self.micros(&occupant.requests) };
            let place = (last_use.max(before.0), before.1);
            if place != before {
                open.by_last_use.remove(&before);
                open.by_last_use.insert(place, Arc::clone(&occupant));
                *occupant.lock_place() = place;
            }
            if !is_busy && longest.as_ref().is_none_or(|(longest, _)| place < *longest) {
                longest = Some((place, occupant));
            }
        }
        let Some((place, occupant)) = longest else { return false };
        open.by_last_use.remove(&place);
        open.forget_client(occupant.client);
        open.leaving += 1;
        occupant.leave();
        if let Some(metrics) = &self.metrics {
            metrics.count_made_room();
        }
        true
    }

    /// How many connections may be open beyond the limit, for each of two reasons.
    fn spare(&self) -> usize {
        (self.limits.total / 8).clamp(1, MAX_SPARE)
    }

    fn now(&self) -> u64 {
        micros(self.started.elapsed())
    }

    fn micros(&self, requests: &RequestCounts) -> u64 {
        micros(requests.last_used().saturating_duration_since(self.started))
    }

    /// Locks the open connections. Poisoning is ignored: no change can panic halfway.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Open {
    fn forget_client(&mut self, client: Option<IpAddr>) {
        if let Some(client) = client
            && let Some(count) = self.per_client.get_mut(&client)
        {
            *count -= 1;
            if *count == 0 {
                self.per_client.remove(&client);
            }
        }
    }
}

impl Occupant {
    /// Returns whether a request is under way. A part of a head is none: it would keep the connection for nothing.
    fn is_busy(&self) -> bool {
        self.requests.any_unfinished() || self.responses.any()
    }

    fn leave(&self) {
        self.must_leave.store(true, Ordering::Release);
        self.task.wake();
    }

    fn lock_place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a connection to end.
#[derive(Debug)]
pub(super) struct LeaveHandle(Arc<Occupant>);

impl LeaveHandle {
    pub(super) fn leave(&self) {
        self.0.leave();
    }
}

impl Admitted {
    pub(super) fn leave_handle(&self) -> LeaveHandle {
        LeaveHandle(Arc::clone(&self.occupant))
    }

    /// Returns whether the connection has to make room. If not, the task is woken when it has to.
    pub(super) fn must_leave(&self) -> bool {
        self.occupant.must_leave.load(Ordering::Acquire)
    }

    /// Registers the task of the connection.
    pub(super) fn register(&self, context: &mut Context<'_>) {
        self.occupant.task.register(context.waker());
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.admission.open();
        if self.is_for_probes {
            open.for_probes -= 1;
        } else if open.by_last_use.remove(&*self.occupant.lock_place()).is_some() {
            open.forget_client(self.occupant.client);
        } else {
            open.leaving -= 1;
        }
        if let Some(metrics) = &self.admission.metrics {
            metrics.count_closed();
        }
    }
}
