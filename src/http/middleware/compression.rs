//! Compression of responses, for clients whose `Accept-Encoding` allows it (RFC 9110, section 12.5.3).
//!
//! The `ETag` is the same in every coding: it names the version of a payment, and `If-Match` relies on that. `Vary`
//! tells caches that the bytes differ.

use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

/// The smallest body that is compressed, in bytes: a smaller one fits into one packet anyway.
const MIN_BODY: u16 = 1024;

/// Compresses with gzip, br or zstd.
pub(super) fn layer() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new().compress_when(SizeAbove::new(MIN_BODY))
}
