//! The name of a request, in every log line, response and problem.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::{mem, time::SystemTime};
use uuid::{Timestamp, Uuid, fmt::Hyphenated};

/// The header that carries it, in and out.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// No name.
const NONE: HeaderValue = HeaderValue::from_static("-");

/// The longest that a client may choose, in characters.
const MAX_LENGTH: usize = 64;

/// The name of a request: the client's own if it is 1 to 64 visible ASCII characters, or else a new UUIDv7.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The name of a request with these headers, which came at that time.
    pub(super) fn give(headers: &HeaderMap, time: SystemTime) -> Self {
        // A copy: what was sent keeps memory of the connection in use.
        let own = Self::of(headers).and_then(|sent| HeaderValue::from_bytes(sent.0.as_bytes()).ok());
        own.map_or_else(|| Self::new(time), Self)
    }

    /// Puts the name among the headers of the request, whoever chose it.
    pub(super) fn put(&self, headers: &mut HeaderMap) {
        headers.insert(HEADER, self.0.clone());
    }

    /// The name that these headers have.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        headers.get(HEADER).filter(|sent| is_name(sent.as_bytes())).cloned().map(Self)
    }

    fn new(time: SystemTime) -> Self {
        let mut text = [0; Hyphenated::LENGTH];
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        // Without a counter: names of requests need not be in order within a millisecond.
        let time = Timestamp::from_unix_time(since.as_secs(), since.subsec_nanos(), 0, 0);
        Uuid::new_v7(time).hyphenated().encode_lower(&mut text);
        Self(HeaderValue::from_bytes(&text).unwrap_or(NONE))
    }

    /// The name as text.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The name as the value of a header, for the response. It is taken away: that is all that is left to say of the request.
    pub(super) fn take(&mut self) -> HeaderValue {
        mem::replace(&mut self.0, NONE)
    }
}

fn is_name(bytes: &[u8]) -> bool {
    // To look at all of them, whatever is found, goes many bytes at a time.
    (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().fold(true, |all, byte| all & byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::{HEADER, RequestId, SystemTime};
    use axum::http::{HeaderMap, HeaderValue};

    fn given(sent: &[u8]) -> String {
        let mut headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(sent).unwrap())]);
        let given = RequestId::give(&headers, SystemTime::now());
        given.put(&mut headers);
        assert_eq!(RequestId::of(&headers).unwrap().as_str(), given.as_str());
        assert_eq!(headers.get_all(HEADER).iter().count(), 1);
        given.as_str().to_owned()
    }

    #[test]
    fn a_name_that_was_sent_is_kept() {
        for sent in ["a", "checkout/7#{x}", &"x".repeat(64)] {
            assert_eq!(given(sent.as_bytes()), sent);
        }
    }

    #[test]
    fn what_could_forge_a_log_line_is_replaced() {
        let made = RequestId::give(&HeaderMap::new(), SystemTime::now());
        assert_eq!(super::Uuid::parse_str(made.as_str()).unwrap().get_version_num(), 7);
        for sent in [&b""[..], b"a b", b"caf\xc3\xa9", b"a\tb", &[b'x'; 65]] {
            assert_eq!(given(sent).len(), made.as_str().len(), "{sent:?}");
        }
    }
}
