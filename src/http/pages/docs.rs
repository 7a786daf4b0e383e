//! The documentation page, `/docs`: shows the contract with Swagger UI, which can also send requests. `/docs/changes` beside it
//! says what changed in the contract.
//!
//! The program contains everything that the page loads. `build.rs` unpacks Swagger UI from the crate that vendors it;
//! our own assets are in `docs/`, beside this file.

use crate::http::entity_tags;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flate2::read::GzDecoder;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read},
};

/// The content security policy: loads and requests go to this service only. Swagger UI's style sheet has `data:`
/// images.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page.
#[derive(Clone, Copy)]
struct Asset {
    path: &'static str,
    media_type: &'static str,
    content: Content,
}

#[derive(Clone, Copy)]
enum Content {
    Plain(&'static [u8]),
    Gzip(&'static [u8]),
}

macro_rules! page_file {
    ($name:literal) => {
        Content::Plain(include_bytes!(concat!("docs/", $name)))
    };
}

macro_rules! swagger_ui {
    ($content:ident, $name:literal) => {
        Content::$content(include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui/", $name)))
    };
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What changed in the API, from one version of the contract to the next.
const CHANGES: &[u8] = include_bytes!("../../../docs/API-CHANGES.md");

const ASSETS: [Asset; 9] = [
    Asset { path: "/docs", media_type: HTML, content: page_file!("index.html") },
    // As text, which every browser shows; many would download text/markdown.
    Asset { path: "/docs/changes", media_type: TEXT, content: Content::Plain(CHANGES) },
    Asset { path: "/docs/page.css", media_type: STYLE, content: page_file!("page.css") },
    Asset { path: "/docs/page.js", media_type: SCRIPT, content: page_file!("page.js") },
    Asset { path: "/docs/swagger-ui.css", media_type: STYLE, content: swagger_ui!(Gzip, "swagger-ui.css.gz") },
    Asset {
        path: "/docs/swagger-ui-bundle.js",
        media_type: SCRIPT,
        content: swagger_ui!(Gzip, "swagger-ui-bundle.js.gz"),
    },
    Asset {
        path: "/docs/favicon-32x32.png",
        media_type: "image/png",
        content: swagger_ui!(Plain, "favicon-32x32.png"),
    },
    Asset { path: "/docs/LICENSE", media_type: TEXT, content: swagger_ui!(Gzip, "LICENSE.gz") },
    Asset { path: "/docs/NOTICE", media_type: TEXT, content: swagger_ui!(Plain, "NOTICE") },
];

/// The paths of what people open. Assets are not listed.
pub(in crate::http) const PATHS: &[(&str, &str)] = &[("GET", "/docs"), ("GET", "/docs/changes")];

/// Serves the page and its assets.
pub(in crate::http) fn routes() -> Router {
    // Relative, because a proxy may serve this under a path of its own.
    let redirect = async || (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "../docs")]);
    ASSETS.into_iter().fold(Router::new().route("/docs/", get(redirect)), |routes, asset| {
        let hash = asset.content_hash();
        routes.route(asset.path, get(async move |headers: HeaderMap| asset.respond(hash, &headers)))
    })
}

impl Asset {
    /// Hashes the content, for its entity tag.
    fn content_hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self.content {
            Content::Plain(bytes) | Content::Gzip(bytes) => bytes.hash(&mut hasher),
        }
        hasher.finish()
    }

    /// Responds to a request with these headers. Browsers may store the asset, and revalidate it each time, so that
    /// after an update no part of the page is older than another.
    fn respond(&self, hash: u64, request_headers: &HeaderMap) -> Response {
        let (content, coding) = self.content.negotiate(request_headers);
        let tag = format!("{hash:016x}{}", if coding.is_some() { "-gzip" } else { "" });
        let stored = request_headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let mut response = if entity_tags::if_none_match(stored, &tag) {
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
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SECURITY_POLICY));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::try_from(format!("\"{tag}\"")) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

impl Content {
    /// Returns the content in a coding that the client accepts, and the coding. Content that cannot be inflated is sent
    /// compressed; a test ensures that all of it can be inflated.
    fn negotiate(self, request_headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
        match self {
            Self::Plain(bytes) => (Bytes::from_static(bytes), None),
            Self::Gzip(bytes) if accepts_gzip(request_headers) => (Bytes::from_static(bytes), Some("gzip")),
            Self::Gzip(bytes) => {
                inflate(bytes).map_or((Bytes::from_static(bytes), Some("gzip")), |inflated| (inflated, None))
            }
        }
    }
}

fn inflate(gzip: &[u8]) -> io::Result<Bytes> {
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
    use super::{ASSETS, Content, accepts_gzip, inflate};
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

    #[test]
    fn every_compressed_asset_can_be_inflated() {
        for asset in ASSETS {
            if let Content::Gzip(bytes) = asset.content {
                let inflated = inflate(bytes).unwrap_or_else(|error| panic!("{}: {error}", asset.path));
                assert!(inflated.len() > bytes.len(), "{} is larger compressed than inflated", asset.path);
            }
        }
    }
}
