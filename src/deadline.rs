//! Deadlines that cost nothing when a future is ready at its first poll.
//!
//! `tokio::time::timeout` reads the clock and registers a timer before the first poll, and most of our calls are
//! answered from memory (`docs/PERFORMANCE.md`). Here the first poll comes before both.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::{Pin, pin},
    task::Poll,
};
use tokio::{
    task::unconstrained,
    time::{Instant, sleep_until},
};

/// Returns the output of `call`, or `None` if it is not ready before the deadline.
///
/// `deadline` is called only if the first poll finds `call` pending.
pub(crate) async fn before<T>(
    deadline: impl FnOnce() -> Instant,
    call: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    let (mut deadline, mut at) = (Some(deadline), None);
    let fixed = move || *at.get_or_insert_with(|| deadline.take().map_or_else(Instant::now, |deadline| deadline()));
    before_movable(fixed, call).await
}

/// Does the same with a deadline that the call may put off: it is asked for again when it has come.
pub(crate) async fn before_movable<T>(
    mut deadline: impl FnMut() -> Instant,
    mut call: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    if let Poll::Ready(value) = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
        return Some(value);
    }
    let mut timer = pin!(sleep_until(deadline()));
    // The call was polled above; the first turn here only registers the timer.
    let mut was_polled = true;
    poll_fn(|context| {
        if !mem::take(&mut was_polled)
            && let Poll::Ready(value) = call.as_mut().poll(context)
        {
            return Poll::Ready(Some(value));
        }
        // Unconstrained: a call that uses up tokio's cooperative budget at each poll would otherwise starve the timer.
        while Pin::new(&mut unconstrained(timer.as_mut())).poll(context).is_ready() {
            let later = deadline();
            if later <= Instant::now() {
                return Poll::Ready(None);
            }
            timer.as_mut().reset(later);
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{before, before_movable};
    use std::{
        cell::Cell,
        future::{Future, pending, poll_fn, ready},
        pin::pin,
        task::Poll,
        time::Duration,
    };
    use tokio::{
        task::consume_budget,
        time::{Instant, sleep},
    };

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_future_that_is_ready_at_once_reads_no_clock() {
        assert_eq!(before(|| panic!("the deadline is not needed"), pin!(ready(7))).await, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_that_is_ready_in_time_succeeds_and_a_later_one_does_not() {
        let began = Instant::now();
        let call = async { sleep(SECOND).await };
        assert_eq!(before(|| began + 2 * SECOND, pin!(call)).await, Some(()));
        assert_eq!(before(|| began + 3 * SECOND, pin!(pending::<()>())).await, None);
        assert_eq!(began.elapsed(), 3 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_may_put_its_deadline_off() {
        let began = Instant::now();
        let extension = Cell::new(Duration::ZERO);
        let call = async {
            sleep(SECOND).await;
            extension.set(5 * SECOND);
            pending::<()>().await;
        };
        assert_eq!(before_movable(|| began + 2 * SECOND + extension.get(), pin!(call)).await, None);
        assert_eq!(began.elapsed(), 7 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_is_polled_once_a_wake_up() {
        let mut polls = 0;
        let call = poll_fn(|_| {
            polls += 1;
            Poll::<()>::Pending
        });
        assert_eq!(before(|| Instant::now() + SECOND, pin!(call)).await, None);
        // At first, and when the deadline woke the task.
        assert_eq!(polls, 2);
    }

    #[tokio::test]
    async fn a_future_that_uses_up_the_budget_at_each_poll_still_times_out() {
        let began = Instant::now();
        let busy = poll_fn(move |context| {
            assert!(began.elapsed() < 60 * SECOND, "the timer is starved");
            // tokio's cooperative budget is 128 operations a poll; a task that uses it up is polled again at once.
            for _ in 0..1000 {
                let _ = pin!(consume_budget()).poll(context);
            }
            Poll::<()>::Pending
        });
        assert_eq!(before(|| began + SECOND / 20, pin!(busy)).await, None);
    }
}
