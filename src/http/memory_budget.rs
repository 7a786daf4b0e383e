//! The memory budget: bounds the bytes that requests and responses hold, over all connections.
//!
//! Limits of one body or one page do not bound their sum: a thousand clients that hold back the last byte of a megabyte
//! hold a gigabyte. So whatever is large reserves what it holds: a request body as it arrives, a response until its last
//! byte was sent. What finds no room is refused at once, and the client may try again.
//!
//! Small requests must go on meanwhile. The last quarter of the budget is for them alone, and over HTTP/1, where a
//! connection has one request at a time, they reserve nothing: the limit of connections bounds them.

use super::body_handle::BodyHandle;
use crate::metrics::{OnScrape, integer};
use axum::{
    body::{Body, Bytes, HttpBody},
    http::Version,
};
use hyper::body::{Frame, SizeHint};
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use std::{
    fmt, mem,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// The most bytes that a small request or response holds.
pub(super) const SMALL: usize = 16 << 10;

/// The most bytes of a response that reserves nothing over HTTP/1: it may repeat a small request.
const SMALL_RESPONSE: usize = SMALL + (2 << 10);
/// What a request over HTTP/2 holds beside its bodies: its stream, a head of the usual size, and its task.
pub(super) const STREAM: usize = 4 << 10;
/// The usual size of a head, in bytes.
pub(super) const USUAL_HEAD: usize = 1 << 10;

/// A budget of bytes. It is shared by everything that holds some.
#[derive(Debug)]
pub struct MemoryBudget {
    limit: usize,
    used: AtomicUsize,
    refused: Option<Refusals>,
}

/// Counts refusals by what was refused.
#[derive(Debug)]
struct Refusals {
    requests: IntCounter,
    responses: IntCounter,
}

/// What finds no room in the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A request, before anything was done.
    Request,
    /// A response.
    Response,
}

/// Bytes of the budget. Dropping it gives them back.
#[derive(Debug)]
pub(super) struct Permit {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

/// There is no room in the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OverBudget;

impl MemoryBudget {
    /// A budget of so many bytes, measured if there is a registry.
    ///
    /// # Errors
    /// When `registry` has its metrics already.
    pub fn new(limit: usize, registry: Option<&Registry>) -> Result<Arc<Self>, prometheus::Error> {
        let refused = registry.map(Refusals::register).transpose()?;
        let budget = Arc::new(Self { limit, used: AtomicUsize::new(0), refused });
        if let Some(registry) = registry {
            let max = IntGauge::new("http_memory_max_bytes", "Bytes that bodies may hold, by --memory-budget.")?;
            max.set(integer(limit));
            registry.register(Box::new(max))?;
            let used = IntGauge::new("http_memory_used_bytes", "Bytes that bodies of requests and responses hold.")?;
            let measured = Arc::clone(&budget);
            OnScrape::register(registry, used, move |used| used.set(integer(measured.used.load(Relaxed))))?;
        }
        Ok(budget)
    }

    /// A budget that is never used up.
    pub(super) fn unlimited() -> Arc<Self> {
        Arc::new(Self { limit: usize::MAX, used: AtomicUsize::new(0), refused: None })
    }

    /// Reserves bytes.
    pub(super) fn reserve(self: &Arc<Self>, bytes: usize, holder: Holder) -> Result<Permit, OverBudget> {
        let mut permit = self.empty_permit();
        permit.grow(bytes, holder)?;
        Ok(permit)
    }

    /// Counts bytes that are held, whether there is room or not.
    pub(super) fn count(self: &Arc<Self>, bytes: usize) -> Permit {
        self.used.fetch_add(bytes, Relaxed);
        Permit { budget: Arc::clone(self), bytes }
    }

    /// A permit without bytes, to be grown.
    pub(super) fn empty_permit(self: &Arc<Self>) -> Permit {
        Permit { budget: Arc::clone(self), bytes: 0 }
    }

