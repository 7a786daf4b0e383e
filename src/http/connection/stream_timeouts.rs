//! Timeouts of one connection's byte stream, and what its request heads take of the memory budget.
//!
//! A read or write that stays pending for too long fails with [`io::ErrorKind::TimedOut`], and hyper then closes the
//! connection. So does a read while the head of a request stays incomplete for too long, even if bytes trickle in.
//!
//! A client that has closed its half of the connection still gets the response to its request, if that comes soon
//! ([`HALF_CLOSED`]). One that has gone looks the same, and its request ends then.
//!
//! A head that is larger than hyper's first buffer makes that grow, for as long as the connection is open. So it is
//! reserved for as long, and a read fails with [`io::ErrorKind::OutOfMemory`] when there is no room.

use super::{
    head_refusals::HeadRefusals,
    lingering::Lingering,
    peek::{Opening, Peek},
    request_heads::{RequestCounts, RequestHeadTracker},
    timeouts::ConnectionTimeouts,
};
use crate::http::{
    memory_budget::{Holder, MemoryBudget, OverBudget, Permit},
    middleware::Pipeline,
};
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take},
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// The most bytes of one read. hyper doubles its buffer when a read has filled it, up to the limit of a head, and keeps
/// it for as long as the connection: 2,000 connections that had sent large bodies held 128 MiB.
const MAX_READ: usize = (16 << 10) - 1;
/// How long a request goes on whose client has closed its half of the connection: most clients that have done so have gone.
const HALF_CLOSED: Duration = Duration::from_secs(1);
/// The most bytes of a head for which nothing is reserved: those of one read, which may end with a part of the body.
const SMALL_HEAD: usize = MAX_READ + 1;

/// Wraps the stream of a connection, and enforces [`ConnectionTimeouts`] on it.
#[derive(Debug)]
pub(super) struct TimeoutStream<S> {
    /// Its limit is set before each read that is limited.
    stream: Take<S>,
    head_tracker: RequestHeadTracker,
    head_refusals: HeadRefusals,
    head: StallTimer,
    read: StallTimer,
    idle: StallTimer,
    write: StallTimer,
    half_closed: StallTimer,
    lingering: Option<Lingering>,
    linger: Duration,
    memory: Arc<MemoryBudget>,
    /// For the largest head so far, unless that is small.
    largest_head: Option<Permit>,
}

/// Measures how long an operation has been pending.
///
/// The timer is not reset at each read and write: that would cost more than the rest of a small request
/// (`docs/PERFORMANCE.md`). It is reset lazily instead, when it fires before the deadline.
#[derive(Debug)]
struct StallTimer {
    limit: Duration,
    /// When the operation became pending; `None` while it is not.
    pending_since: Option<Instant>,
    /// Allocated at the first stall: most connections have none.
    timer: Option<Pin<Box<Sleep>>>,
    /// The waker of the task that `timer` wakes.
    registered: Option<Waker>,
}

impl<S: AsyncRead> TimeoutStream<S> {
    /// Wraps `stream`, over which `peer` sends the requests counted by `requests`.
    pub(super) fn new(
        stream: S,
        timeouts: ConnectionTimeouts,
        requests: Arc<RequestCounts>,
        peer: IpAddr,
        pipeline: &Arc<Pipeline>,
    ) -> Self {
        let timer = |limit| StallTimer { limit, pending_since: None, timer: None, registered: None };
        let ConnectionTimeouts { head, read, idle, write, linger } = timeouts;
        Self {
            stream: stream.take(0),
            head_tracker: RequestHeadTracker::new(requests),
            head_refusals: HeadRefusals::new(Arc::clone(pipeline), peer),
            head: timer(head),
            read: timer(read),
            idle: timer(idle),
            write: timer(write),
            half_closed: timer(HALF_CLOSED),
            lingering: None,
            linger,
            memory: Arc::clone(pipeline.memory()),
            largest_head: None,
        }
    }

    /// Reserves what the last head holds more than any before it.
    fn reserve_head(&mut self) -> io::Result<()> {
        let size = self.head_tracker.size();
        let permit = self.largest_head.get_or_insert_with(|| self.memory.empty_permit());
        permit.grow_to(size, Holder::Request).map_err(|OverBudget| io::ErrorKind::OutOfMemory.into())
    }
}

