//! The fuzz target of this room.

use super::request_heads::{RequestCounts, RequestHeadTracker};
use std::sync::Arc;

/// The first bytes of HTTP/2, which the model knows for itself.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the model remembers of a connection: everything that was received, and when heads began.
#[derive(Debug, Default)]
struct Model {
    received: Vec<u8>,
    started: usize,
    finished: usize,
    /// How many bytes had come when the head began that is incomplete.
    head: Option<usize>,
    /// The bytes of the last head so far.
    last_head: Vec<u8>,
    /// The size of its first piece.
    first_piece: usize,
}

impl Model {
    fn is_http2(&self) -> bool {
        self.received.starts_with(PREFACE)
    }

    /// Takes note of received bytes; returns whether a head begins with them.
    fn receive(&mut self, bytes: &[u8]) -> bool {
        self.received.extend_from_slice(bytes);
        if self.is_http2() {
            self.head = None;
            return false;
        }
        if self.head.is_some() {
            self.last_head.extend_from_slice(bytes);
            return false;
        }
        let begins = self.started == self.finished;
        if begins {
            self.head = Some(self.received.len() - bytes.len());
            self.last_head = bytes.to_vec();
            self.first_piece = bytes.len();
        }
        begins
    }
}

/// Plays a connection. A step is `<` with a byte for the length of a piece and the piece, `+` for a request that starts, or `-` for
/// one that is finished; requests start and finish only as hyper lets them.
pub(in crate::http) fn request_heads(bytes: &[u8]) {
    let counts = Arc::new(RequestCounts::new());
    let mut tracker = RequestHeadTracker::new(Arc::clone(&counts));
    let mut model = Model::default();
    let mut rest = bytes;
    while let Some((step, behind)) = rest.split_first() {
        rest = behind;
        match step {
            b'<' => {
                let Some((length, behind)) = rest.split_first() else { return };
                let (piece, behind) = behind.split_at(behind.len().min(usize::from(*length).max(1)));
                rest = behind;
                if piece.is_empty() {
                    return;
                }
                let (begins, expected) = (tracker.starts_head(piece), model.receive(piece));
                assert_eq!(begins, expected, "whether a head begins with {piece:?}: {model:?}");
            }
            // Over HTTP/1 a request starts when its head is complete; over HTTP/2 whenever a stream does.
            b'+' if model.head.is_some() || model.is_http2() => {
                counts.start_one();
                model.started += 1;
                model.head = None;
            }
            b'-' if model.started > model.finished => {
                counts.finish_one();
                model.finished += 1;
            }
            _ => {}
        }
        check(&mut tracker, &counts, &model);
    }
}

fn check(tracker: &mut RequestHeadTracker, counts: &RequestCounts, model: &Model) {
    let is_busy = model.started > model.finished;
    assert_eq!(tracker.is_incomplete(), model.head.is_some(), "whether a head is incomplete: {model:?}");
    assert_eq!(counts.is_http2(), model.is_http2(), "whether it is HTTP/2: {model:?}");
    assert_eq!(tracker.is_idle_http1(), !is_busy && !model.is_http2(), "whether it is idle: {model:?}");
    assert_eq!(tracker.is_answering_http1(), is_busy && !model.is_http2(), "whether it answers: {model:?}");
    assert_eq!(tracker.may_send(), model.head.is_some(), "whether the client may send what nobody reads: {model:?}");
    if !model.is_http2() {
        let first_piece = model.last_head.get(..model.first_piece).unwrap_or_default();
        assert_eq!(tracker.size(), model.last_head.len(), "the size of the last head: {model:?}");
        assert_eq!(tracker.is_tls(), first_piece.starts_with(&[22, 3]), "whether the last head is TLS: {model:?}");
    }
}
