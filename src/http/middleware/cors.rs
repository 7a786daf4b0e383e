//! Cross-origin requests: tells browsers which pages may call this service
//! (CORS, <https://fetch.spec.whatwg.org/#http-cors-protocol>).

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use std::{fmt, str::FromStr, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may cache the response to a preflight request.
const MAX_AGE: Duration = Duration::from_secs(3600);

const METHODS: [Method; 6] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The request headers that a page may send, beside those that are always allowed.
const REQUEST_HEADERS: [HeaderName; 12] = [
    header::ACCEPT,
    HeaderName::from_static("accept-version"),
    header::AUTHORIZATION,
    HeaderName::from_static("baggage"),
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-request-id"),
];

/// The response headers that a page may read, beside those that are always allowed.
const RESPONSE_HEADERS: [HeaderName; 14] = [
    header::ACCEPT,
    header::ALLOW,
    header::ETAG,
    header::LINK,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("accept-patch"),
    HeaderName::from_static("content-version"),
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-request-id"),
];

/// The origins whose pages may call this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// None of them, as without the setting.
    None,
    /// All origins, without credentials.
    All,
    /// These origins, such as `https://shop.example`.
    These(Vec<HeaderValue>),
}

impl FromStr for Origins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "*" | "true" => return Ok(Self::All),
            "false" => return Ok(Self::None),
            _ => {}
        }
        let origins: Option<Vec<HeaderValue>> = text.split(',').map(|origin| parse_origin(origin.trim())).collect();
        origins
            .map(Self::These)
            .ok_or("must be true (all origins), false, or origins with commas between, for example --cors=https://shop.example")
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("false"),
            Self::All => f.write_str("*"),
            Self::These(origins) => {
                let texts: Vec<_> = origins.iter().filter_map(|origin| origin.to_str().ok()).collect();
                f.write_str(&texts.join(","))
            }
        }
    }
}

/// Parses an origin as browsers send it (RFC 6454, section 6.2): scheme, host, and the port unless it is the default.
fn parse_origin(text: &str) -> Option<HeaderValue> {
    let uri: Uri = text.parse().ok()?;
    let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?).to_ascii_lowercase();
    let is_origin = matches!(uri.scheme_str(), Some("http" | "https")) && origin == text && !origin.contains('@');
    is_origin.then(|| HeaderValue::try_from(origin).ok()).flatten()
}

/// Answers preflight requests, and adds the CORS headers to responses. Pages may send `headers` beside those that the
/// contract knows. `None` if no origin is let in.
pub(super) fn layer(origins: &Origins, headers: &[HeaderName]) -> Option<CorsLayer> {
    let allowed = match origins {
        Origins::None => return None,
        Origins::All => AllowOrigin::any(),
        Origins::These(origins) => AllowOrigin::list(origins.iter().cloned()),
    };
    let mut request_headers = REQUEST_HEADERS.to_vec();
    request_headers.extend_from_slice(headers);
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods(METHODS)
        .allow_headers(request_headers)
        .expose_headers(RESPONSE_HEADERS)
        .max_age(MAX_AGE);
    Some(layer)
}

#[cfg(test)]
mod tests {
    use super::Origins;

    #[test]
    fn origins_are_accepted_only_as_browsers_send_them() {
        for (text, count) in [("https://a.example", 1), ("https://a.example, http://b.example:8080", 2)] {
            match text.parse() {
                Ok(Origins::These(origins)) => assert_eq!(origins.len(), count, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        for (text, origins) in [("*", Origins::All), ("true", Origins::All), ("false", Origins::None)] {
            assert_eq!(text.parse(), Ok(origins), "{text}");
        }
        for text in [
            "",
            "a.example",
            "https://",
            "https://a.example/",
            "https://A.example",
            "ftp://a.example",
            "null",
            "*,*",
            "True",
            "no",
            "true,https://a.example",
        ] {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }
}
