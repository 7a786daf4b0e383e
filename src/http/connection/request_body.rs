//! Request bodies that reserve what they hold of the memory budget, and are not lost when their handlers do not read them.
//!
//! A body reserves what has arrived, not what was announced, so that announcing costs nothing. One that finds no room is
//! refused. One that hardly arrives gives its room up while the budget is short: a client that holds back the last byte
//! would otherwise keep others out for as long as a request may take.

use crate::http::{
    body_handle::BodyHandle,
    memory_budget::{MemoryBudget, OverBudget, SMALL},
};
use axum::{BoxError, body::Bytes};
use hyper::body::{Body, Frame, Incoming, SizeHint};
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

/// A body that reserves what it holds. Dropped before its end, it leaves the rest to its [`BodyHandle`].
#[derive(Debug)]
pub(super) struct RequestBody {
    /// `None` once it has ended.
    body: Option<Incoming>,
    handle: BodyHandle,
    /// `None` for a body that is too small to count.
    meter: Option<Meter>,
}

/// Counts what arrives of a body against the memory budget.
#[derive(Debug)]
struct Meter {
    budget: Arc<MemoryBudget>,
    received: usize,
    /// What had been received when the timer was set.
    received_before: usize,
    /// Allocated when the body first has to be waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl RequestBody {
    /// Returns whether a body reserves nothing: it is known to be small, and the only one on its connection.
    pub(super) fn is_small(body: &Incoming, is_http2: bool) -> bool {
        !is_http2 && body.size_hint().upper().is_some_and(|size| size <= SMALL as u64)
    }

    /// A body that reserves nothing.
    pub(super) fn small(body: Incoming, handle: BodyHandle) -> Self {
        Self { body: Some(body), handle, meter: None }
    }

    /// A body that reserves what arrives of it.
    pub(super) fn metered(body: Incoming, handle: BodyHandle, budget: &Arc<MemoryBudget>) -> Self {
        let meter = Meter { budget: Arc::clone(budget), received: 0, received_before: 0, timer: None };
        Self { body: Some(body), handle, meter: Some(meter) }
    }
}

impl Meter {
    /// Waits for ever, unless the body is too slow while the budget is short.
    fn poll_pace(&mut self, context: &mut Context<'_>) -> Poll<OverBudget> {
        loop {
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + PACE)));
            // Unconstrained: a timer under tokio's cooperative budget registers no waker once the task has used its
            // budget up.
            ready!(Pin::new(&mut unconstrained(timer.as_mut())).poll(context));
            timer.as_mut().reset(Instant::now() + PACE);
            let is_slow = self.received - self.received_before < LEAST;
            self.received_before = self.received;
            if is_slow && self.budget.is_short() {
                tracing::debug!("request body is too slow while the memory budget is short: refusing it");
                return Poll::Ready(OverBudget);
            }
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Self { body, handle, meter } = &mut *self;
        let Some(incoming) = body else { return Poll::Ready(None) };
        let polled = Pin::new(incoming).poll_frame(context);
        handle.set_awaited(polled.is_pending());
        match (polled, meter) {
            (Poll::Ready(Some(Ok(frame))), Some(meter)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                meter.received += length;
                let reserved = handle.grow(length * COST);
                Poll::Ready(Some(reserved.map(|()| frame).map_err(Into::into)))
            }
            (Poll::Ready(Some(Ok(frame))), None) => Poll::Ready(Some(Ok(frame))),
            (Poll::Ready(ended), _) => {
                *body = None;
                Poll::Ready(ended.map(|failed| failed.map_err(Into::into)))
            }
            (Poll::Pending, Some(meter)) => meter.poll_pace(context).map(|OverBudget| Some(Err(OverBudget.into()))),
            (Poll::Pending, None) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.handle.set_awaited(false);
        if let Some(rest) = self.body.take().filter(|rest| !rest.is_end_stream()) {
            self.handle.leave_unread(rest);
        }
    }
}
