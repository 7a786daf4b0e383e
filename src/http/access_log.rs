//! One line a request. Never bodies, tokens or queries, which may hold personal data; paths only as the contract has them.

use super::request_id::RequestId;
use axum::http::{HeaderMap, Method, StatusCode, Version};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

/// The header that ties a request to a trace (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// A request, as far as it is remembered for the log.
#[derive(Debug)]
pub(super) struct Entry {
    client: IpAddr,
    method: Method,
    traceparent: Option<String>,
    version: Version,
    began: Instant,
}

impl Entry {
    /// Begins the entry of a request.
    pub(super) fn begin(method: &Method, version: Version, headers: &HeaderMap, client: IpAddr) -> Self {
        let traceparent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok());
        Self {
            client,
            method: method.clone(),
            // 55 characters by the standard; what is longer is not one.
            traceparent: traceparent.filter(|text| text.len() <= 64).map(str::to_owned),
            version,
            began: Instant::now(),
        }
    }

    /// How long the request has taken by now.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Writes the entry. `route` is a path of the contract, or a dash.
    pub(super) fn write(&self, id: &RequestId, route: &'static str, status: StatusCode) {
        tracing::info!(
            request_id = id.as_str(),
            method = self.method.as_str(),
            route,
            status = status.as_u16(),
            duration_us = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX),
            client = %self.client,
            http = ?self.version,
            traceparent = self.traceparent,
            "request"
        );
    }
}
