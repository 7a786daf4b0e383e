// @generated from api/openapi.yml by `make generate`; do not edit.

//! What is refused before the service sees it, and the one way in which anything is refused.

use crate::{decode::Fault, models::Rules};
use axum::{Router, extract::Request, http::request::Parts, response::Response};
use std::sync::Arc;

/// What every service says about itself: the most it reads, and how it says no.
pub trait Api: Rules + Send + Sync + 'static {
    /// Why an operation fails: what this crate refuses, and the service's own reasons.
    type Error: From<Refusal> + Send;

    /// What is to be said of a request that is refused. Where a request has a body, it is kept in place of the head for as long as the operation takes.
    type Asked: Send;

    /// What there is to say of the request with this head, should it be refused.
    fn asked(&self, head: &Parts) -> Self::Asked;

    /// The most bytes that a request body may have.
    fn max_body(&self) -> usize;

    /// The one hook through which everything that is refused, by whichever layer, becomes a response.
    fn reject(&self, error: Self::Error, asked: &Self::Asked) -> Response;
}

/// Why a request never reached its operation, or the operation's answer never left.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing is served at this path.
    PathNotFound,
    /// The path is served, but not with this method. Whoever refuses it adds the header `Allow`.
    MethodNotAllowed,
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
    /// The operation failed with a status that the contract does not declare for it.
    Undeclared(u16),
}

/// Answers what neither an operation nor one of `pages` answers.
pub fn finish<A: Api>(pages: Router, api: &Arc<A>) -> Router {
    let (for_paths, for_methods) = (Arc::clone(api), Arc::clone(api));
    pages
        .fallback(move |request: Request| async move {
            for_paths.reject(Refusal::PathNotFound.into(), &for_paths.asked(&request.into_parts().0))
        })
        .method_not_allowed_fallback(move |request: Request| async move {
            for_methods.reject(Refusal::MethodNotAllowed.into(), &for_methods.asked(&request.into_parts().0))
        })
}
