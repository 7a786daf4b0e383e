//! What is measured of every request.

use axum::{body::HttpBody, http::Method, response::Response};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::{sync::Arc, time::Duration};

/// From what a read from memory needs to what makes clients go away, in seconds.
const SECONDS: [f64; 14] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// From a small payment to the largest body by default, in bytes.
const BYTES: [f64; 8] = [256.0, 512.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0];

/// The metrics of all requests.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    abandoned: IntCounter,
    request_bytes: Histogram,
    response_bytes: Histogram,
    rate_limited: IntCounter,
    timed_out: IntCounter,
    panics: IntCounter,
}

impl HttpMetrics {
    /// Metrics for `registry`.
    ///
    /// # Errors
    /// When it has them already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name, help| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone())).map(|()| counter)
        };
        let bytes = |name, help| {
            let histogram = Histogram::with_opts(HistogramOpts::new(name, help).buckets(BYTES.to_vec()))?;
            registry.register(Box::new(histogram.clone())).map(|()| histogram)
        };
        let requests = Opts::new("http_requests_total", "Requests answered.");
        let requests = IntCounterVec::new(requests, &["method", "route", "status"])?;
        let seconds = HistogramOpts::new("http_request_duration_seconds", "How long requests took to be answered.");
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["method", "route"])?;
        let in_flight = IntGauge::new("http_requests_in_flight", "Requests that are being answered.")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(in_flight.clone()))?;
        Ok(Self {
            requests,
            seconds,
            in_flight,
            abandoned: counter("http_requests_abandoned_total", "Requests whose client went away before the answer.")?,
            request_bytes: bytes("http_request_body_bytes", "The size of request bodies that say their length.")?,
            response_bytes: bytes(
                "http_response_body_bytes",
                "The size of response bodies, compressed ones left out.",
            )?,
            rate_limited: counter("http_requests_rate_limited_total", "Requests refused because of the rate limit.")?,
            timed_out: counter("http_requests_timed_out_total", "Requests given up because of the deadline.")?,
            panics: counter("http_handler_panics_total", "Panics of handlers.")?,
        })
    }

    /// A request with this body has come.
    pub(super) fn begin(self: &Arc<Self>, body: &impl HttpBody) -> InFlight {
        self.in_flight.inc();
        if let Some(bytes) = body.size_hint().exact().filter(|bytes| *bytes > 0) {
            self.request_bytes.observe(float(bytes));
        }
        InFlight { metrics: Arc::clone(self), answered: false }
    }

    pub(super) fn rate_limited(&self) {
        self.rate_limited.inc();
    }

    pub(super) fn timed_out(&self) {
        self.timed_out.inc();
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight {
    metrics: Arc<HttpMetrics>,
    answered: bool,
}

impl InFlight {
    /// It was answered, and took so long. `route` is a path of the contract, or a dash.
    pub(super) fn answered(mut self, method: &Method, route: &'static str, took: Duration, response: &Response) {
        self.answered = true;
        let (method, status) = (known(method), response.status());
        self.metrics.requests.with_label_values(&[method, route, status.as_str()]).inc();
        self.metrics.seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
        if let Some(bytes) = response.body().size_hint().exact() {
            self.metrics.response_bytes.observe(float(bytes));
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        if !self.answered {
            self.metrics.abandoned.inc();
        }
    }
}

/// A method that clients have not made up: each would be a time series of its own.
fn known(method: &Method) -> &'static str {
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

/// A size as a histogram has it; beyond 2^32 bytes it is one.
fn float(bytes: u64) -> f64 {
    u32::try_from(bytes).map_or(f64::from(u32::MAX), f64::from)
}
