//! Waiting for a turn: how a call tells the breaker that it waits for other calls of this process, and not for its store.
//!
//! A store takes so many calls at once, and the others wait. That says nothing about the health of the store, so the
//! breaker's clock for slow calls stands still meanwhile. The call and the breaker share nothing but the poll: a future that
//! waits for its turn leaves a mark in a thread-local flag each time that it is polled and not ready, and the breaker reads
//! the flag after it has polled the call. So a call that does not wait pays for two accesses of the flag, and no type
//! between the two carries anything.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
};

thread_local! {
    /// True if the call that is being polled waits for its turn.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// Awaits `wait`. While that is pending and `is_queued` is true, the call that it belongs to waits for its turn.
///
/// Where another task takes the call out of its queue, `is_queued` looks whether that has happened.
pub(super) async fn wait<T>(wait: impl Future<Output = T>, is_queued: impl Fn() -> bool) -> T {
    let mut wait = pin!(wait);
    poll_fn(|context| {
        let polled = wait.as_mut().poll(context);
        if polled.is_pending() && is_queued() {
            WAITS.set(true);
        }
        polled
    })
    .await
}

/// Polls a call. Returns with it whether it waits for its turn; a call that is ready does not.
pub(super) fn poll<T>(call: Pin<&mut impl Future<Output = T>>, context: &mut Context<'_>) -> (Poll<T>, bool) {
    WAITS.set(false);
    let polled = call.poll(context);
    let waits = polled.is_pending() && WAITS.get();
    (polled, waits)
}
