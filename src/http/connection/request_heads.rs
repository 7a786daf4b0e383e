//! Heads of requests, as they come in over HTTP/1.
//!
//! hyper can limit how long a head takes, but counts the time since the last answer as well: a client that keeps its
//! connection for later would lose it after that time, and a request along with it now and then. Here the time begins with
//! the first byte.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What a connection says first if it is one of HTTP/2 (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The requests of a connection.
#[derive(Debug, Default)]
pub(super) struct Requests {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Requests {
    /// The head of one has come.
    pub(super) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// One was answered, or nobody waits for the answer any more.
    pub(super) fn end(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    fn are_under_way(&self) -> bool {
        self.begun() != self.ended.load(Ordering::Relaxed)
    }
}

/// Tells from what comes over a connection whether a head is waited for.
#[derive(Debug)]
pub(super) struct Heads {
    requests: Arc<Requests>,
    protocol: Protocol,
    /// How many requests had begun when some of a head came; it is there when one more has.
    coming: Option<usize>,
}

#[derive(Debug)]
enum Protocol {
    /// So much of the preface of HTTP/2 has come, and nothing else.
    Unknown(usize),
    Http1,
    Http2,
}

impl Heads {
    pub(super) fn new(requests: Arc<Requests>) -> Self {
        Self { requests, protocol: Protocol::Unknown(0), coming: None }
    }

    /// These bytes have come. Says whether a head begins with them.
    pub(super) fn begins_with(&mut self, bytes: &[u8]) -> bool {
        self.protocol.learn(bytes);
        let begun = self.requests.begun();
        match (&self.protocol, self.coming) {
            (Protocol::Http2, _) => {
                self.coming = None;
                false
            }
            // More of one that has begun before, or of a body.
            (_, Some(then)) if then == begun => false,
            _ if self.requests.are_under_way() => false,
            _ => {
                self.coming = Some(begun);
                true
            }
        }
    }

    /// Whether some of a head has come, and not all of it.
    pub(super) fn is_waited_for(&mut self) -> bool {
        self.coming = self.coming.filter(|then| *then == self.requests.begun());
        self.coming.is_some()
    }
}

impl Protocol {
    fn learn(&mut self, bytes: &[u8]) {
        let Self::Unknown(known) = *self else { return };
        let missing = PREFACE.get(known..).unwrap_or_default();
        let length = missing.len().min(bytes.len());
        *self = if missing.get(..length) != bytes.get(..length) {
            Self::Http1
        } else if length == missing.len() {
            Self::Http2
        } else {
            Self::Unknown(known + length)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Heads, PREFACE, Requests};
    use std::sync::Arc;

    #[test]
    fn a_head_is_waited_for_from_its_first_byte_until_its_request_begins() {
        let requests = Arc::new(Requests::default());
        let mut heads = Heads::new(Arc::clone(&requests));
        assert!(!heads.is_waited_for(), "nothing has come");
        for _ in 0..2 {
            assert!(heads.begins_with(b"GET / HT"));
            assert!(heads.is_waited_for());
            assert!(!heads.begins_with(b"TP/1.1\r\n\r\n"), "it has begun before");
            requests.begin();
            assert!(!heads.is_waited_for(), "it is there");
            assert!(!heads.begins_with(b"a body"));
            assert!(!heads.is_waited_for());
            requests.end();
            assert!(!heads.is_waited_for(), "whoever keeps a connection says nothing for a while");
        }
        // All of it at once.
        assert!(heads.begins_with(b"GET / HTTP/1.1\r\n\r\n"));
        requests.begin();
        requests.end();
        assert!(!heads.is_waited_for());
    }

    #[test]
    fn http_2_has_no_heads_of_this_kind() {
        for at in 1..PREFACE.len() {
            let mut heads = Heads::new(Arc::default());
            let (some, rest) = PREFACE.split_at(at);
            assert!(heads.begins_with(some) && heads.is_waited_for(), "it may become a head yet");
            assert!(!heads.begins_with(rest) && !heads.is_waited_for());
            assert!(!heads.begins_with(b"frames") && !heads.is_waited_for());
        }
        let mut heads = Heads::new(Arc::default());
        assert!(heads.begins_with(b"PRI * HTTP/2.1\r\n") && heads.is_waited_for());
    }
}
