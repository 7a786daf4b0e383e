//! A response before it is known to follow the contract. It can be anything: no input makes this code panic, and a response that
//! does not follow the contract reaches the caller as it came.

use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::de::DeserializeOwned;

use crate::{Error, Json, Problem, Response, Unexpected};

/// The most bytes of an unexpected body that an error keeps.
const KEPT: usize = 8 << 10;

/// A response whose body is still bytes.
#[derive(Debug)]
pub struct RawResponse {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl RawResponse {
    /// Ignores the body.
    pub fn empty(self) -> Response<()> {
        self.with(())
    }

    /// Decodes a success in JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if the body is not a `T` of this media type.
    pub fn json<T: DeserializeOwned, P: Problem>(self, media_type: &str) -> Result<Response<T>, Error<P>> {
        let body = self.parse(media_type);
        self.finish(body)
    }

    /// Decodes a success in plain text.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if the body is not UTF-8 of this media type.
    pub fn text<P: Problem>(self, media_type: &str) -> Result<Response<String>, Error<P>> {
        let body = match self.check(media_type) {
            Ok(()) => String::from_utf8(self.body.clone()).map_err(|fault| format!("the body is not text: {fault}")),
            Err(reason) => Err(reason),
        };
        self.finish(body)
    }

    /// Decodes an error that the contract declares as a `T` rather than a problem.
    pub fn declared<T: DeserializeOwned, P: Problem>(self, media_type: &str) -> Error<P> {
        match self.parse::<T>(media_type).and_then(|_| self.parse::<Json>(media_type)) {
            Ok(json) => Error::Declared(Box::new(self.with(json))),
            Err(_) => self.error(),
        }
    }

    /// Decodes a problem, whatever the status. Everything else is unexpected.
    pub fn error<P: Problem>(self) -> Error<P> {
        const MEDIA_TYPE: &str = "application/problem+json";
        let is_error = self.status.is_client_error() || self.status.is_server_error();
        if !is_error || self.check(MEDIA_TYPE).is_err() {
            let reason = format!("the contract knows no {} of type {:?} here", self.status, self.media_type());
            return self.unexpected(reason);
        }
        match self.parse(MEDIA_TYPE) {
            Ok(problem) => Error::Problem(Box::new(self.with(problem))),
            Err(reason) => self.unexpected(reason),
        }
    }

    pub(crate) fn unexpected<P: Problem>(mut self, reason: String) -> Error<P> {
        self.body.truncate(KEPT);
        let body = std::mem::take(&mut self.body);
        Error::Unexpected(Box::new(self.with(Unexpected { reason, body })))
    }

    fn finish<T, P: Problem>(self, body: Result<T, String>) -> Result<Response<T>, Error<P>> {
        match body {
            Ok(body) => Ok(self.with(body)),
            Err(reason) => Err(self.unexpected(reason)),
        }
    }

    pub(crate) fn with<T>(self, body: T) -> Response<T> {
        Response { status: self.status, headers: self.headers, body }
    }

    fn parse<T: DeserializeOwned>(&self, media_type: &str) -> Result<T, String> {
        self.check(media_type)?;
        serde_json::from_slice(&self.body).map_err(|fault| format!("the body is not what the contract says: {fault}"))
    }

    pub(crate) fn check(&self, wanted: &str) -> Result<(), String> {
        let found = self.media_type();
        if found.eq_ignore_ascii_case(wanted) {
            Ok(())
        } else {
            Err(format!("the contract says {wanted:?}, the response {found:?}"))
        }
    }

    /// The media type, without its parameters.
    fn media_type(&self) -> &str {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim()
    }
}
