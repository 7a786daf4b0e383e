//! A successful response.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};

/// A response: its status, all its headers, and its body as the contract declares it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The status code.
    pub status: StatusCode,
    /// All headers, also those that the contract does not name.
    pub headers: HeaderMap,
    /// The body.
    pub body: T,
}

impl<T> Response<T> {
    /// The header `name`, case-insensitive; `None` if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `ETag`, quotes included, as `If-Match` and `If-None-Match` take it.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }

    /// `Cache-Control`: whether the response may be cached, and has to be revalidated by its `ETag`.
    pub fn cache_control(&self) -> Option<&str> {
        self.header("cache-control")
    }

    /// `Location`: the URL of the created resource.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// `Retry-After`: how long to wait before the next attempt, if the service gives it in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        seconds(self.header("retry-after"))
    }

    /// `RateLimit`: how many requests are left, and until when, if the service has a limit.
    pub fn rate_limit(&self) -> Option<&str> {
        self.header("ratelimit")
    }

    /// `RateLimit-Policy`: how many requests the service allows in which time, if it has a limit.
    pub fn rate_limit_policy(&self) -> Option<&str> {
        self.header("ratelimit-policy")
    }

    /// `Accept`: the accepted media types, in a response with status 415.
    pub fn accept(&self) -> Option<&str> {
        self.header("accept")
    }

    /// `Accept-Patch`: the accepted media types of patches, in a response with status 415.
    pub fn accept_patch(&self) -> Option<&str> {
        self.header("accept-patch")
    }

    /// `Content-Version`: the version of the contract that the response is of.
    pub fn content_version(&self) -> Option<&str> {
        self.header("content-version")
    }

    /// `Vary`: the request headers by which a cache tells responses apart.
    pub fn vary(&self) -> Option<&str> {
        self.header("vary")
    }

    /// `WWW-Authenticate` (RFC 6750, section 3): what a token has to be, in a response with status 401 or 403.
    pub fn www_authenticate(&self) -> Option<&str> {
        self.header("www-authenticate")
    }

    /// `X-Request-Id`: identifies the request in the log of the service.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// `Deprecation` (RFC 9745): since when the operation is deprecated.
    pub fn deprecation(&self) -> Option<&str> {
        self.header("deprecation")
    }

    /// `Sunset` (RFC 8594): when the operation will be removed.
    pub fn sunset(&self) -> Option<&str> {
        self.header("sunset")
    }

    /// Converts the body, and keeps status and headers.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { status: self.status, headers: self.headers, body: change(self.body) }
    }
}

/// Parses a `Retry-After` in seconds; its other form, a date, is `None`.
pub(crate) fn seconds(retry_after: Option<&str>) -> Option<Duration> {
    retry_after?.parse().ok().map(Duration::from_secs)
}
