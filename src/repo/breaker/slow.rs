//! The clock that tells slow calls from others. It stands still while a call waits for its turn.

use crate::repo::turn;
use std::{
    future::{Future, poll_fn},
    mem,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};
use tokio::{
    task::unconstrained,
    time::{Instant, sleep_until},
};

/// How often in the time of a slow call to look whether a call has got its turn, if it is not polled then: another task may
/// have taken it out of its queue. The error of the clock is a part of this size.
const LOOKS: u32 = 8;

/// Returns the output of `call`, or `None` if the call takes longer than `slow`, not counting the time in which it waits for
/// its turn.
///
/// Like [`deadline::before`](crate::deadline::before), reads no clock if the first poll finds `call` ready.
pub(super) async fn within<T>(slow: Duration, mut call: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let (first, mut waits) = poll_fn(|context| Poll::Ready(turn::poll(call.as_mut(), context))).await;
    if let Poll::Ready(value) = first {
        return Some(value);
    }
    loop {
        let did_wait = waits;
        let pause = if did_wait { slow / LOOKS } else { slow };
        let mut timer = pin!(sleep_until(Instant::now() + pause));
        // The call was polled before; the first turn here only registers the timer.
        let mut was_polled = true;
        let next = poll_fn(|context| {
            if !mem::take(&mut was_polled) {
                let polled;
                (polled, waits) = turn::poll(call.as_mut(), context);
                match polled {
                    Poll::Ready(value) => return Poll::Ready(Next::Done(value)),
                    // The clock starts, or stops.
                    Poll::Pending if waits != did_wait => return Poll::Ready(Next::Restart),
                    Poll::Pending => {}
                }
            }
            // Unconstrained: a call that uses up tokio's cooperative budget at each poll would otherwise starve the timer.
            let timer = Pin::new(&mut unconstrained(timer.as_mut())).poll(context);
            timer.map(|()| if waits { Next::Restart } else { Next::Slow })
        });
        match next.await {
            Next::Done(value) => return Some(value),
            Next::Restart => {}
            Next::Slow => return None,
        }
    }
}

/// What ends one run of the clock.
enum Next<T> {
    Done(T),
    Restart,
    Slow,
}
