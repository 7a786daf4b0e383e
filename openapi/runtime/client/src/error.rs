//! What can go wrong.

use std::{borrow::Cow, fmt::Debug, time::Duration};

use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;

use crate::{Json, Response, response::seconds};

/// The contract's model of a problem (RFC 9457), of which errors show these members.
pub trait Problem: Debug + DeserializeOwned + Send + Sync + 'static {
    /// The kind of problem in words.
    fn title(&self) -> &str;

    /// What happened this time.
    fn detail(&self) -> &str;
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<P: Problem> {
    /// The service refuses or fails, and says why in a problem (RFC 9457).
    #[error("{}: {}: {}", .0.status, .0.body.title(), .0.body.detail())]
    Problem(Box<Response<P>>),
    /// The service answers with an error that has a body of its own in the contract; read it with [`Error::body`].
    #[error("{}", .0.status)]
    Declared(Box<Response<Json>>),
    /// The answer is nothing that the contract knows: perhaps it comes from something between here and the service.
    #[error("unexpected answer, {}: {}", .0.status, .0.body.reason)]
    Unexpected(Box<Response<Unexpected>>),
    /// There is no whole answer: no connection, a broken one, or a timeout.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    /// The request cannot be sent as it is; the text says why. Nothing was sent.
    #[error("the request cannot be sent: {0}")]
    Request(String),
    /// A value could not be written as JSON, or read from it.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The body of an answer that the contract does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unexpected {
    /// What is wrong with the answer.
    pub reason: String,
    /// The body as it came, or its first 8 KiB.
    pub body: Vec<u8>,
}

impl Unexpected {
    /// The body as text, with what is not text replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl<P: Problem> Error<P> {
    /// The status code, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().map(|(status, _)| status)
    }

    /// The headers, if there was an answer.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.answer().map(|(_, headers)| headers)
    }

    /// The header `name` of the answer, in whatever case; `None` if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()?.get(name)?.to_str().ok()
    }

    /// The problem, if the service told one.
    pub fn problem(&self) -> Option<&P> {
        if let Self::Problem(answer) = self { Some(&answer.body) } else { None }
    }

    /// The body of an error that the contract declares as a `T`.
    pub fn body<T: DeserializeOwned>(&self) -> Option<T> {
        if let Self::Declared(answer) = self { answer.body.get().ok() } else { None }
    }

    /// How long the service asks to wait before trying again.
    pub fn retry_after(&self) -> Option<Duration> {
        seconds(self.header("retry-after"))
    }

    /// `X-Request-Id`: the name of the request in the log of the service.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// Whether the time of the client ran out. The service may have done what it was asked to.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Transport(fault) if fault.is_timeout())
    }

    fn answer(&self) -> Option<(StatusCode, &HeaderMap)> {
        match self {
            Self::Problem(answer) => Some((answer.status, &answer.headers)),
            Self::Declared(answer) => Some((answer.status, &answer.headers)),
            Self::Unexpected(answer) => Some((answer.status, &answer.headers)),
            Self::Transport(_) | Self::Request(_) | Self::Json(_) => None,
        }
    }
}
