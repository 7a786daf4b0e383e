//! Why a call fails.

use std::{borrow::Cow, fmt::Debug, time::Duration};

use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;

use crate::{Json, Response, TokenError, response::seconds};

/// The model of a problem (RFC 9457) in a contract. Errors show these members.
pub trait Problem: Debug + DeserializeOwned + Send + Sync + 'static {
    /// The kind of problem in words.
    fn title(&self) -> &str;

    /// What happened this time.
    fn detail(&self) -> &str;
}

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<P: Problem> {
    /// The service refused the request or failed, with a problem (RFC 9457).
    #[error("{}: {}: {}", .0.status, .0.body.title(), .0.body.detail())]
    Problem(Box<Response<P>>),
    /// The service failed with a body that the contract declares instead of a problem; [`Error::body`] decodes it.
    #[error("{}", .0.status)]
    Declared(Box<Response<Json>>),
    /// The contract does not declare this response. It may come from a proxy before the service.
    #[error("unexpected response, {}: {}", .0.status, .0.body.reason)]
    Unexpected(Box<Response<Unexpected>>),
    /// No complete response: no connection, a broken one, or a timeout.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    /// A stream did not begin, or the error in its place was not complete, within the timeout of the client.
    #[error("no response within {0:?}")]
    Timeout(Duration),
    /// The request is not valid, and was not sent; the text says why.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// There is no access token, so the request was not sent.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A value could not be encoded as JSON, or decoded from it.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The body of a response that the contract does not declare.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    /// How the response differs from the contract.
    pub reason: String,
    /// The body as it came, or its first 8 KiB.
    pub body: Vec<u8>,
}

impl Unexpected {
    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl<P: Problem> Error<P> {
    /// The status code, if there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(|(status, _)| status)
    }

    /// The headers, if there was a response.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.response().map(|(_, headers)| headers)
    }

    /// The header `name` of the response, case-insensitive; `None` if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()?.get(name)?.to_str().ok()
    }

    /// The problem, if the service sent one.
    pub fn problem(&self) -> Option<&P> {
        if let Self::Problem(response) = self { Some(&response.body) } else { None }
    }

    /// The body of an error that the contract declares as a `T`.
    pub fn body<T: DeserializeOwned>(&self) -> Option<T> {
        if let Self::Declared(response) = self { response.body.get().ok() } else { None }
    }

    /// How long the service asks to wait before trying again.
    pub fn retry_after(&self) -> Option<Duration> {
        seconds(self.header("retry-after"))
    }

    /// `X-Request-Id`: identifies the request in the log of the service.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// Whether the call timed out. The service may have handled the request all the same.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(_)) || matches!(self, Self::Transport(fault) if fault.is_timeout())
    }

    /// Whether it can help to try again later: the connection failed, the service says that the fault is its own, or it was
    /// asked too early or too often. What the service did with the request is not known, unless it was refused.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Problem(_) | Self::Declared(_) | Self::Unexpected(_) => self
                .status()
                .is_some_and(|status| status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429)),
            Self::Transport(fault) => !fault.is_builder() && !fault.is_redirect(),
            Self::Timeout(_) => true,
            Self::Token(error) => error.is_transient(),
            Self::Request(_) | Self::Json(_) => false,
        }
    }

    fn response(&self) -> Option<(StatusCode, &HeaderMap)> {
        match self {
            Self::Problem(response) => Some((response.status, &response.headers)),
            Self::Declared(response) => Some((response.status, &response.headers)),
            Self::Unexpected(response) => Some((response.status, &response.headers)),
            Self::Transport(_) | Self::Timeout(_) | Self::Request(_) | Self::Token(_) | Self::Json(_) => None,
        }
    }
}
