//! Responses that go on for as long as their clients like.
//!
//! The log line of such a request is written when its response has ended, with how long that took. The metrics count it when it
//! begins: an hour is no duration of an answer.

use super::access_log::Entry;
use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderName, HeaderValue, Method, StatusCode},
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use payments_server::Operation;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Tells nginx, and proxies that follow it, to pass on what comes at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const OFF: HeaderValue = HeaderValue::from_static("no");

/// Returns whether the response to an operation is a stream.
pub(super) fn is_stream(operation: &Operation) -> bool {
    operation.produces.contains(&"text/event-stream")
}

/// Returns whether `response` is the stream that the request of `entry` asked for.
pub(super) fn begins(entry: &Entry, response: &Response) -> bool {
    entry.operation().is_some_and(is_stream) && response.status().is_success() && entry.method == Method::GET
}

/// Puts the log line of a stream off until it has ended.
pub(super) fn log_at_end(response: Response, entry: &mut Entry) -> Response {
    let (entry, status) = (entry.defer(), response.status());
    let mut response = response.map(|body| Body::new(LoggedBody { body, entry, status }));
    response.headers_mut().insert(BUFFERING, OFF);
    response
}

/// A body whose request is logged when it is dropped: when it has ended, or its client has gone.
struct LoggedBody {
    body: Body,
    entry: Entry,
    status: StatusCode,
}

impl HttpBody for LoggedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for LoggedBody {
    fn drop(&mut self) {
        self.entry.log_response(self.status);
    }
}