impl<S: AsyncRead + Peek> TimeoutStream<S> {
    /// Looks at the first bytes; fails when none come for too long.
    pub(super) fn poll_opening(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Opening>> {
        let polled = self.stream.get_ref().poll_opening(context);
        self.idle.enforce(context, polled)
    }

    /// Fails once the client of the request under way has closed its half for too long.
    fn ensure_client(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if !self.head_tracker.is_answering_http1() {
            self.half_closed.pending_since = None;
            return Ok(());
        }
        match self.stream.get_ref().poll_end(context)? {
            Poll::Ready(true) if self.half_closed.has_expired(context) => Err(io::ErrorKind::ConnectionAborted.into()),
            Poll::Ready(_) | Poll::Pending => Ok(()),
        }
    }
}

impl StallTimer {
    /// Passes `polled` on, or fails if the operation has been pending for longer than the limit.
    fn enforce<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.pending_since = None;
            return polled;
        }
        if self.has_expired(context) { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { Poll::Pending }
    }

    /// Returns whether the limit has passed. If not, the task is woken when it has.
    fn has_expired(&mut self, context: &mut Context<'_>) -> bool {
        let deadline = *self.pending_since.get_or_insert_with(Instant::now) + self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        let is_registered = self.registered.as_ref().is_some_and(|waker| waker.will_wake(context.waker()));
        if is_registered && !timer.is_elapsed() {
            return false;
        }
        // Unconstrained: a timer under tokio's cooperative budget registers no waker once the task has used its budget
        // up.
        while Pin::new(&mut unconstrained(timer.as_mut())).poll(context).is_ready() {
            if Instant::now() >= deadline {
                return true;
            }
            timer.as_mut().reset(deadline);
        }
        self.registered = Some(context.waker().clone());
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled_before = buffer.filled().len();
        let this = &mut *self;
        let most = MAX_READ.min(this.head_tracker.room());
        let polled = if buffer.remaining() > most {
            this.stream.set_limit(most as u64);
            Pin::new(&mut this.stream).poll_read(context, buffer)
        } else {
            Pin::new(this.stream.get_mut()).poll_read(context, buffer)
        };
        if polled.is_ready() {
            let received = buffer.filled().get(filled_before..).unwrap_or_default();
            if this.head_tracker.starts_head(received) {
                this.head.pending_since = None;
            }
            if this.head_tracker.size() > SMALL_HEAD {
                this.reserve_head()?;
            }
        } else if this.head_tracker.is_incomplete() && this.head.has_expired(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if polled.is_ready() {
            this.idle.pending_since = None;
        } else if this.head_tracker.is_idle_http1() {
            return this.idle.enforce(context, polled);
        }
        this.read.enforce(context, polled)
    }
}

impl<S: AsyncRead + AsyncWrite + Peek + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let polled = if this.head_refusals.replaces(bytes, this.head_tracker.is_tls()) {
            this.head_refusals.poll_write(this.stream.get_mut(), context)
        } else {
            Pin::new(this.stream.get_mut()).poll_write(context, bytes)
        };
        this.write.enforce(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let first = slices.first().map_or(&[][..], |slice| slice);
        let polled = if this.head_refusals.replaces(first, this.head_tracker.is_tls()) {
            this.head_refusals.poll_write(this.stream.get_mut(), context)
        } else {
            Pin::new(this.stream.get_mut()).poll_write_vectored(context, slices)
        };
        this.write.enforce(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.get_ref().is_write_vectored()
    }

    /// hyper calls this whenever it has looked at a request, and does not read while that is under way.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.ensure_client(context)?;
        let polled = Pin::new(self.stream.get_mut()).poll_flush(context);
        self.write.enforce(context, polled)
    }

