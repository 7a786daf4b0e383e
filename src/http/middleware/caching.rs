//! What caches may keep (RFC 9111): payments that were read, to ask again by their `ETag`; nothing else.

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

/// Whoever asked may keep it, and asks with `If-None-Match` before using it again.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Payments are nobody else's business, and problems pass.
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

/// Says so in a response to a request with `method`, unless whoever made the response has said something already.
pub(super) fn mark(response: &mut Response, method: &Method) {
    let read = matches!(*method, Method::GET | Method::HEAD)
        && matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    let headers = response.headers_mut();
    let value = if read && headers.contains_key(header::ETAG) { REVALIDATE } else { NEVER };
    headers.entry(header::CACHE_CONTROL).or_insert(value);
}
