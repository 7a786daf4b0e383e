//! Detects incomplete request heads on an HTTP/1 connection, so that their time can be limited.
//!
//! hyper has a limit of its own, but it starts counting when the last response was sent: a client that keeps an idle
//! connection would lose it after that time, now and then together with a request that it has just sent. Here the time
//! starts with the first byte of the head.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// The limit for the head of a request, in bytes.
pub(super) const MAX_HEAD: usize = 64 << 10;
/// The first bytes of every HTTP/2 connection (RFC 9113, section 3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first bytes of TLS: a handshake, of version 3.x (RFC 8446, section 5.1).
const TLS_HANDSHAKE: &[u8] = &[22, 3];

/// Counts the requests of one connection. The server writes it; the stream below hyper and the watchdog read it.
#[derive(Debug)]
pub(super) struct RequestCounts {
    opened: Instant,
    started: AtomicUsize,
    finished: AtomicUsize,
    /// When the last request started, in microseconds since `opened`.
    last_started: AtomicU64,
    is_http2: AtomicBool,
    is_body_unread: AtomicBool,
}

impl RequestCounts {
    /// The counts of a connection that was opened now.
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            started: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            last_started: AtomicU64::new(0),
            is_http2: AtomicBool::new(false),
            is_body_unread: AtomicBool::new(false),
        }
    }

    /// Counts a request whose head is complete.
    pub(super) fn start_one(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes when the last request started.
    pub(super) fn set_last_started(&self, at: Instant) {
        let micros = at.saturating_duration_since(self.opened).as_micros();
        self.last_started.store(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Counts a request as finished when what this returns is dropped.
    pub(super) fn finish_later(self: &Arc<Self>) -> UnfinishedRequest {
        UnfinishedRequest(Arc::clone(self))
    }

    /// Counts a request that was answered or abandoned.
    pub(super) fn finish_one(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::Relaxed)
    }

    pub(super) fn any_unfinished(&self) -> bool {
        self.started() != self.finished.load(Ordering::Relaxed)
    }

    /// When the last request started; without one, when the connection was opened.
    pub(super) fn last_used(&self) -> Instant {
        self.opened + Duration::from_micros(self.last_started.load(Ordering::Relaxed))
    }

    /// Notes that the connection ends with a body that was not read to its end.
    pub(super) fn set_body_unread(&self) {
        self.is_body_unread.store(true, Ordering::Relaxed);
    }

    /// Returns whether the client may still be sending a body that nobody reads.
    fn is_body_unread(&self) -> bool {
        self.is_body_unread.load(Ordering::Relaxed)
    }

    /// Returns whether the client has sent the preface of HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Relaxed)
    }
}

/// A request that is under way for as long as its response comes, bit by bit.
#[derive(Debug)]
pub(super) struct UnfinishedRequest(Arc<RequestCounts>);

impl Drop for UnfinishedRequest {
    fn drop(&mut self) {
        self.0.finish_one();
    }
}

/// Tells from the received bytes whether a request head is incomplete.
///
/// Nothing is parsed: bytes that arrive while no request is under way start a head, and the head is complete when hyper
/// starts the next request.
#[derive(Debug)]
pub(super) struct RequestHeadTracker {
    requests: Arc<RequestCounts>,
    protocol: Protocol,
    /// The number of started requests when the head's first byte came; the head is complete once `started` exceeds it.
    incomplete: Option<usize>,
    /// The size of the last head, as far as it has come, in bytes.
    size: usize,
    /// Whether the connection began as TLS does.
    is_tls: bool,
}

#[derive(Debug)]
enum Protocol {
    /// So many bytes of the HTTP/2 preface have come, and no others.
    Unknown(usize),
    Http1,
    Http2,
}

impl RequestHeadTracker {
    pub(super) fn new(requests: Arc<RequestCounts>) -> Self {
        Self { requests, protocol: Protocol::Unknown(0), incomplete: None, size: 0, is_tls: false }
    }

    /// Takes note of received `bytes`. Returns whether a new head starts with them.
    pub(super) fn starts_head(&mut self, bytes: &[u8]) -> bool {
        if self.protocol.detect(bytes) {
            self.requests.is_http2.store(true, Ordering::Relaxed);
        }
        let started = self.requests.started();
        match (&self.protocol, self.incomplete) {
            (Protocol::Http2, _) => {
                self.incomplete = None;
                false
            }
            // The bytes continue a head that started before.
            (_, Some(then)) if then == started => {
                self.size += bytes.len();
                false
            }
            // The bytes belong to a body.
            _ if self.requests.any_unfinished() => false,
            _ => {
                self.incomplete = Some(started);
                self.size = bytes.len();
                self.is_tls = bytes.starts_with(TLS_HANDSHAKE);
                true
            }
        }
    }

