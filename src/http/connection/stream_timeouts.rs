//! A stream whose peer cannot keep us waiting for ever.

use super::{
    request_heads::{Heads, Requests},
    server::Patience,
};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// A stream on which a read or a write fails when nothing comes or goes for so long, or when the head of a request takes
/// too long.
#[derive(Debug)]
pub(super) struct Guarded<S> {
    stream: S,
    heads: Heads,
    head: Wait,
    read: Wait,
    write: Wait,
}

/// How long something has been waited for.
///
/// The alarm is not moved each time that something comes or goes, which would cost more than the rest of a small request
/// (`bench/README.md`): when it rings too early, it is set anew.
#[derive(Debug)]
struct Wait {
    patience: Duration,
    /// Since when; `None` while we do not wait.
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
    /// Whom the alarm wakes.
    wakes: Option<Waker>,
}

impl<S> Guarded<S> {
    /// Has that patience with the stream over which `requests` come.
    pub(super) fn new(stream: S, patience: Patience, requests: Arc<Requests>) -> Self {
        let wait = |patience| Wait { patience, since: None, alarm: None, wakes: None };
        let Patience { head, read, write } = patience;
        Self { stream, heads: Heads::new(requests), head: wait(head), read: wait(read), write: wait(write) }
    }
}

impl Wait {
    fn watch<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.since = None;
            return polled;
        }
        if self.is_over(context) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }

    /// Whether it has lasted too long. If not, the task is woken when it has.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let deadline = *self.since.get_or_insert_with(Instant::now) + self.patience;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        let armed = self.wakes.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if armed && !alarm.is_elapsed() {
            return false;
        }
        // A task that has used up its turn would not be woken by an alarm that minds turns.
        while Pin::new(&mut unconstrained(alarm.as_mut())).poll(context).is_ready() {
            if Instant::now() >= deadline {
                return true;
            }
            alarm.as_mut().reset(deadline);
        }
        self.wakes = Some(context.waker().clone());
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let known = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let this = &mut *self;
        if polled.is_ready() {
            if this.heads.begins_with(buffer.filled().get(known..).unwrap_or_default()) {
                this.head.since = None;
            }
        } else if this.heads.is_waited_for() && this.head.is_over(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        this.read.watch(context, polled)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.write.watch(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.write.watch(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.write.watch(context, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        self.write.watch(context, polled)
    }
}

#[cfg(test)]
mod tests {
    use super::{Guarded, Patience, Requests};
    use std::{
        future::{Future, poll_fn},
        io,
        pin::{Pin, pin},
        sync::Arc,
        time::Duration,
    };
    use tokio::{
        io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf, duplex},
        task::consume_budget,
        time::{Instant, sleep, timeout},
    };

    const SECOND: Duration = Duration::from_secs(1);

    /// A stream with patience for a read and for a write, and none for a head.
    fn guarded<S>(stream: S, read: Duration, write: Duration) -> Guarded<S> {
        let requests = Arc::new(Requests::default());
        // Whatever comes is of its body.
        requests.begin();
        Guarded::new(stream, Patience { head: Duration::ZERO, read, write }, requests)
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_says_nothing_is_given_up() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = guarded(ours, 10 * SECOND, SECOND);
        let began = Instant::now();
        tokio::spawn(async move {
            for _ in 0..5 {
                sleep(9 * SECOND).await;
                theirs.write_all(b"x").await.unwrap();
            }
            sleep(100 * SECOND).await;
        });
        let mut byte = [0];
        for _ in 0..5 {
            stream.read_exact(&mut byte).await.expect("it says something now and then");
        }
        let error = stream.read_exact(&mut byte).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 55));
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_used_up_its_turn_gives_up_too() {
        let (ours, _theirs) = duplex(64);
        let mut stream = guarded(ours, 10 * SECOND, SECOND);
        let mut first = true;
        let read = poll_fn(move |context| {
            // tokio gives a task some hundred steps a turn.
            for _ in 0..if first { 1000 } else { 0 } {
                let _ = pin!(consume_budget()).poll(context);
            }
            first = false;
            Pin::new(&mut stream).poll_read(context, &mut ReadBuf::new(&mut [0]))
        });
        let read = timeout(100 * SECOND, tokio::spawn(read)).await.expect("it is given up").unwrap();
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = guarded(ours, SECOND, 10 * SECOND);
        tokio::spawn(async move {
            let mut some = [0; 64];
            for _ in 0..3 {
                sleep(9 * SECOND).await;
                theirs.read_exact(&mut some).await.unwrap();
            }
            sleep(100 * SECOND).await;
        });
        let began = Instant::now();
        let error = stream.write_all(&[0; 1000]).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 37));
    }
}