    /// Returns whether more than half of the budget is in use.
    pub(super) fn is_short(&self) -> bool {
        self.used.load(Relaxed) > self.limit / 2
    }

    fn count_refusal(&self, holder: Holder) {
        match (&self.refused, holder) {
            (Some(refused), Holder::Request) => refused.requests.inc(),
            (Some(refused), Holder::Response) => refused.responses.inc(),
            (None, _) => {}
        }
    }
}

impl Refusals {
    fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let opts = Opts::new("http_memory_refused_total", "Requests and responses refused by the memory budget.");
        let refused = IntCounterVec::new(opts, &["holder"])?;
        registry.register(Box::new(refused.clone()))?;
        let [requests, responses] = ["request", "response"].map(|holder| refused.with_label_values(&[holder]));
        Ok(Self { requests, responses })
    }
}

impl Permit {
    /// Reserves more bytes. What is small in all may use all of the budget, the rest three quarters.
    pub(super) fn grow(&mut self, bytes: usize, holder: Holder) -> Result<(), OverBudget> {
        let MemoryBudget { limit, used, refused: _ } = &*self.budget;
        let limit = if self.bytes + bytes <= SMALL { *limit } else { limit / 4 * 3 };
        if used.fetch_add(bytes, Relaxed) + bytes > limit {
            used.fetch_sub(bytes, Relaxed);
            self.budget.count_refusal(holder);
            return Err(OverBudget);
        }
        self.bytes += bytes;
        Ok(())
    }

    /// Reserves so many bytes in all.
    pub(super) fn grow_to(&mut self, bytes: usize, holder: Holder) -> Result<(), OverBudget> {
        match bytes.saturating_sub(self.bytes) {
            0 => Ok(()),
            more => self.grow(more, holder),
        }
    }

    /// Gives back all but so many bytes.
    pub(super) fn shrink_to(&mut self, bytes: usize) {
        let surplus = self.bytes.saturating_sub(bytes);
        self.budget.used.fetch_sub(surplus, Relaxed);
        self.bytes -= surplus;
    }

    /// Takes the bytes out, and leaves a permit without any.
    pub(super) fn take(&mut self) -> Self {
        let empty = self.budget.empty_permit();
        mem::replace(self, empty)
    }

    /// Takes over the bytes of another permit of the same budget.
    pub(super) fn merge(&mut self, mut other: Self) {
        self.bytes += mem::take(&mut other.bytes);
    }
}

/// A body that holds a permit until it is dropped.
struct HeldBody {
    body: Body,
    _permit: Permit,
}

impl Permit {
    /// Wraps a body, which then holds the permit.
    pub(super) fn hold_for(self, body: Body) -> Body {
        Body::new(HeldBody { body, _permit: self })
    }
}

impl HttpBody for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Relaxed);
    }
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the memory budget is used up")
    }
}

impl std::error::Error for OverBudget {}

/// What a response holds that must be reserved, in bytes. Over HTTP/2 that is all of it, and a share for its stream.
pub(super) fn held_by(body: &Body, version: Version) -> usize {
    let size = body.size_hint().lower();
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if version >= Version::HTTP_2 {
        size.saturating_add(STREAM)
    } else if size <= SMALL_RESPONSE {
        0
    } else {
        size
    }
}

/// What one request has reserved, and then its response.
#[derive(Debug, Default)]
pub(super) struct Reserved {
    /// For the request beside its body, or for the response.
    pub(super) permit: Option<Permit>,
    /// For the body of the request.
    pub(super) body: Option<BodyHandle>,
}

