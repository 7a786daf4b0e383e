//! The name of a request, in every log line, response and problem.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that carries it, in and out.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest that a client may choose, in characters.
const MAX_LENGTH: usize = 64;

/// The name of a request: the client's own if it is 1 to 64 visible ASCII characters, or else a new UUIDv7.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The name of the request with these headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(sent) if is_name(sent.as_bytes()) => Self(sent.clone()),
            Some(_) | None => Self::new(),
        }
    }

    fn new() -> Self {
        let mut text = uuid::Uuid::encode_buffer();
        let text = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        Self(HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("-")))
    }

    /// The name as text.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or("-")
    }

    /// The name as the value of a header.
    pub(super) fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn is_name(bytes: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::{HEADER, RequestId};
    use axum::http::{HeaderMap, HeaderValue};

    fn of(sent: &[u8]) -> String {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(sent).unwrap())]);
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_name_that_was_sent_is_kept() {
        for sent in ["a", "checkout/7#{x}", &"x".repeat(64)] {
            assert_eq!(of(sent.as_bytes()), sent);
        }
    }

    #[test]
    fn what_could_forge_a_log_line_is_replaced() {
        let made = RequestId::of(&HeaderMap::new());
        assert_eq!(uuid::Uuid::parse_str(made.as_str()).unwrap().get_version_num(), 7);
        for sent in [&b""[..], b"a b", b"caf\xc3\xa9", b"a\tb", &[b'x'; 65]] {
            assert_eq!(of(sent).len(), made.as_str().len(), "{sent:?}");
        }
    }
}
