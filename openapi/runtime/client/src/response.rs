//! What a call gives back.

use std::time::Duration;

use reqwest::{StatusCode, header::HeaderMap};

/// An answer of the service: its status, all its headers, and its body as the contract describes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// The status code.
    pub status: StatusCode,
    /// Every header, those included that the contract does not name.
    pub headers: HeaderMap,
    /// The body.
    pub body: T,
}

impl<T> Response<T> {
    /// The header `name`, in whatever case; `None` if it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `ETag`, quotes included: what `If-Match` and `If-None-Match` want.
    pub fn etag(&self) -> Option<&str> {
        self.header("etag")
    }

    /// `Cache-Control`: whether what was read may be kept, and asked for again by its `ETag`.
    pub fn cache_control(&self) -> Option<&str> {
        self.header("cache-control")
    }

    /// `Location`: the address of what was created.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// `Retry-After`: how long to wait before trying again, if the service says so in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        seconds(self.header("retry-after"))
    }

    /// `RateLimit`: how many requests are left, and until when, where the service sets a limit.
    pub fn rate_limit(&self) -> Option<&str> {
        self.header("ratelimit")
    }

    /// `RateLimit-Policy`: how many requests the service allows in which time, where it sets a limit.
    pub fn rate_limit_policy(&self) -> Option<&str> {
        self.header("ratelimit-policy")
    }

    /// `Accept`: the media types that would do, in an answer with status 415.
    pub fn accept(&self) -> Option<&str> {
        self.header("accept")
    }

    /// `Accept-Patch`: the media types of patches that would do, in an answer with status 415.
    pub fn accept_patch(&self) -> Option<&str> {
        self.header("accept-patch")
    }

    /// `X-Request-Id`: the name of the request in the log of the service.
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// `Deprecation` (RFC 9745): since when what you called is on its way out.
    pub fn deprecation(&self) -> Option<&str> {
        self.header("deprecation")
    }

    /// `Sunset` (RFC 8594): when what you called will be gone.
    pub fn sunset(&self) -> Option<&str> {
        self.header("sunset")
    }

    /// The same answer with another body.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { status: self.status, headers: self.headers, body: change(self.body) }
    }
}

/// The wait that a `Retry-After` asks for, if it does so in seconds.
pub(crate) fn seconds(retry_after: Option<&str>) -> Option<Duration> {
    retry_after?.parse().ok().map(Duration::from_secs)
}
