//! `Cache-Control` (RFC 9111): the client may store payments that it read, and revalidate them by `ETag`. Nothing else
//! may be stored.

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

/// Lets the client store the response, if it sends `If-None-Match` before each use.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Lets no cache store the response: payments are confidential, and problems are temporary.
const NEVER: HeaderValue = HeaderValue::from_static("no-store");

/// Sets the header in a response to `method`, unless the handler has set one.
pub(super) fn set_cache_control(response: &mut Response, method: &Method) {
    let is_read = matches!(*method, Method::GET | Method::HEAD)
        && matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    let headers = response.headers_mut();
    // One pass, where two lookups would hash two names.
    let mut has_tag = false;
    for name in headers.keys() {
        if *name == header::CACHE_CONTROL {
            return;
        }
        has_tag |= *name == header::ETAG;
    }
    headers.insert(header::CACHE_CONTROL, if is_read && has_tag { REVALIDATE } else { NEVER });
}
