//! A file of a page: what headers it has, in which coding it is sent, and how browsers revalidate it.

use crate::http::entity_tags::EntityTags;
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read},
};

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";
pub(super) const STYLE: &str = "text/css; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// A file that the program contains, or writes when it starts.
#[derive(Debug, Clone)]
pub(super) struct Asset {
    pub(super) media_type: &'static str,
    pub(super) content: Content,
    /// The content security policy, which browsers enforce.
    pub(super) policy: HeaderValue,
    /// The request headers that the choice of this file depends on.
    pub(super) vary: &'static str,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    Plain(Bytes),
    Gzip(&'static [u8]),
}

impl Asset {
    /// Hashes the content, for its entity tag.
    pub(super) fn content_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match &self.content {
            Content::Plain(bytes) => bytes.hash(&mut hasher),
            Content::Gzip(bytes) => bytes.hash(&mut hasher),
        }
        hasher.finish()
    }

    /// Responds to a request with these headers. Browsers may store the asset, and revalidate it each time, so that
    /// after an update no part of the page is older than another.
    pub(super) fn respond(&self, hash: u64, request_headers: &HeaderMap) -> Response {
        let (content, coding) = self.content.negotiate(request_headers);
        let tag = format!("{hash:016x}{}", if coding.is_some() { "-gzip" } else { "" });
        let stored = request_headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = stored.and_then(EntityTags::parse).is_some_and(|tags| tags.match_weakly(Some(&tag)));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (
                [(header::CONTENT_TYPE, self.media_type)],
                coding.map(|coding| [(header::CONTENT_ENCODING, coding)]),
                content,
            )
                .into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::VARY, HeaderValue::from_static(self.vary));
        if let Ok(tag) = HeaderValue::try_from(format!("\"{tag}\"")) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

impl Content {
    /// Returns the content in a coding that the client accepts, and the coding. Content that cannot be inflated is sent
    /// compressed; a test ensures that all of it can be inflated.
    fn negotiate(&self, request_headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
        match *self {
            Self::Plain(ref bytes) => (bytes.clone(), None),
            Self::Gzip(bytes) if accepts_gzip(request_headers) => (Bytes::from_static(bytes), Some("gzip")),
            Self::Gzip(bytes) => {
                inflate(bytes).map_or((Bytes::from_static(bytes), Some("gzip")), |inflated| (inflated, None))
            }
        }
    }
}

pub(super) fn inflate(gzip: &[u8]) -> io::Result<Bytes> {
    let mut inflated = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut inflated)?;
    Ok(inflated.into())
}

/// Returns whether `Accept-Encoding` (RFC 9110, section 12.5.3) names gzip. A client that sends none, such as curl,
/// gets no coding.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(',')).map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        (name.trim().to_ascii_lowercase(), weight.trim_matches(['0', '.', ' ']).is_empty())
    });
    codings.any(|(name, refused)| matches!(name.as_str(), "gzip" | "x-gzip") && !refused)
}

#[cfg(test)]
mod tests {
    use super::accepts_gzip;
    use axum::http::{HeaderMap, header};

    #[test]
    fn gzip_is_sent_only_to_clients_that_accept_it() {
        for (value, accepted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("x-gzip", true),
            ("gzip; q=1", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("identity", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), accepted, "accept-encoding: {value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()), "no accept-encoding");
    }
}
