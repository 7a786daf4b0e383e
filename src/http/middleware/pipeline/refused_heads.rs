//! Responses to heads that are no requests: the server could not parse them.

use super::{Entry, HttpMetrics, NO_SNIFF, Pipeline, StartTime, caching, client_address};
use crate::http::{
    problem::{self, Error, RequestInfo},
    request_id::{self, RequestId},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use futures_util::FutureExt;
use std::net::IpAddr;

/// Stands for what is not known of a head: its method in the log, and its path, which is where a problem says that it happened.
const UNKNOWN_METHOD: &str = "-";
const UNKNOWN_PATH: &str = "/";

impl Pipeline {
    /// Refuses a head that `peer` sent over HTTP/1, and returns the bytes of the response, which closes the connection. It is
    /// logged and counted as any other.
    pub(in crate::http) fn refuse_head(&self, peer: IpAddr, error: Error) -> Vec<u8> {
        let started_at = StartTime::now();
        let client = client_address::resolve(peer, &HeaderMap::new(), &self.trusted_proxies);
        let id = RequestId::assign(None, started_at.wall);
        let request = Request::builder().method(UNKNOWN_METHOD).body(Body::empty()).unwrap_or_default();
        let mut entry = Entry::new(&request, client, id.clone(), None, started_at);
        let in_flight = self.metrics.as_ref().map(|metrics| HttpMetrics::start_request(metrics, request.body()));
        let info = RequestInfo { path: UNKNOWN_PATH.into(), route: entry.route(), id: Some(id) };
        let mut response = problem::response(error, &info);
        let elapsed = entry.log_response(response.status());
        if let Some(in_flight) = in_flight {
            in_flight.record_response(&entry, elapsed, &response);
        }
        caching::set_cache_control(&mut response, &entry.method);
        let headers = response.headers_mut();
        headers.insert(request_id::HEADER, entry.id.take());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        into_bytes(response)
    }
}

/// Writes a response as HTTP/1.1 has it. Its body is in memory.
fn into_bytes(response: Response) -> Vec<u8> {
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).now_or_never().and_then(Result::ok).unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", head.status, body.len()).into_bytes();
    for (name, value) in &head.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    bytes
}
