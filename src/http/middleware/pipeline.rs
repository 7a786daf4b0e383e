//! The way of every request, from its arrival to its response.
//!
//! A request gets an id and a log entry, is counted against its client's rate limit, and is dispatched to its handler.
//! The handler has a deadline and a panic guard. The response gets the headers that every response has, and is logged.
//!
//! The work is split in two, for speed: [`Pipeline::start`] is synchronous and moves the request once, into the
//! handler's boxed future; [`Pipeline::finish`] is a future that does not carry the request, because each future that
//! carries it copies it.

mod dispatch;
mod layers;
mod refused_heads;
#[cfg(test)]
mod tests;

use super::{
    access_log::{self, Entry, StartTime},
    arrival::Arrival,
    caching,
    client_address::{self, ClientAddress},
    compression,
    cors::{self, Origins},
    metrics::{HttpMetrics, InFlight},
    rate_limit::{Decision, Limit, RateLimit},
    streams,
};
use crate::{
    deadline,
    http::{
        body_handle::BodyHandle,
        header_scan::HeaderScan,
        identity::Identity,
        memory_budget::{self, MemoryBudget, OverBudget, Permit, Reserved},
        problem::{self, Error, RequestInfo},
        request_id::{self, RequestId},
        site::Site,
    },
};
use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderName, HeaderValue, Method, Version, header},
    response::Response,
};
use futures_util::FutureExt;
use ipnet::IpNet;
use payments_server::{Answering, Target};
use std::{
    any::Any,
    future, mem,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use tower_http::cors::CorsLayer;

/// Keeps browsers from guessing another media type than the one that the response declares.
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// The limits that every request is held to.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The rate limit of each client on the versioned paths; `None` for no limit.
    pub rate: Option<Limit>,
    /// The deadline of a request, from its arrival to its response.
    pub timeout: Duration,
    /// The proxies whose `X-Forwarded-For` and `Forwarded` are believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// A request that was started, and has no response yet.
pub(in crate::http) struct Started {
    phase: Phase,
    entry: Entry,
    in_flight: Option<InFlight>,
}

impl Started {
    /// When the request arrived.
    pub(in crate::http) fn at(&self) -> Instant {
        self.entry.started_at.monotonic
    }

    /// What the response has reserved of the memory budget, for as long as it is unsent.
    pub(in crate::http) fn take_permit(&mut self) -> Option<Permit> {
        match &mut self.phase {
            Phase::Dispatched(dispatched) => dispatched.reserved.permit.take(),
            Phase::Undispatched(_) => None,
        }
    }
}

/// How far a started request has come.
enum Phase {
    /// The handler's future owns the request.
    Dispatched(Dispatched),
    /// The CORS and compression layers come first, or the token has to be verified. Boxed, because few services have these
    /// switched on, most tokens are remembered, and the request would make every [`Started`] larger.
    Undispatched(Box<(Request, Reserved)>),
}

/// A request that its handler's future owns, with what the pipeline still needs of it.
struct Dispatched {
    answering: Answering<Error>,
    path: Box<str>,
    decision: Option<Decision>,
    reserved: Reserved,
}

impl Dispatched {
    /// A request that no handler sees.
    fn refused(request: Request, error: Error, reserved: Reserved) -> Self {
        let path = request.uri().path().into();
        let answering = Box::pin(async move {
            // Dropped here, not earlier: dropping an unread body before its response exists closes the connection.
            drop(request);
            Err(error)
        });
        Self { answering, path, decision: None, reserved }
    }
}

/// Takes requests through the service.
#[derive(Debug)]
pub struct Pipeline {
    site: Site,
    /// The prefix of the versioned paths, which pages of other origins may call.
    versioned_prefix: String,
    rate: Option<RateLimit>,
    identity: Option<Identity>,
    timeout: Duration,
    trusted_proxies: Vec<IpNet>,
    cors: Option<CorsLayer>,
    compress: bool,
    metrics: Option<Arc<HttpMetrics>>,
    memory: Arc<MemoryBudget>,
    draining: AtomicBool,
}

impl Pipeline {
    /// A pipeline to `site`, whose versioned paths begin with `/{api_version}/`.
    #[must_use]
    pub fn new(site: impl Into<Site>, api_version: &str, limits: Limits) -> Self {
        let Limits { rate, timeout, trusted_proxies } = limits;
        Self {
            site: site.into(),
            versioned_prefix: format!("/{api_version}/"),
            rate: rate.map(RateLimit::new),
            identity: None,
            timeout,
            trusted_proxies,
            cors: None,
            compress: false,
            metrics: None,
            memory: MemoryBudget::unlimited(),
            draining: AtomicBool::new(false),
        }
    }

    /// Allows cross-origin requests to the versioned paths and the contract from pages of these origins, with these request
    /// headers beside those that the contract knows.
    #[must_use]
    pub fn with_cors(self, origins: Option<&Origins>, headers: &[HeaderName]) -> Self {
        Self { cors: origins.and_then(|origins| cors::layer(origins, headers)), ..self }
    }

    /// Asks the callers of operations for tokens, if there is an issuer.
    #[must_use]
    pub fn with_identity(self, identity: Option<Identity>) -> Self {
        Self { identity, ..self }
    }

    /// Switches the compression of responses on or off.
    #[must_use]
    pub fn with_compression(self, compress: bool) -> Self {
        Self { compress, ..self }
    }

    /// Holds bodies to a memory budget.
    #[must_use]
    pub fn with_memory_budget(self, memory: Arc<MemoryBudget>) -> Self {
        Self { memory, ..self }
    }

    /// The memory budget of bodies.
    pub(in crate::http) fn memory(&self) -> &Arc<MemoryBudget> {
        &self.memory
    }

    /// Measures every request, if there are metrics.
    #[must_use]
    pub fn with_metrics(self, metrics: Option<Arc<HttpMetrics>>) -> Self {
        Self { metrics, ..self }
    }

    /// Asks clients to open their next connection elsewhere: from now on HTTP/1 responses say `Connection: close`.
    ///
    /// Without it the server would close idle connections, and now and then one on which a client has just sent a
    /// request.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Starts a request: does the synchronous part, and dispatches the request to its handler.
    pub(in crate::http) fn start(&self, mut request: Request, arrival: Arrival) -> Started {
        let Arrival { peer, refused, reserved } = arrival;
        let started_at = StartTime::now();
        let client = client_address::resolve(peer, request.headers(), &self.trusted_proxies);
        if client == ClientAddress::Unknown {
            self.count(HttpMetrics::client_unknown);
        }
        let scan = HeaderScan::of(request.headers());
        let id = RequestId::assign(scan.request_id, started_at.wall);
        let target = self.site.find(&request);
        let is_versioned = request.uri().path().starts_with(&self.versioned_prefix);
        let chosen = is_versioned.then(|| self.site.choose_version(&request, scan.may_name_version));
        let version = chosen.map(|chosen| chosen.version);
        let traceparent = scan.traceparent.and_then(access_log::traceparent);
        let uses = self.site.deprecated_uses(target, version, &mut request, &id, started_at.wall);
        let mut entry = Entry::new(&request, client, id, target.and_then(Target::operation), started_at);
        (entry.uses, entry.chosen, entry.traceparent) = (uses, chosen, traceparent);
        let in_flight = self.metrics.as_ref().map(|metrics| metrics.start_request(request.body()));
        let refused = refused.and_then(|why| why.error(is_versioned));
        let phase = if let Some(error) = refused {
            Phase::Dispatched(Dispatched::refused(request, error, reserved))
        } else if self.compress || self.cors_for(request.uri().path()).is_some() {
            Phase::Undispatched(Box::new((request, reserved)))
        } else {
            self.recall_and_dispatch(target, request, &entry, reserved)
        };
        Started { phase, entry, in_flight }
    }

    /// Responds to a started request.
    pub(in crate::http) async fn finish(&self, started: &mut Started) -> Response {
        let Started { phase, entry, in_flight } = started;
        let mut response = match phase {
            Phase::Dispatched(dispatched) => self.respond(dispatched, entry).await,
            Phase::Undispatched(request) => {
                let (request, reserved) = mem::take(&mut **request);
                Box::pin(self.respond_layered(request, reserved, entry)).await
            }
        };
        let elapsed = if streams::begins(entry, &response) {
            response = streams::log_at_end(response, entry);
            entry.started_at.monotonic.elapsed()
        } else {
            entry.log_response(response.status())
        };
        if let Some(in_flight) = in_flight.take() {
            in_flight.record_response(entry, elapsed, &response);
        }
        if let Some(chosen) = &entry.chosen {
            chosen.version.announce(response.headers_mut());
        }
        caching::set_cache_control(&mut response, &entry.method);
        if let Some(uses) = entry.uses.take() {
            uses.announce(response.headers_mut());
        }
        response.headers_mut().insert(request_id::HEADER, entry.id.take());
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        // HTTP/2 has the GOAWAY frame for this, and forbids the header.
        if entry.version < Version::HTTP_2 && self.draining.load(Ordering::Relaxed) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if entry.method == Method::HEAD { without_body(response) } else { response }
    }

    /// Waits for the handler, and turns its error into a problem document.
    async fn respond(&self, dispatched: &mut Dispatched, entry: &Entry) -> Response {
        let answered = self.run_handler(dispatched, entry).await;
        let mut response = match answered.and_then(|response| self.reserve_response(response, dispatched, entry)) {
            Ok(response) => response,
            Err(error) => {
                let path = mem::take(&mut dispatched.path);
                let challenge = self.identity.as_ref().and_then(|identity| identity.challenge(&error));
                let info = RequestInfo { path, route: entry.route(), id: Some(entry.id.clone()) };
                let mut response = problem::response(error, &info);
                response.headers_mut().extend(challenge.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
                response
            }
        };
        if let (Some(decision), Some(rate)) = (&dispatched.decision, &self.rate) {
            rate.set_headers(&mut response, decision);
        }
        response
    }

    /// Runs the handler until its deadline, unless the request is over its rate limit. A panic becomes an error.
    async fn run_handler(&self, dispatched: &mut Dispatched, entry: &Entry) -> Result<Response, Error> {
        let Dispatched { answering, decision, path: _, reserved } = dispatched;
        // Dropped when this returns, so that a body that was not read is left to the connection before the response is sent.
        let answering = mem::replace(answering, Box::pin(future::pending()));
        if let Some(Decision { allowed: false, reset, .. }) = decision {
            self.count(HttpMetrics::rate_limited);
            return Err(Error::TooManyRequests { wait: *reset });
        }
        // Unwind-safe: handlers share state only behind locks and channels that survive a panic.
        let outcome = pin!(AssertUnwindSafe(answering).catch_unwind());
        match deadline::before_movable(|| entry.started_at.monotonic + self.timeout + entry.extension(), outcome).await
        {
            Some(Ok(response)) => response,
            Some(Err(panic)) => {
                self.count(HttpMetrics::panicked);
                Err(Error::Panicked(panic_message(&*panic)))
            }
            None if reserved.body.as_ref().is_some_and(BodyHandle::is_awaited) => {
                Err(Error::BodyTooSlow { after: self.timeout })
            }
            None => {
                self.count(HttpMetrics::timed_out);
                Err(Error::TimedOut { after: self.timeout })
            }
        }
    }

    /// Reserves what the response holds until it is sent, in place of what the request had reserved.
    fn reserve_response(
        &self,
        response: Response,
        Dispatched { path, reserved, .. }: &mut Dispatched,
        entry: &Entry,
    ) -> Result<Response, Error> {
        let size = memory_budget::held_by(response.body(), entry.version);
        // Monitoring must work under overload.
        if !path.starts_with(&self.versioned_prefix) {
            reserved.turn_over_in_any_case(size, &self.memory);
            return Ok(response);
        }
        match reserved.turn_over(size, &self.memory) {
            Ok(()) => Ok(response),
            Err(OverBudget) if entry.method.is_safe() => Err(Error::OverMemoryBudget),
            Err(OverBudget) => Err(Error::ResponseOverMemoryBudget),
        }
    }

    fn count(&self, event: fn(&HttpMetrics)) {
        if let Some(metrics) = &self.metrics {
            event(metrics);
        }
    }
}

/// Turns a response into one to `HEAD`: without the body, but with its length (RFC 9110, section 9.3.2).
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    Response::from_parts(head, Body::empty())
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
