//! Compression of responses, for clients whose `Accept-Encoding` allows it (RFC 9110, section 12.5.3).
//!
//! The `ETag` is the same in every coding: it names the version of a payment, and `If-Match` relies on that. `Vary`
//! tells caches that the bytes differ.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tower_http::compression::{
    CompressionLayer,
    predicate::{And, NotForContentType, Predicate, SizeAbove},
};

/// The smallest body that is compressed, in bytes: a smaller one fits into one packet anyway.
const MIN_BODY: u16 = 1024;

/// Compresses with gzip, br or zstd. Server-sent events stay as they are: a coder would keep them until it has enough for a
/// block.
pub(super) fn layer() -> CompressionLayer<And<SizeAbove, NotForContentType>> {
    CompressionLayer::new().compress_when(SizeAbove::new(MIN_BODY).and(NotForContentType::SSE))
}

/// Adds `Vary: Accept-Encoding` to a success or a 304 that lacks it.
///
/// The layer does so for bodies that it might compress. A 304 has no body, and yet the headers that the 200 would have (RFC
/// 9110, section 15.4.5); and whether a payment is large enough may differ from one version to the next.
pub(super) fn vary(response: &mut Response) {
    let is_success = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let is_coding = |name: &str| name.trim().eq_ignore_ascii_case("accept-encoding");
    let mut lists = response.headers().get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    if is_success && !lists.any(|list| list.split(',').any(is_coding)) {
        response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}
