//! Deadlines that cost nothing where the answer is there at once.

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

/// What `call` gives, if it does so before the deadline; which is asked for only when there is something to wait for.
///
/// `tokio::time::timeout` looks at the clock and makes a timer before it asks for the first time, and most of our calls are
/// answered from memory (`bench/README.md`).
pub(crate) async fn before<T>(
    deadline: impl FnOnce() -> Instant,
    mut call: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    if let Poll::Ready(value) = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
        return Some(value);
    }
    let mut alarm = pin!(sleep_until(deadline()));
    let mut has_been_asked = true;
    poll_fn(|context| {
        if !mem::take(&mut has_been_asked)
            && let Poll::Ready(value) = call.as_mut().poll(context)
        {
            return Poll::Ready(Some(value));
        }
        // A call that uses up its task's turn each time would put off an alarm that minds turns.
        Pin::new(&mut unconstrained(alarm.as_mut())).poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::before;
    use std::{
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
    async fn what_is_there_at_once_has_no_deadline() {
        assert_eq!(before(|| panic!("nothing is waited for"), pin!(ready(7))).await, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_time_is_had_and_what_does_not_is_not() {
        let began = Instant::now();
        let call = async { sleep(SECOND).await };
        assert_eq!(before(|| began + 2 * SECOND, pin!(call)).await, Some(()));
        assert_eq!(before(|| began + 3 * SECOND, pin!(pending::<()>())).await, None);
        assert_eq!(began.elapsed(), 3 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_once_a_turn() {
        let mut asked = 0;
        let call = poll_fn(|_| {
            asked += 1;
            Poll::<()>::Pending
        });
        assert_eq!(before(|| Instant::now() + SECOND, pin!(call)).await, None);
        // At first, and when the deadline woke it.
        assert_eq!(asked, 2);
    }

    #[tokio::test]
    async fn a_call_that_uses_up_each_turn_has_a_deadline_too() {
        let began = Instant::now();
        let busy = poll_fn(move |context| {
            assert!(began.elapsed() < 10 * SECOND, "the alarm is put off again and again");
            // tokio gives a task some hundred steps a turn, and another turn to whoever asks for more.
            for _ in 0..1000 {
                let _ = pin!(consume_budget()).poll(context);
            }
            Poll::<()>::Pending
        });
        assert_eq!(before(|| began + SECOND / 20, pin!(busy)).await, None);
    }
}
