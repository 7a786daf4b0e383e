//! The id of a request, which ties its log line, its response and its problem document together.
//!
//! Clients may choose it in `X-Request-Id`, of visible ASCII characters, so that it cannot forge a line of the log.

use crate::vectorised;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{mem, time::SystemTime};
use uuid::{Timestamp, Uuid, fmt::Hyphenated};

/// The header that carries the id, in requests and responses.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Stands for an id that was taken.
const NONE: HeaderValue = HeaderValue::from_static("-");

/// The limit for an id that a client chooses, in characters.
const MAX_LENGTH: usize = 64;

/// A request id: the client's own if that is 1 to 64 visible ASCII characters, otherwise a new UUIDv7.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// Assigns an id to a request that arrived at `time`: the one that it was sent with, if that is valid.
    pub(super) fn assign(sent: Option<&HeaderValue>, time: SystemTime) -> Self {
        // Copied, because the sent value shares the connection's read buffer, and hyper could not reuse that.
        let own = sent.filter(|sent| is_valid(sent.as_bytes()));
        let own = own.and_then(|sent| HeaderValue::from_bytes(sent.as_bytes()).ok());
        own.map_or_else(|| Self::generate(time), Self)
    }

    /// Sets the header of the request, so that a page behind the router can read the id.
    pub(super) fn set_header(&self, headers: &mut HeaderMap) {
        headers.insert(HEADER, self.0.clone());
    }

    /// Reads the id from the headers of a request; `None` if there is none, or an invalid one.
    pub(super) fn sent_in(headers: &HeaderMap) -> Option<Self> {
        headers.get(HEADER).filter(|sent| is_valid(sent.as_bytes())).cloned().map(Self)
    }

    fn generate(time: SystemTime) -> Self {
        let mut text = [0; Hyphenated::LENGTH];
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // No counter: request ids need no order within a millisecond.
        let time = Timestamp::from_unix_time(since.as_secs(), since.subsec_nanos(), 0, 0);
        Uuid::new_v7(time).hyphenated().encode_lower(&mut text);
        Self(HeaderValue::from_bytes(&text).unwrap_or(NONE))
    }

    /// The id as text.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Takes the id out, as the header of the response; later uses see `-`. Saves a clone for each request.
    pub(super) fn take(&mut self) -> HeaderValue {
        mem::replace(&mut self.0, NONE)
    }
}

fn is_valid(bytes: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&bytes.len()) && vectorised::all(bytes, |byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::{HEADER, RequestId, SystemTime};
    use axum::http::{HeaderMap, HeaderValue};

    fn assigned(sent: &[u8]) -> String {
        let mut headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(sent).unwrap())]);
        let id = RequestId::assign(headers.get(HEADER), SystemTime::now());
        id.set_header(&mut headers);
        assert_eq!(RequestId::sent_in(&headers).unwrap().as_str(), id.as_str());
        assert_eq!(headers.get_all(HEADER).iter().count(), 1);
        id.as_str().to_owned()
    }

    #[test]
    fn a_valid_id_of_the_client_is_kept() {
        for sent in ["a", "checkout/7#{x}", &"x".repeat(64)] {
            assert_eq!(assigned(sent.as_bytes()), sent);
        }
    }

    #[test]
    fn an_id_that_could_forge_a_log_line_is_replaced() {
        let generated = RequestId::assign(None, SystemTime::now());
        assert_eq!(super::Uuid::parse_str(generated.as_str()).unwrap().get_version_num(), 7);
        for sent in [&b""[..], b"a b", b"caf\xc3\xa9", b"a\tb", &[b'x'; 65]] {
            assert_eq!(assigned(sent).len(), generated.as_str().len(), "{sent:?}");
        }
    }
}
