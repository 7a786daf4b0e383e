//! What connections and the pipeline know of a request body while its handler has it.
//!
//! A handler may end before the body has come: it refuses by the head, or its time is up. The body then hands what is left of it
//! over here, because dropping it closes an HTTP/1 connection under a client that is still sending.

use super::memory_budget::{Holder, MemoryBudget, OverBudget, Permit};
use hyper::body::Incoming;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// Shared by one request body and those who answer for it.
#[derive(Debug, Clone)]
pub(super) struct BodyHandle(Arc<BodyState>);

#[derive(Debug)]
struct BodyState {
    /// `None` for a body that is too small to reserve anything.
    permit: Option<Mutex<Permit>>,
    is_awaited: AtomicBool,
    unread: Mutex<Option<Incoming>>,
}

impl BodyHandle {
    /// A handle of bodies that reserve nothing, which may be used for one after the other.
    pub(super) fn of_small() -> Self {
        Self::with(None)
    }

    /// A handle of a body that reserves what it holds.
    pub(super) fn metered(budget: &Arc<MemoryBudget>) -> Self {
        Self::with(Some(Mutex::new(budget.empty_permit())))
    }

    fn with(permit: Option<Mutex<Permit>>) -> Self {
        Self(Arc::new(BodyState { permit, is_awaited: AtomicBool::new(false), unread: Mutex::new(None) }))
    }

    /// Reserves more bytes for the request.
    pub(super) fn grow(&self, bytes: usize) -> Result<(), OverBudget> {
        self.0.permit.as_ref().map_or(Ok(()), |permit| lock(permit).grow(bytes, Holder::Request))
    }

    /// Takes what was reserved.
    pub(super) fn take_permit(&self) -> Option<Permit> {
        self.0.permit.as_ref().map(|permit| lock(permit).take())
    }

    /// Notes whether the handler waits for more of the body.
    pub(super) fn set_awaited(&self, is_awaited: bool) {
        self.0.is_awaited.store(is_awaited, Relaxed);
    }

    /// Returns whether the handler waits for more of the body.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.is_awaited.load(Relaxed)
    }

    /// Leaves the rest of the body, which the handler did not read.
    pub(super) fn leave_unread(&self, rest: Incoming) {
        *lock(&self.0.unread) = Some(rest);
    }

    /// Takes the rest of the body; `None` if it was read to its end.
    pub(super) fn take_unread(&self) -> Option<Incoming> {
        lock(&self.0.unread).take()
    }
}

/// Locks a value. Poisoning is ignored: no change can panic halfway.
fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
