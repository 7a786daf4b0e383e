//! Responses that their clients do not take.
//!
//! A write that hangs is given up below, by the timeout of the stream. That is not enough: in HTTP/2 a client that opens
//! no window is never written to, and over either version one that takes a few bytes now and then keeps us from ever
//! timing out. So a large response is handed over in pieces, and a connection is closed when it is owed some and has
//! taken none for too long.

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

/// The size of a piece, in bytes. What is not larger is let go at once: it fits into the buffers on its way.
const PIECE: usize = 64 << 10;

/// How the large responses of a connection are taken.
#[derive(Debug, Default)]
pub(super) struct Taking {
    debts: Mutex<Debts>,
    /// Whether there are any; changed with them.
    owes: AtomicBool,
    owed: Notify,
}

#[derive(Debug, Default)]
struct Debts {
    /// How many responses have been begun and not ended.
    responses: usize,
    /// When a piece of any was last taken.
    taken: Option<Instant>,
}

impl Taking {
    /// The same response, under watch if it is large.
    pub(super) fn watch(self: &Arc<Self>, response: Response) -> Response {
        if response.body().size_hint().upper().is_some_and(|size| size <= PIECE as u64) {
            return response;
        }
        self.change(|debts| {
            debts.responses += 1;
            debts.taken = Some(Instant::now());
            self.owes.store(true, Ordering::Relaxed);
        });
        self.owed.notify_one();
        response.map(|body| Body::new(Pieces { body, rest: Bytes::new(), taking: Arc::clone(self) }))
    }

    /// Whether [`stalls`](Self::stalls) has anything to see to. Who has asked it before is woken when it has.
    pub(super) fn owes(&self) -> bool {
        self.owes.load(Ordering::Relaxed)
    }

    /// Waits until nothing of what is owed was taken for so long.
    pub(super) async fn stalls(&self, patience: Duration) {
        loop {
            let until = self.change(|debts| {
                self.owes.store(debts.responses > 0, Ordering::Relaxed);
                debts.taken.filter(|_| debts.responses > 0).map(|taken| taken + patience)
            });
            match until {
                None => self.owed.notified().await,
                Some(until) if until <= Instant::now() => return,
                Some(until) => sleep_until(until).await,
            }
        }
    }

    /// Nothing panics while it holds the lock, and the debts are whole at any time.
    fn change<T>(&self, change: impl FnOnce(&mut Debts) -> T) -> T {
        change(&mut self.debts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A body in pieces. It is asked for one when the one before has been taken.
struct Pieces {
    body: Body,
    rest: Bytes,
    taking: Arc<Taking>,
}

impl hyper::body::Body for Pieces {
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
        self.taking.change(|debts| debts.taken = Some(Instant::now()));
        let size = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(piece))))
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

impl Drop for Pieces {
    fn drop(&mut self) {
        self.taking.change(|debts| debts.responses = debts.responses.saturating_sub(1));
    }
}
