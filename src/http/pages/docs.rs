//! The documentation page, `/docs`: shows the contract with Redoc, and a console of our own beside it sends requests.
//! `/docs/changes` says what changed in the contract.
//!
//! The program contains everything that the page loads. `docs/redoc/` has Redoc, compressed; `fetch.py` there makes it from
//! the npm package, and the page names its hash, so that a browser runs no other.

use super::asset::{Asset, Content, HTML, SCRIPT, STYLE, TEXT};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    routing::get,
};

/// The content security policy: scripts, loads and requests are of this service only, and requests of the issuer of tokens. Redoc
/// fills its empty style sheets by script; the two hashes are those of the empty one and of perfect-scrollbar's. Its icons are `data:` images, and it
/// searches in a worker that it makes of itself.
const SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; \
    img-src 'self' data:; worker-src blob:; connect-src 'self'{issuer}; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

macro_rules! page_file {
    ($name:literal) => {
        Content::Plain(Bytes::from_static(include_bytes!(concat!("docs/", $name))))
    };
}

/// What changed in the API, from one version of the contract to the next.
const CHANGES: &[u8] = include_bytes!("../../../docs/API-CHANGES.md");

/// The path of each file, its media type, and its content.
const ASSETS: [(&str, &str, Content); 14] = [
    ("/docs", HTML, page_file!("index.html")),
    // As text, which every browser shows; many would download text/markdown.
    ("/docs/changes", TEXT, Content::Plain(Bytes::from_static(CHANGES))),
    ("/docs/authorise.js", SCRIPT, page_file!("authorise.js")),
    ("/docs/console.js", SCRIPT, page_file!("console.js")),
    ("/docs/elements.js", SCRIPT, page_file!("elements.js")),
    ("/docs/exact.js", SCRIPT, page_file!("exact.js")),
    ("/docs/icon.svg", "image/svg+xml", page_file!("icon.svg")),
    ("/docs/operations.js", SCRIPT, page_file!("operations.js")),
    ("/docs/page.css", STYLE, page_file!("page.css")),
    ("/docs/page.js", SCRIPT, page_file!("page.js")),
    ("/docs/samples.js", SCRIPT, page_file!("samples.js")),
    ("/docs/theme.js", SCRIPT, page_file!("theme.js")),
    ("/docs/redoc.js", SCRIPT, Content::Gzip(include_bytes!("docs/redoc/redoc.js.gz"))),
    ("/docs/LICENSE", TEXT, page_file!("redoc/LICENSE")),
];

/// The paths of what people open. Assets are not listed.
pub(in crate::http) const PATHS: &[(&str, &str)] = &[("GET", "/"), ("GET", "/docs"), ("GET", "/docs/changes")];

/// Serves the page and its assets, and leads to it from `/`. The page may ask the issuer for tokens.
pub(in crate::http) fn routes(issuer: Option<&str>) -> Router {
    let policy = security_policy(issuer);
    // Relative, because a proxy may serve this under a path of its own.
    let from_root = async || (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "docs")]);
    let from_slash = async || (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "../docs")]);
    let redirects = Router::new().route("/", get(from_root)).route("/docs/", get(from_slash));
    ASSETS.into_iter().fold(redirects, |routes, (path, media_type, content)| {
        let asset = Asset { media_type, content, policy: policy.clone(), vary: "accept-encoding" };
        let hash = asset.content_hash();
        routes.route(path, get(async move |headers: HeaderMap| asset.respond(hash, &headers)))
    })
}

fn security_policy(issuer: Option<&str>) -> HeaderValue {
    // Its origin: a path in a policy would have to be that of each request.
    let uri = issuer.and_then(|issuer| issuer.parse::<Uri>().ok());
    let origin = uri.as_ref().and_then(|uri| Some(format!(" {}://{}", uri.scheme_str()?, uri.authority()?)));
    let policy = SECURITY_POLICY.replace("{issuer}", origin.as_deref().unwrap_or_default());
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, Content, security_policy};
    use crate::http::pages::asset::inflate;

    #[test]
    fn requests_go_to_this_service_and_to_the_issuer() {
        for (issuer, expected) in [
            (None, "connect-src 'self';"),
            (Some("https://login.example/tenant/v2.0"), "connect-src 'self' https://login.example;"),
            (Some("http://localhost:9000"), "connect-src 'self' http://localhost:9000;"),
        ] {
            let policy = security_policy(issuer);
            assert!(policy.to_str().unwrap().contains(expected), "{issuer:?}: {policy:?}");
        }
    }

    #[test]
    fn every_compressed_asset_can_be_inflated() {
        for (path, _, content) in ASSETS {
            if let Content::Gzip(bytes) = content {
                let inflated = inflate(bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
                assert!(inflated.len() > bytes.len(), "{path} is larger compressed than inflated");
            }
        }
    }
}
