//! Notices responses whose clients do not read them.
//!
//! The write timeout of the stream is not enough. In HTTP/2 a client that grants no flow-control window is never
//! written to, however small the response is, and over either version a client that reads a few bytes now and then never
//! lets a write time out. So every response is counted until hyper drops its last byte, and a large one is handed over
//! in chunks: hyper asks for the next one only when it has sent enough of the one before.
//!
//! A small response must not pay for that with a look at the clock. Time is divided into periods instead, which the
//! task of the connection begins while anything is unsent. A chunk is counted in the period in which it was handed over;
//! the ones that are counted two periods back are stalled.
//!
//! A stream that has nothing to send at the moment is not unsent: its client has taken all there was. It is again once there is
//! more, and stays so until hyper asks for what comes next; so a client that grants no more window is noticed all the same.

use super::request_heads::UnfinishedRequest;
use crate::http::memory_budget::Permit;
use axum::body::{Body, Bytes};
use hyper::body::{Body as _, Buf, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// The size of a chunk, in bytes.
const CHUNK: usize = 64 << 10;
/// The periods that are told apart: the current one, the two before, and one that is empty.
const PERIODS: usize = 4;

/// Counts the bodies and chunks of one connection that are not sent, by the period of their last progress.
#[derive(Debug, Default)]
pub(super) struct UnsentResponses {
    period: AtomicUsize,
    by_period: [AtomicUsize; PERIODS],
}

impl UnsentResponses {
    /// Wraps the body of a response, so that it counts as unsent, and holds what it has reserved of the memory budget, until
    /// its last byte was sent or dropped.
    pub(super) fn watch(
        self: &Arc<Self>,
        body: Body,
        permit: Option<Permit>,
        request: Option<UnfinishedRequest>,
    ) -> WatchedBody {
        let unsent = (!body.is_end_stream()).then(|| Unsent::start(self, permit));
        WatchedBody { body, rest: Bytes::new(), unsent, _request: request }
    }

    /// How many bodies and chunks are unsent.
    pub(super) fn count(&self) -> usize {
        self.by_period.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// Returns whether anything is unsent.
    pub(super) fn any(&self) -> bool {
        self.by_period.iter().any(|count| count.load(Relaxed) > 0)
    }

    /// Ends the period. Returns `true`, and leaves the period as it is, if a response has made no progress in it and in the
    /// one before. Only the task of the connection calls this.
    pub(super) fn are_stalled_at_end_of_period(&self) -> bool {
        let period = self.period.load(Relaxed);
        let is_stalled = self.in_period(period.wrapping_sub(2)).load(Relaxed) > 0;
        if !is_stalled {
            self.period.store(period.wrapping_add(1), Relaxed);
        }
        is_stalled
    }

    #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
    fn in_period(&self, period: usize) -> &AtomicUsize {
        &self.by_period[period % PERIODS]
    }
}

/// Counts one body or chunk as unsent, until it is dropped.
#[derive(Debug)]
struct Unsent {
    responses: Arc<UnsentResponses>,
    /// `None` while the service has nothing to send, for which no client is to blame.
    period: Option<usize>,
    _permit: Option<Permit>,
}

impl Unsent {
    fn start(responses: &Arc<UnsentResponses>, permit: Option<Permit>) -> Self {
        let period = responses.period.load(Relaxed);
        responses.in_period(period).fetch_add(1, Relaxed);
        Self { responses: Arc::clone(responses), period: Some(period), _permit: permit }
    }

    /// Moves the count to the current period.
    fn note_progress(&mut self) {
        let current = self.responses.period.load(Relaxed);
        if self.period != Some(current) {
            self.responses.in_period(current).fetch_add(1, Relaxed);
            self.pause();
            self.period = Some(current);
        }
    }

    /// Counts no longer, until there is progress.
    fn pause(&mut self) {
        if let Some(period) = self.period.take() {
            self.responses.in_period(period).fetch_sub(1, Relaxed);
        }
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        self.pause();
    }
}

/// A body that is handed over in chunks, and counts as unsent.
#[derive(Debug)]
pub(super) struct WatchedBody {
    body: Body,
    /// The part of the current frame that was not handed over yet.
    rest: Bytes,
    /// `None` if there is nothing to send, or the last chunk has it.
    unsent: Option<Unsent>,
    /// The request of a response that comes bit by bit.
    _request: Option<UnfinishedRequest>,
}

/// A part of a body. hyper drops it when the last of its bytes was written to the socket.
#[derive(Debug)]
pub(super) struct Chunk {
    bytes: Bytes,
    _unsent: Option<Unsent>,
}

impl WatchedBody {
    /// Takes the next chunk off the current frame. The last one takes the count along: hyper drops the body as soon as it
    /// has that chunk, and may keep the chunk for as long as the client grants no window.
    fn next_chunk(&mut self) -> Chunk {
        let size = self.rest.len().min(CHUNK);
        let bytes = self.rest.split_to(size);
        let unsent = match &mut self.unsent {
            Some(unsent) if !self.rest.is_empty() || !self.body.is_end_stream() => {
                unsent.note_progress();
                Some(Unsent::start(&unsent.responses, None))
            }
            last => last.take().map(|mut unsent| {
                unsent.note_progress();
                unsent
            }),
        };
        Chunk { bytes, _unsent: unsent }
    }
}

impl hyper::body::Body for WatchedBody {
    type Data = Chunk;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, axum::Error>>> {
        if self.rest.is_empty() {
            let frame = match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    // The client has taken what there was.
                    self.unsent.iter_mut().for_each(Unsent::pause);
                    return Poll::Pending;
                }
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => {
                    let trailers = trailers.map_data(|bytes| Chunk { bytes, _unsent: None });
                    return Poll::Ready(Some(Ok(trailers)));
                }
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.next_chunk()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, hint) = (self.rest.len() as u64, self.body.size_hint());
        let mut all = SizeHint::new();
        all.set_lower(hint.lower().saturating_add(rest));
        if let Some(upper) = hint.upper() {
            all.set_upper(upper.saturating_add(rest));
        }
        all
    }
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Chunk, UnsentResponses, WatchedBody};
    use axum::body::Body;
    use hyper::body::Body as _;
    use std::{
        pin::Pin,
        sync::Arc,
        task::{Context, Poll, Waker},
    };

    fn next(body: &mut WatchedBody) -> Chunk {
        let polled = Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Some(Ok(frame))) = polled else { panic!("there is no chunk") };
        frame.into_data().expect("data")
    }

    #[test]
    fn a_response_counts_until_its_last_chunk_is_dropped() {
        let responses = Arc::new(UnsentResponses::default());
        let mut small = responses.watch(Body::from("small"), None, None);
        assert!(responses.any(), "not handed over yet");
        let chunk = next(&mut small);
        drop(small);
        assert!(responses.any(), "hyper has the chunk, and has not sent it");
        drop(chunk);
        assert!(!responses.any());
        drop(responses.watch(Body::from("never sent"), None, None));
        assert!(!responses.any());
        let empty = responses.watch(Body::empty(), None, None);
        assert!(!responses.any(), "nothing to send");
        drop(empty);
    }

    #[test]
    fn a_response_without_progress_for_two_periods_is_stalled() {
        let responses = Arc::new(UnsentResponses::default());
        let mut large = responses.watch(Body::from(vec![0; 16 * CHUNK]), None, None);
        for _ in 0..4 {
            assert!(!responses.are_stalled_at_end_of_period());
            assert!(!responses.are_stalled_at_end_of_period());
            let small = next(&mut responses.watch(Body::from("small"), None, None));
            assert!(responses.are_stalled_at_end_of_period(), "what is sent beside it is no progress of the large one");
            drop(small);
            assert!(responses.are_stalled_at_end_of_period());
            drop(next(&mut large));
        }
        drop(large);
        assert!(!responses.are_stalled_at_end_of_period());
    }
}
