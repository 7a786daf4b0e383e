//! Which pages a browser lets talk to us (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use std::{fmt, str::FromStr, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what it was told.
const MAX_AGE: Duration = Duration::from_secs(3600);

const METHODS: [Method; 6] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// What a page may send, beside what every page may.
const REQUEST_HEADERS: [HeaderName; 6] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-request-id"),
];

/// What a page may read, beside what every page may.
const RESPONSE_HEADERS: [HeaderName; 9] = [
    header::ACCEPT,
    header::ALLOW,
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("accept-patch"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-request-id"),
];

/// The pages that are let in, by their origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// All of them. They get no credentials of ours, as we have none.
    All,
    /// Those of these origins, such as `https://shop.example`.
    These(Vec<HeaderValue>),
}

impl FromStr for Origins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::All);
        }
        let origins: Option<Vec<HeaderValue>> = text.split(',').map(|origin| origin_of(origin.trim())).collect();
        origins
            .map(Self::These)
            .ok_or("must be origins with commas between, for example --cors=https://shop.example; --cors alone is all")
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::These(origins) => {
                let texts: Vec<_> = origins.iter().filter_map(|origin| origin.to_str().ok()).collect();
                f.write_str(&texts.join(","))
            }
        }
    }
}

/// An origin as browsers send it (RFC 6454, section 6.2): scheme, host, and a port that is not the usual one.
fn origin_of(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?).to_ascii_lowercase();
    let bare = matches!(uri.scheme_str(), Some("http" | "https")) && origin == text && !origin.contains('@');
    bare.then(|| HeaderValue::try_from(origin).ok()).flatten()
}

/// The layer that lets them in.
pub(super) fn layer(origins: &Origins) -> CorsLayer {
    let allowed = match origins {
        Origins::All => AllowOrigin::any(),
        Origins::These(origins) => AllowOrigin::list(origins.iter().cloned()),
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(METHODS)
        .allow_headers(REQUEST_HEADERS)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for (text, count) in [("https://a.example", 1), ("https://a.example, http://b.example:8080", 2)] {
            match text.parse() {
                Ok(Origins::These(origins)) => assert_eq!(origins.len(), count, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!("*".parse(), Ok(Origins::All));
        for text in
            ["", "a.example", "https://", "https://a.example/", "https://A.example", "ftp://a.example", "null", "*,*"]
        {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }
}