    /// How many bytes may be read before it is known whether the head is complete: never more than a head may have, so that hyper,
    /// which looks at that only when it finds no end, refuses what is larger.
    pub(super) fn room(&mut self) -> usize {
        if self.is_incomplete() { MAX_HEAD.saturating_sub(self.size).max(1) } else { MAX_HEAD }
    }

    /// Returns whether the last head is TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The size of the last head, as far as it has come, in bytes. It includes what came in one piece with its end.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Returns whether the connection waits for its next request over HTTP/1. Over HTTP/2 the watchdog sees to that, because
    /// PING frames come between requests.
    pub(super) fn is_idle_http1(&self) -> bool {
        !self.requests.any_unfinished() && !self.requests.is_http2()
    }

    /// Returns whether a request is under way over HTTP/1.
    pub(super) fn is_answering_http1(&self) -> bool {
        self.requests.any_unfinished() && !self.requests.is_http2()
    }

    /// Returns whether the client may still be sending what nobody reads: a body, or the head that was refused.
    pub(super) fn may_send(&mut self) -> bool {
        self.requests.is_body_unread() || self.is_incomplete()
    }

    /// Returns whether a head has started and is not complete.
    pub(super) fn is_incomplete(&mut self) -> bool {
        self.incomplete = self.incomplete.filter(|then| *then == self.requests.started());
        self.incomplete.is_some()
    }
}

impl Protocol {
    /// Compares the first bytes of the connection with the HTTP/2 preface. Returns whether it is complete now.
    fn detect(&mut self, bytes: &[u8]) -> bool {
        let Self::Unknown(matched) = *self else { return false };
        let missing = PREFACE.get(matched..).unwrap_or_default();
        let length = missing.len().min(bytes.len());
        *self = if missing.get(..length) != bytes.get(..length) {
            Self::Http1
        } else if length == missing.len() {
            Self::Http2
        } else {
            Self::Unknown(matched + length)
        };
        matches!(self, Self::Http2)
    }
}

#[cfg(test)]
mod tests {
    use super::{PREFACE, RequestCounts, RequestHeadTracker};
    use std::sync::Arc;

    #[test]
    fn a_head_is_incomplete_from_its_first_byte_until_its_request_starts() {
        let requests = Arc::new(RequestCounts::new());
        let mut tracker = RequestHeadTracker::new(Arc::clone(&requests));
        assert!(!tracker.is_incomplete(), "no byte has come");
        for _ in 0..2 {
            assert!(tracker.starts_head(b"GET / HT"));
            assert!(tracker.is_incomplete());
            assert!(!tracker.starts_head(b"TP/1.1\r\n\r\n"), "the head started before");
            requests.start_one();
            assert!(!tracker.is_incomplete(), "the head is complete");
            assert!(!tracker.starts_head(b"a body"));
            assert!(!tracker.is_incomplete());
            requests.finish_one();
            assert!(!tracker.is_incomplete(), "an idle connection has no incomplete head");
        }
        // A whole head in one read.
        assert!(tracker.starts_head(b"GET / HTTP/1.1\r\n\r\n"));
        requests.start_one();
        requests.finish_one();
        assert!(!tracker.is_incomplete());
    }

    #[test]
    fn no_head_is_incomplete_once_the_protocol_is_http_2() {
        for at in 1..PREFACE.len() {
            let mut tracker = RequestHeadTracker::new(Arc::new(RequestCounts::new()));
            let (some, rest) = PREFACE.split_at(at);
            assert!(
                tracker.starts_head(some) && tracker.is_incomplete(),
                "until the preface is complete, this may be an HTTP/1 head"
            );
            assert!(!tracker.requests.is_http2());
            assert!(!tracker.starts_head(rest) && !tracker.is_incomplete());
            assert!(tracker.requests.is_http2());
            assert!(!tracker.starts_head(b"frames") && !tracker.is_incomplete());
        }
        let mut tracker = RequestHeadTracker::new(Arc::new(RequestCounts::new()));
        assert!(tracker.starts_head(b"PRI * HTTP/2.1\r\n") && tracker.is_incomplete());
    }
}
