//! Closes connections whose clients do not read large responses.
//!
//! The write timeout of the stream is not enough. In HTTP/2 a client that grants no flow-control window is never
//! written to, and over either version a client that reads a few bytes now and then never lets a write time out. So a
//! large response is handed to hyper in chunks: hyper asks for the next one only when it has sent enough of the one
//! before. A connection with an unfinished large response and no new chunk for too long is stalled.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use hyper::body::{Body as _, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// The size of a chunk, in bytes. A body that is no larger is not guarded: the buffers on its way hold it.
const CHUNK: usize = 64 << 10;

/// Watches how the client of one connection reads its large responses.
#[derive(Debug, Default)]
pub(super) struct SlowReaderGuard {
    unsent: Mutex<Unsent>,
    /// True while a large response is unsent. [`stalled`](Self::stalled) is woken when it becomes true.
    has_unsent: AtomicBool,
    /// Wakes [`stalled`](Self::stalled) when a large response starts.
    started: Notify,
}

/// The large responses of a connection that were started and not finished.
#[derive(Debug, Default)]
struct Unsent {
    responses: usize,
    /// When hyper last asked for a chunk of any of them.
    last_progress: Option<Instant>,
}

impl SlowReaderGuard {
    /// Returns the same response; a large one is chunked, and counts as unsent until its body is dropped.
    pub(super) fn guard(self: &Arc<Self>, response: Response) -> Response {
        if response.body().size_hint().upper().is_some_and(|size| size <= CHUNK as u64) {
            return response;
        }
        self.update(|unsent| {
            unsent.responses += 1;
            unsent.last_progress = Some(Instant::now());
            self.has_unsent.store(true, Ordering::Relaxed);
        });
        self.started.notify_one();
        response.map(|body| Body::new(ChunkedBody { body, rest: Bytes::new(), guard: Arc::clone(self) }))
    }

    /// Returns whether a large response is unsent. While none is, [`stalled`](Self::stalled) need not be polled again.
    pub(super) fn has_unsent(&self) -> bool {
        self.has_unsent.load(Ordering::Relaxed)
    }

    /// Waits until large responses are unsent and no chunk of any was asked for during `timeout`.
    pub(super) async fn stalled(&self, timeout: Duration) {
        loop {
            let deadline = self.update(|unsent| {
                self.has_unsent.store(unsent.responses > 0, Ordering::Relaxed);
                unsent.last_progress.filter(|_| unsent.responses > 0).map(|last| last + timeout)
            });
            match deadline {
                None => self.started.notified().await,
                Some(deadline) if deadline <= Instant::now() => return,
                Some(deadline) => sleep_until(deadline).await,
            }
        }
    }

    /// Changes the counts under their lock. Poisoning is ignored: no change can panic halfway.
    fn update<T>(&self, change: impl FnOnce(&mut Unsent) -> T) -> T {
        change(&mut self.unsent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A body that is handed over in chunks, and reports each to the guard.
struct ChunkedBody {
    body: Body,
    /// The part of the current frame that was not handed over yet.
    rest: Bytes,
    guard: Arc<SlowReaderGuard>,
}

impl hyper::body::Body for ChunkedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                ended @ (Some(Err(_)) | None) => return Poll::Ready(ended),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        self.guard.update(|unsent| unsent.last_progress = Some(Instant::now()));
        let size = self.rest.len().min(CHUNK);
        let chunk = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
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

impl Drop for ChunkedBody {
    fn drop(&mut self) {
        self.guard.update(|unsent| unsent.responses = unsent.responses.saturating_sub(1));
    }
}
