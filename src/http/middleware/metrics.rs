//! Prometheus metrics of requests: counts, durations, sizes, and the ones that went wrong.

use super::access_log::Entry;
use axum::{body::HttpBody, http::Method, response::Response};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::{sync::Arc, time::Duration};

/// Buckets of request durations, in seconds: from a read from memory to the time at which clients give up.
const DURATION_BUCKETS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Buckets of body sizes, in bytes: from a small payment to the default limit of a body.
const SIZE_BUCKETS: [f64; 8] = [256.0, 512.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0];

/// The metrics of all requests.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    versions: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    abandoned: IntCounter,
    request_bytes: Histogram,
    response_bytes: Histogram,
    rate_limited: IntCounter,
    unknown_clients: IntCounter,
    timed_out: IntCounter,
    panics: IntCounter,
}

impl HttpMetrics {
    /// Creates the metrics and registers them.
    ///
    /// # Errors
    /// When `registry` has them already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name, help| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone())).map(|()| counter)
        };
        let bytes = |name, help| {
            let histogram = Histogram::with_opts(HistogramOpts::new(name, help).buckets(SIZE_BUCKETS.to_vec()))?;
            registry.register(Box::new(histogram.clone())).map(|()| histogram)
        };
        let requests = Opts::new("http_requests_total", "Requests answered.");
        let requests = IntCounterVec::new(requests, &["method", "route", "status"])?;
        let seconds = HistogramOpts::new("http_request_duration_seconds", "How long requests took to be answered.");
        let seconds = HistogramVec::new(seconds.buckets(DURATION_BUCKETS.to_vec()), &["method", "route"])?;
        let versions =
            Opts::new("http_contract_version_requests_total", "Requests answered, by their version of the contract.");
        let versions = IntCounterVec::new(versions, &["version"])?;
        let in_flight = IntGauge::new("http_requests_in_flight", "Requests that are being answered.")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(versions.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        Ok(Self {
            requests,
            versions,
            seconds,
            in_flight,
            abandoned: counter("http_requests_abandoned_total", "Requests whose client went away before the answer.")?,
            request_bytes: bytes("http_request_body_bytes", "The size of request bodies that say their length.")?,
            response_bytes: bytes(
                "http_response_body_bytes",
                "The size of response bodies, compressed ones left out.",
            )?,
            rate_limited: counter("http_requests_rate_limited_total", "Requests refused because of the rate limit.")?,
            unknown_clients: counter(
                "http_requests_unknown_client_total",
                "Requests whose client trusted proxies do not name, or not in a form that can be read.",
            )?,
            timed_out: counter("http_requests_timed_out_total", "Requests given up because of the deadline.")?,
            panics: counter("http_handler_panics_total", "Panics of handlers.")?,
        })
    }

    /// Counts a request that has arrived with this body.
    pub(super) fn start_request(self: &Arc<Self>, body: &impl HttpBody) -> InFlight {
        self.in_flight.inc();
        if let Some(bytes) = body.size_hint().exact().filter(|bytes| *bytes > 0) {
            self.request_bytes.observe(to_f64(bytes));
        }
        InFlight { metrics: Arc::clone(self), has_response: false }
    }

    pub(super) fn rate_limited(&self) {
        self.rate_limited.inc();
    }

    pub(super) fn client_unknown(&self) {
        self.unknown_clients.inc();
    }

    pub(super) fn timed_out(&self) {
        self.timed_out.inc();
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }
}

/// A request that is under way. Dropped without a response, it counts as abandoned.
#[derive(Debug)]
pub(super) struct InFlight {
    metrics: Arc<HttpMetrics>,
    has_response: bool,
}

impl InFlight {
    /// Records the response to the request of `entry`. The time that its operation waited is none that it took.
    pub(super) fn record_response(mut self, entry: &Entry, elapsed: Duration, response: &Response) {
        self.has_response = true;
        let (method, route, status) = (method_label(&entry.method), entry.route(), response.status());
        if let Some(chosen) = &entry.chosen {
            self.metrics.versions.with_label_values(&[chosen.version.name]).inc();
        }
        self.metrics.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.metrics
            .seconds
            .with_label_values(&[method, route])
            .observe(elapsed.saturating_sub(entry.waited()).as_secs_f64());
        if let Some(bytes) = response.body().size_hint().exact() {
            self.metrics.response_bytes.observe(to_f64(bytes));
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        if !self.has_response {
            self.metrics.abandoned.inc();
        }
    }
}

/// The label of a method. Methods that clients make up share one label, because each label is a time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Converts a size to f64; sizes above `u32::MAX` are clamped to it.
fn to_f64(bytes: u64) -> f64 {
    u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from)
}
