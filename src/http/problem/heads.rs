//! What problems say of heads that are no requests.

/// A head that begins as TLS does.
pub(super) const TLS: &str = "The connection begins as TLS does, and this address speaks HTTP without it. Ask for http://, or ask a \
                              proxy that has the certificate.";
/// A head that is no HTTP/1.
pub(super) const UNREADABLE: &str = "The head of the request is no HTTP/1.1 (RFC 9112). Look at its first line: other characters than \
                                     a URI may have must be percent-encoded in the path and the query.";
/// A path and a query that are too long.
pub(super) const TARGET_TOO_LONG: &str = "The path and the query are longer than 65534 bytes.";
/// A head with too many bytes or headers.
pub(super) const TOO_LARGE: &str =
    "The path, the query and the headers have more than 65536 bytes together, or there are more than 100 headers.";
