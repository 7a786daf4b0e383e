//! What is refused before the service sees it, and what a service has to say of itself for that.

use crate::decode::Fault;
use axum::http::HeaderValue;
use std::fmt::Debug;

/// What every service says about itself: the most it reads, and why it fails.
pub trait Api: Send + Sync + 'static {
    /// Why an operation fails: what this crate refuses, and the service's own reasons.
    type Error: From<Refusal> + Debug + Send + 'static;

    /// The most bytes that a request body may have.
    fn max_body(&self) -> usize;

    /// The status of the response that tells of a failure.
    fn status(error: &Self::Error) -> u16;
}

/// Why a request never reached its operation, or the operation's answer never left.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing is served at this path.
    PathNotFound,
    /// The path is served, but not with this method.
    MethodNotAllowed {
        /// What the header `Allow` says; `None` if whoever refuses the request adds that.
        allow: Option<HeaderValue>,
    },
    /// A parameter in the path is not percent-encoded UTF-8.
    Path,
    /// `Accept` rules out every media type that the operation answers with. Nothing was done.
    NotAcceptable {
        /// What there is.
        produces: &'static [&'static str],
    },
    /// The query, a header or the body is not what the contract says.
    Invalid(Vec<Fault>),
    /// The body is of another media type.
    MediaType {
        /// What was sent, if anything.
        sent: Option<String>,
        /// What would do.
        accepted: &'static [&'static str],
    },
    /// The body is encoded in a way that is not supported.
    ContentEncoding {
        /// How it is encoded.
        sent: String,
        /// The media types that would do, without an encoding.
        accepted: &'static [&'static str],
    },
    /// The body is too large.
    BodyTooLarge {
        /// The most bytes it may have.
        limit: usize,
    },
    /// The body broke off.
    BodyLost(axum::Error),
    /// The operation failed in a way that the contract does not declare for it.
    Undeclared {
        /// The status that this failure has.
        status: u16,
        /// The failure, for the log.
        failure: String,
    },
}
