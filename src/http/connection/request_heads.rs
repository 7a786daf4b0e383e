//! Detects incomplete request heads on an HTTP/1 connection, so that their time can be limited.
//!
//! hyper has a limit of its own, but it starts counting when the last response was sent: a client that keeps an idle
//! connection would lose it after that time, now and then together with a request that it has just sent. Here the time
//! starts with the first byte of the head.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The first bytes of every HTTP/2 connection (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Counts the requests of one connection. The server writes it, and the stream below hyper reads it.
#[derive(Debug, Default)]
pub(super) struct RequestCounts {
    started: AtomicUsize,
    finished: AtomicUsize,
}

impl RequestCounts {
    /// Counts a request whose head is complete.
    pub(super) fn start_one(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was answered or abandoned.
    pub(super) fn finish_one(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::Relaxed)
    }

    fn any_unfinished(&self) -> bool {
        self.started() != self.finished.load(Ordering::Relaxed)
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
        Self { requests, protocol: Protocol::Unknown(0), incomplete: None }
    }

    /// Takes note of received `bytes`. Returns whether a new head starts with them.
    pub(super) fn starts_head(&mut self, bytes: &[u8]) -> bool {
        self.protocol.detect(bytes);
        let started = self.requests.started();
        match (&self.protocol, self.incomplete) {
            (Protocol::Http2, _) => {
                self.incomplete = None;
                false
            }
            // The bytes continue a head that started before.
            (_, Some(then)) if then == started => false,
            // The bytes belong to a body.
            _ if self.requests.any_unfinished() => false,
            _ => {
                self.incomplete = Some(started);
                true
            }
        }
    }

    /// Returns whether a head has started and is not complete.
    pub(super) fn is_incomplete(&mut self) -> bool {
        self.incomplete = self.incomplete.filter(|then| *then == self.requests.started());
        self.incomplete.is_some()
    }
}

impl Protocol {
    /// Compares the first bytes of the connection with the HTTP/2 preface.
    fn detect(&mut self, bytes: &[u8]) {
        let Self::Unknown(matched) = *self else { return };
        let missing = PREFACE.get(matched..).unwrap_or_default();
        let length = missing.len().min(bytes.len());
        *self = if missing.get(..length) != bytes.get(..length) {
            Self::Http1
        } else if length == missing.len() {
            Self::Http2
        } else {
            Self::Unknown(matched + length)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{PREFACE, RequestCounts, RequestHeadTracker};
    use std::sync::Arc;

    #[test]
    fn a_head_is_incomplete_from_its_first_byte_until_its_request_starts() {
        let requests = Arc::new(RequestCounts::default());
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
            let mut tracker = RequestHeadTracker::new(Arc::default());
            let (some, rest) = PREFACE.split_at(at);
            assert!(
                tracker.starts_head(some) && tracker.is_incomplete(),
                "until the preface is complete, this may be an HTTP/1 head"
            );
            assert!(!tracker.starts_head(rest) && !tracker.is_incomplete());
            assert!(!tracker.starts_head(b"frames") && !tracker.is_incomplete());
        }
        let mut tracker = RequestHeadTracker::new(Arc::default());
        assert!(tracker.starts_head(b"PRI * HTTP/2.1\r\n") && tracker.is_incomplete());
    }
}
