//! Builds responses.

use crate::{
    encode::Encode,
    operation::Operation,
    refusal::{Api, Refusal},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{fmt, marker::PhantomData};

/// The capacity for the JSON of a response, in bytes; most are shorter.
const CAPACITY: usize = 1024;

/// The capacity for the headers of a response, with those that middleware adds: a map that grows is hashed again.
const HEADERS: usize = 10;

/// The JSON of a `T`, encoded. A clone shares the bytes, so that a popular document is encoded once.
pub struct Document<T> {
    json: Bytes,
    of: PhantomData<fn() -> T>,
}

impl<T: Encode> From<T> for Document<T> {
    fn from(value: T) -> Self {
        let mut json = Vec::with_capacity(CAPACITY);
        value.encode(&mut json);
        Self { json: json.into(), of: PhantomData }
    }
}

impl<T> Clone for Document<T> {
    fn clone(&self) -> Self {
        Self { json: self.json.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Document<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.json))
    }
}

/// A response with one JSON document.
pub fn json<T>(status: StatusCode, body: Document<T>) -> Response {
    response(status, "application/json", body.json.into())
}

/// A response with one problem document (RFC 9457).
pub fn problem<T: Encode>(status: StatusCode, body: T) -> Response {
    response(status, "application/problem+json", Document::from(body).json.into())
}

fn response(status: StatusCode, media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Adds headers to a response.
pub trait With {
    /// The response with this header. A value that HTTP does not allow turns the status into 500: the service is at fault.
    fn with(self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self;
}

impl With for Response {
    fn with(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        match value.try_into() {
            Ok(value) => {
                self.headers_mut().insert(name, value);
            }
            Err(_) => *self.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
        self
    }
}

/// Turns the outcome of an operation into its response. A failure whose status the contract does not declare becomes
/// [`Refusal::Undeclared`], so that no client sees it.
pub fn answer<A: Api>(
    operation: &'static Operation,
    outcome: Result<impl IntoResponse, A::Error>,
) -> Result<Response, A::Error> {
    outcome.map(IntoResponse::into_response).map_err(|error| {
        let status = A::status(&error);
        let is_declared = operation.failures.contains(&status);
        if is_declared { error } else { Refusal::Undeclared { status, failure: format!("{error:?}") }.into() }
    })
}

/// A response with plain text.
pub fn text(status: StatusCode, body: String) -> Response {
    (status, body).into_response()
}

/// The body of a response of server-sent events. It is written as it comes, and has no length.
#[derive(Debug)]
pub struct EventStream(Body);

impl From<Body> for EventStream {
    fn from(body: Body) -> Self {
        Self(body)
    }
}

/// A response with server-sent events (HTML Standard, section 9.2).
pub fn event_stream(status: StatusCode, body: EventStream) -> Response {
    response(status, "text/event-stream", body.0)
}

/// A status code of the contract. The fallback is unreachable: every code there is valid.
pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests;
