//! Smaller responses, for clients that say they can read them (RFC 9110, section 12.5.3).
//!
//! The `ETag` stays as it is, whichever coding is chosen: it names the version of a payment, on which `If-Match` rests.
//! `Vary` tells caches that the bytes differ all the same.

use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

/// The size in bytes from which on it is worth the work: what is smaller fits into one packet anyway.
const WORTH_IT: u16 = 1024;

/// The layer that does it: gzip, br or zstd.
pub(super) fn layer() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT))
}
