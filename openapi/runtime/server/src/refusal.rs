//! Why a request is refused before its operation runs, and the trait of a service that this takes.

use crate::decode::Fault;
use axum::http::{Extensions, HeaderValue};
use std::fmt::Debug;

/// A service, seen from the runtime: its limit on bodies, its callers, and its error type.
pub trait Api: Send + Sync + 'static {
    /// Why an operation fails: a refusal of this crate, or a reason of the service.
    type Error: From<Refusal> + Debug + Send + 'static;

    /// Who calls an operation that asks for a scope.
    type Caller: Send + 'static;

    /// Takes the caller out of the extensions of a request, where middleware has put it; without one, nobody was asked who
    /// they are.
    fn caller(extensions: &mut Extensions) -> Self::Caller;

    /// The most bytes that a request body may have.
    fn max_body(&self) -> usize;

    /// The status of the response to a failure.
    fn status(error: &Self::Error) -> u16;
}

/// Why a request did not reach its operation, or why the response of the operation is not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// No operation has this path.
    PathNotFound,
    /// The path has operations, but none with this method.
    MethodNotAllowed {
        /// The value of the header `Allow`; `None` if the caller adds that header itself.
        allow: Option<HeaderValue>,
    },
    /// A parameter in the path is not percent-encoded UTF-8.
    Path,
    /// `Accept` rules out every media type of the operation. Nothing was done.
    NotAcceptable {
        /// The media types of the operation.
        produces: &'static [&'static str],
    },
    /// The query, a header or the body breaks the contract.
    Invalid(Vec<Fault>),
    /// The body is of another media type.
    MediaType {
        /// The media type that was sent, if any.
        sent: Option<String>,
        /// The media types that are accepted.
        accepted: &'static [&'static str],
    },
    /// The header `Content-Type` is there more than once, and has one value only.
    MediaTypes {
        /// How many there are.
        count: usize,
        /// The media types that are accepted.
        accepted: &'static [&'static str],
    },
    /// The body has a content encoding, and none is supported.
    ContentEncoding {
        /// The content encoding.
        sent: String,
        /// The media types that are accepted, without an encoding.
        accepted: &'static [&'static str],
    },
    /// The body is too large.
    BodyTooLarge {
        /// The most bytes it may have.
        limit: usize,
    },
    /// The body ended before it was complete.
    BodyLost(axum::Error),
    /// The operation failed with a status that the contract does not declare for it.
    Undeclared {
        /// The undeclared status.
        status: u16,
        /// The failure, for the log.
        failure: String,
    },
}
