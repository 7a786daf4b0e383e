//! A response whose body has not been read: a stream, or an error in its place.

use std::fmt;

use bytes::Bytes;
use reqwest::{StatusCode, header::HeaderMap};

use crate::{Client, Error, Problem, RawResponse, Response};

/// A response of which the head was read.
#[derive(Debug)]
pub struct OpenResponse {
    /// The status code.
    pub status: StatusCode,
    response: reqwest::Response,
    client: Client,
}

impl OpenResponse {
    pub(crate) fn new(response: reqwest::Response, client: Client) -> Self {
        Self { status: response.status(), response, client }
    }

    /// Hands out the body of a success as it comes.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if the body is not of this media type.
    pub async fn stream<P: Problem>(self, media_type: &str) -> Result<Response<ByteStream>, Error<P>> {
        let head = self.head();
        match head.check(media_type) {
            Ok(()) => Ok(head.with(ByteStream(self.response))),
            Err(reason) => Err(self.read().await?.unexpected(reason)),
        }
    }

    /// Reads the whole body, within the timeout and the limit of the client.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] and [`Error::Transport`] if the body is incomplete, [`Error::Unexpected`] if it is too long.
    pub async fn read<P: Problem>(self) -> Result<RawResponse, Error<P>> {
        let timeout = self.client.inner().timeout;
        tokio::time::timeout(timeout, self.read_untimed()).await.map_err(|_| Error::Timeout(timeout))?
    }

    /// Reads the whole body of a request that has a timeout itself.
    pub(crate) async fn read_untimed<P: Problem>(mut self) -> Result<RawResponse, Error<P>> {
        let max_body = self.client.inner().max_body;
        let mut raw = self.head();
        while let Some(chunk) = self.response.chunk().await? {
            if chunk.len() > max_body.saturating_sub(raw.body.len()) {
                return Err(raw.unexpected(format!("the body is longer than {max_body} bytes")));
            }
            raw.body.extend_from_slice(&chunk);
        }
        Ok(raw)
    }

    fn head(&self) -> RawResponse {
        let headers: HeaderMap = self.response.headers().clone();
        RawResponse { status: self.status, headers, body: Vec::new() }
    }
}

/// A body that is read as it comes. It may go on for ever: neither the timeout nor the `max_body` of the client limits it.
///
/// Dropping it closes the connection, or the stream of an HTTP/2 connection.
pub struct ByteStream(reqwest::Response);

impl ByteStream {
    /// Waits for the next bytes; `None` at the end of the body. Cancelling the wait loses none.
    ///
    /// # Errors
    ///
    /// The body ended before it was complete.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, reqwest::Error> {
        self.0.chunk().await
    }
}

/// Leaves out the head, which the [`Response`] has.
impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream").finish_non_exhaustive()
    }
}
