//! Defines requests, answers, and exchanges of both, which a failure message shows in full.

use serde_json::Value;
use std::{borrow::Cow, error::Error, fmt, time::Duration};

/// How many characters of a body a message shows.
const MAX_SHOWN: usize = 4000;

/// A request, well-formed or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path and the query, as they are sent.
    pub target: String,
    /// The headers, without those that the client adds itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self { method: method.to_owned(), target: target.into(), ..Self::default() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets a body of this media type.
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", media_type)
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// An answer, as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, in order, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name. Case does not count.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The media type, in lower case and without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Why it is not JSON.
    pub fn json(&self) -> Result<Value, String> {
        crate::json::parse(&self.body).map_err(|error| format!("the body is not JSON: {error}"))
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer(pub String);

impl NoAnswer {
    pub(super) fn new(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |error| (*error).source());
        Self(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }

    pub(super) fn timeout(timeout: Duration) -> Self {
        Self(format!("no answer within {timeout:?}"))
    }
}

/// A request and its answer, or why there is none. Its `Display` shows both in full.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The answer, or why there is none.
    pub outcome: Result<Answer, NoAnswer>,
    /// The time from sending the request to the end of the answer.
    pub took: Duration,
}

impl Exchange {
    /// Method, target and status, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Request { method, target, .. } = &self.request;
        match &self.outcome {
            Ok(answer) => format!("{method} {target} → {}", answer.status),
            Err(NoAnswer(reason)) => format!("{method} {target} → {reason}"),
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { method, target, headers, body } = &self.request;
        writeln!(f, "{method} {target}")?;
        message(f, headers, body)?;
        writeln!(f)?;
        match &self.outcome {
            Ok(Answer { status, headers, body }) => {
                writeln!(f, "answered after {} ms with {status}", self.took.as_millis())?;
                message(f, headers, body)
            }
            Err(NoAnswer(reason)) => writeln!(f, "not answered: {reason}"),
        }
    }
}

fn message(f: &mut fmt::Formatter<'_>, headers: &[(String, String)], body: &[u8]) -> fmt::Result {
    for (name, value) in headers {
        writeln!(f, "{name}: {value}")?;
    }
    if body.is_empty() {
        return Ok(());
    }
    let text = match crate::json::parse(body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => writeln!(f, "\n{}\n… and more: {} bytes in all", &text[..end], body.len()),
        None => writeln!(f, "\n{text}"),
    }
}
