// @generated from api/openapi.yml by `make generate`; do not edit.

//! What a response says.

use crate::{
    encode::Encode,
    operation::Operation,
    refusal::{Api, Refusal},
};
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

/// Room for the JSON of a usual response, in bytes.
const USUAL: usize = 1024;

/// A response of one JSON document.
pub fn json(status: StatusCode, body: &impl Encode) -> Response {
    document(status, "application/json", body)
}

/// A response of one problem document (RFC 9457).
pub fn problem(status: StatusCode, body: &impl Encode) -> Response {
    document(status, "application/problem+json", body)
}

fn document(status: StatusCode, media_type: &'static str, body: &impl Encode) -> Response {
    let mut bytes = Vec::with_capacity(USUAL);
    body.encode(&mut bytes);
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// A response that is given its headers.
pub(crate) trait With {
    /// The response with this header. Text that cannot stand in a header is a fault of the service.
    fn with(self, name: &'static str, value: impl ToString) -> Self;
}

impl With for Response {
    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        match HeaderValue::try_from(value.to_string()) {
            Ok(value) => {
                self.headers_mut().insert(name, value);
            }
            Err(_) => *self.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
        self
    }
}

/// Answers with what the operation returned. A failure that the contract does not declare becomes one that it does.
pub(crate) fn answer<A: Api>(
    api: &A,
    head: &Parts,
    operation: &'static Operation,
    outcome: Result<impl IntoResponse, A::Error>,
) -> Response {
    match outcome {
        Ok(response) => response.into_response(),
        Err(error) => {
            let response = api.reject(error, head);
            let status = response.status().as_u16();
            if operation.failures.contains(&status) {
                response
            } else {
                api.reject(Refusal::Undeclared(status).into(), head)
            }
        }
    }
}

/// A response of plain text.
pub(crate) fn text(status: StatusCode, body: String) -> Response {
    (status, body).into_response()
}

/// A status code of the contract.
pub(crate) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
