//! Request bodies that reserve what they hold of the memory budget.
//!
//! A body reserves what has arrived, not what was announced, so that announcing costs nothing. One that finds no room is
//! refused. One that hardly arrives gives its room up while the budget is short: a client that holds back the last byte
//! would otherwise keep others out for as long as a request may take.

use crate::http::memory_budget::{MemoryBudget, OverBudget, SMALL, SharedPermit};
use axum::{BoxError, body::Bytes};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// What a byte of a body costs until the response: the body itself, and its text on the way to the store.
const COST: usize = 2;
/// While the budget is short, a body has to bring [`LEAST`] bytes in this time.
const PACE: Duration = Duration::from_secs(5);
/// The least bytes that a body has to bring while the budget is short: 2 KiB a second.
const LEAST: usize = 10 << 10;
/// How long the rest of a refused body is read and discarded over HTTP/1: a client that is still sending would otherwise
/// see its connection reset before it reads the response.
const DRAIN: Duration = Duration::from_secs(1);
/// How much of it is read, in bytes.
const MAX_DRAIN: usize = 8 << 20;

/// A body that reserves what it holds.
#[derive(Debug)]
pub(super) struct MeteredBody {
    body: Incoming,
    budget: Arc<MemoryBudget>,
    permit: SharedPermit,
    is_http2: bool,
    received: usize,
    /// What had been received when the timer was set.
    received_before: usize,
    /// Allocated when the body first has to be waited for.
    timer: Option<Pin<Box<Sleep>>>,
    is_refused: bool,
    discarded: usize,
}

impl MeteredBody {
    /// Wraps a body, unless it is known to be small and the only one on its connection.
    pub(super) fn wrap(body: Incoming, budget: &Arc<MemoryBudget>, is_http2: bool) -> Result<Self, Incoming> {
        let is_small = body.size_hint().upper().is_some_and(|size| size <= SMALL as u64);
        if is_small && !is_http2 {
            return Err(body);
        }
        Ok(Self {
            body,
            budget: Arc::clone(budget),
            permit: SharedPermit::new(budget),
            is_http2,
            received: 0,
            received_before: 0,
            timer: None,
            is_refused: false,
            discarded: 0,
        })
    }

    pub(super) fn permit(&self) -> SharedPermit {
        self.permit.clone()
    }

    /// Passes a frame on, if there is room for it.
    fn admit(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let length = frame.data_ref().map_or(0, Bytes::len);
        self.received += length;
        if self.permit.grow(length * COST).is_err() {
            self.refuse();
            return None;
        }
        Some(frame)
    }

    /// From now on, discards what arrives.
    fn refuse(&mut self) {
        self.is_refused = true;
        if let Some(timer) = &mut self.timer {
            timer.as_mut().reset(Instant::now() + DRAIN);
        }
    }

    /// Waits for the timer, which ends the draining of a refused body. Otherwise, refuses the body if it is too slow.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let after = if self.is_refused { DRAIN } else { PACE };
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + after)));
            // Unconstrained: a timer under tokio's cooperative budget registers no waker once the task has used its
            // budget up.
            ready!(Pin::new(&mut unconstrained(timer.as_mut())).poll(context));
            if self.is_refused {
                return Poll::Ready(());
            }
            timer.as_mut().reset(Instant::now() + PACE);
            let is_slow = self.received - self.received_before < LEAST;
            self.received_before = self.received;
            if is_slow && self.budget.is_short() {
                tracing::debug!("request body is too slow while the memory budget is short: refusing it");
                self.refuse();
                if self.is_http2 {
                    return Poll::Ready(());
                }
            }
        }
    }
}

impl hyper::body::Body for MeteredBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            // Over HTTP/2 the stream alone is reset, and nothing has to be read before.
            if self.is_refused && self.is_http2 {
                return Poll::Ready(Some(Err(OverBudget.into())));
            }
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) if self.is_refused && self.discarded < MAX_DRAIN => {
                    self.discarded += frame.data_ref().map_or(0, Bytes::len);
                }
                Poll::Ready(_) if self.is_refused => return Poll::Ready(Some(Err(OverBudget.into()))),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(frame) = self.admit(frame) {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    ready!(self.poll_timer(context));
                    return Poll::Ready(Some(Err(OverBudget.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.is_refused && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