    /// Closes the sending half, and lingers.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let stream = this.stream.get_mut();
        if this.lingering.is_none() {
            let polled = Pin::new(&mut *stream).poll_shutdown(context);
            ready!(this.write.enforce(context, polled))?;
        }
        let lingering = this.lingering.get_or_insert_default();
        let may_send = this.head_refusals.was_used() || this.head_tracker.may_send();
        lingering.poll(stream, may_send, this.linger, context).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectionTimeouts, MemoryBudget, Opening, Peek, Pipeline, RequestCounts, TimeoutStream};
    use crate::http::Limits;
    use axum::Router;
    use std::{
        future::{Future, poll_fn},
        io,
        net::Ipv4Addr,
        pin::{Pin, pin},
        sync::Arc,
        task::{Context, Poll},
        time::Duration,
    };
    use tokio::{
        io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
        task::consume_budget,
        time::{Instant, sleep, timeout},
    };

    const SECOND: Duration = Duration::from_secs(1);

    impl Peek for DuplexStream {
        fn poll_opening(&self, _: &mut Context<'_>) -> Poll<io::Result<Opening>> {
            Poll::Ready(Ok(Opening::Unclear))
        }

        fn poll_end(&self, _: &mut Context<'_>) -> Poll<io::Result<bool>> {
            Poll::Pending
        }
    }

    /// A stream with these timeouts for reads and writes, on which no head is expected.
    fn with_timeouts<S: AsyncRead>(stream: S, read: Duration, write: Duration) -> TimeoutStream<S> {
        let requests = Arc::new(RequestCounts::new());
        // One request is under way, so all bytes belong to its body.
        requests.start_one();
        let timeouts = ConnectionTimeouts { head: Duration::ZERO, read, idle: Duration::ZERO, write, linger: SECOND };
        wrap(stream, timeouts, requests, MemoryBudget::unlimited())
    }

    fn wrap<S: AsyncRead>(
        stream: S,
        timeouts: ConnectionTimeouts,
        requests: Arc<RequestCounts>,
        memory: Arc<MemoryBudget>,
    ) -> TimeoutStream<S> {
        let limits = Limits { rate: None, timeout: SECOND, trusted_proxies: Vec::new() };
        let pipeline = Pipeline::new(Router::new(), "v1", limits).with_memory_budget(memory);
        TimeoutStream::new(stream, timeouts, requests, Ipv4Addr::LOCALHOST.into(), &Arc::new(pipeline))
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_times_out_when_the_client_sends_nothing() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = with_timeouts(ours, 10 * SECOND, SECOND);
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
            stream.read_exact(&mut byte).await.expect("each byte arrives within the limit");
        }
        let error = stream.read_exact(&mut byte).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 55));
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_request_has_a_limit_of_its_own() {
        let (ours, _theirs) = duplex(64);
        let requests = Arc::new(RequestCounts::new());
        let timeouts =
            ConnectionTimeouts { head: SECOND, read: 10 * SECOND, idle: 3 * SECOND, write: SECOND, linger: SECOND };
        let memory = MemoryBudget::unlimited();
        let mut stream = wrap(ours, timeouts, Arc::clone(&requests), memory);
        requests.start_one();
        let mut byte = [0];
        let began = Instant::now();
        let busy = timeout(9 * SECOND, stream.read_exact(&mut byte)).await;
        assert!(busy.is_err(), "a request is under way");
        requests.finish_one();
        let error = stream.read_exact(&mut byte).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed().as_secs()), (io::ErrorKind::TimedOut, 12));
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_times_out_even_when_the_task_has_no_budget_left() {
        let (ours, _theirs) = duplex(64);
        let mut stream = with_timeouts(ours, 10 * SECOND, SECOND);
        let mut first = true;
        let read = poll_fn(move |context| {
            // tokio's cooperative budget is 128 operations a poll.
            for _ in 0..if first { 1000 } else { 0 } {
                let _ = pin!(consume_budget()).poll(context);
            }
            first = false;
            Pin::new(&mut stream).poll_read(context, &mut ReadBuf::new(&mut [0]))
        });
        let read = timeout(100 * SECOND, tokio::spawn(read)).await.expect("the read ends").unwrap();
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_times_out_when_the_client_reads_nothing() {
        let (ours, mut theirs) = duplex(64);
        let mut stream = with_timeouts(ours, SECOND, 10 * SECOND);
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

    #[tokio::test]
    async fn heads_find_room_in_the_memory_budget_or_the_read_fails() {
        let memory = MemoryBudget::new(100 << 10, None).unwrap();
        let timeouts = ConnectionTimeouts { head: SECOND, read: SECOND, idle: SECOND, write: SECOND, linger: SECOND };
        let read_head = async |size: usize| {
            let (ours, mut theirs) = duplex(size);
            let requests = Arc::new(RequestCounts::new());
            let mut stream = wrap(ours, timeouts, requests, Arc::clone(&memory));
            theirs.write_all(&vec![b'x'; size]).await.unwrap();
            let read = stream.read_exact(&mut vec![0; size]).await;
            (read.map_err(|error| error.kind()), stream)
        };
        let (read, first) = read_head(60 << 10).await;
        assert_eq!(read, Ok(60 << 10));
        let (read, _second) = read_head(60 << 10).await;
        assert_eq!(read, Err(io::ErrorKind::OutOfMemory));
        let mut small = Vec::new();
        for _ in 0..10 {
            let (read, stream) = read_head(16 << 10).await;
            assert_eq!(read, Ok(16 << 10), "a small head reserves nothing");
            small.push(stream);
        }
        drop(first);
        assert_eq!(read_head(60 << 10).await.0, Ok(60 << 10), "the first connection is gone");
    }
}