impl Reserved {
    /// Turns what the request has reserved into what its response needs. A little more than the request has is never
    /// refused: a write has taken effect, and its response repeats what was sent.
    pub(super) fn turn_over(&mut self, bytes: usize, budget: &Arc<MemoryBudget>) -> Result<(), OverBudget> {
        self.merge_body();
        if bytes == 0 && self.permit.is_none() {
            return Ok(());
        }
        let permit = self.permit.get_or_insert_with(|| budget.empty_permit());
        match bytes.checked_sub(permit.bytes) {
            None => permit.shrink_to(bytes),
            Some(more) if more <= SMALL && permit.bytes > 0 => permit.merge(budget.count(more)),
            Some(more) => permit.grow(more, Holder::Response)?,
        }
        Ok(())
    }

    /// Counts what the response needs, whether there is room or not.
    pub(super) fn turn_over_in_any_case(&mut self, bytes: usize, budget: &Arc<MemoryBudget>) {
        self.merge_body();
        self.permit = (bytes > 0).then(|| budget.count(bytes));
    }

    fn merge_body(&mut self) {
        if let Some(body) = self.body.take().and_then(|body| body.take_permit()) {
            match &mut self.permit {
                Some(permit) => permit.merge(body),
                None => self.permit = Some(body),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BodyHandle, Holder, MemoryBudget, OverBudget, Reserved, SMALL};
    use std::sync::atomic::Ordering::Relaxed;

    #[test]
    fn a_permit_holds_its_bytes_until_it_is_dropped() {
        let budget = MemoryBudget::new(40 * SMALL, None).unwrap();
        let used = || budget.used.load(Relaxed) / SMALL;
        let mut permit = budget.reserve(10 * SMALL, Holder::Request).unwrap();
        permit.grow(20 * SMALL, Holder::Request).unwrap();
        assert_eq!((used(), budget.is_short()), (30, true));
        permit.merge(budget.count(20 * SMALL));
        assert_eq!((used(), permit.bytes), (50, 50 * SMALL));
        permit.shrink_to(5 * SMALL);
        permit.shrink_to(6 * SMALL);
        assert_eq!((used(), budget.is_short()), (5, false));
        drop(permit);
        assert_eq!(used(), 0);
    }

    #[test]
    fn the_last_quarter_is_for_what_is_small() {
        let budget = MemoryBudget::new(40 * SMALL, None).unwrap();
        let mut large = budget.reserve(30 * SMALL, Holder::Request).unwrap();
        assert_eq!(large.grow(1, Holder::Request), Err(OverBudget));
        let mut small: Vec<_> = (0..10).map(|_| budget.reserve(SMALL, Holder::Response).unwrap()).collect();
        assert!(budget.reserve(1, Holder::Response).is_err());
        assert_eq!(small[0].grow(1, Holder::Response), Err(OverBudget), "it is no longer small");
        assert_eq!((large.bytes, small[0].bytes), (30 * SMALL, SMALL), "what was refused counts nothing");
        drop(large);
        assert_eq!(small[0].grow(1, Holder::Response), Ok(()));
    }

    #[test]
    fn a_response_takes_over_what_its_request_has_reserved() {
        let budget = MemoryBudget::new(40 * SMALL, None).unwrap();
        let used = || budget.used.load(Relaxed);
        let body = BodyHandle::metered(&budget);
        body.grow(10 * SMALL).unwrap();
        let mut reserved = Reserved { permit: Some(budget.reserve(SMALL, Holder::Request).unwrap()), body: Some(body) };
        let others = budget.count(40 * SMALL);
        assert_eq!(reserved.turn_over(11 * SMALL + 100, &budget), Ok(()), "hardly larger than its request");
        assert_eq!(used(), 51 * SMALL + 100);
        assert_eq!(reserved.turn_over(20 * SMALL, &budget), Err(OverBudget));
        assert_eq!(reserved.turn_over(5, &budget), Ok(()));
        assert_eq!(used(), 40 * SMALL + 5);
        reserved.turn_over_in_any_case(20 * SMALL, &budget);
        assert_eq!(used(), 60 * SMALL);
        assert_eq!(Reserved::default().turn_over(1, &budget), Err(OverBudget));
        drop((reserved, others));
        assert_eq!(used(), 0);
    }
}
