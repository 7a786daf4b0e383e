//! The accept loop: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port.
//!
//! `axum::serve` sets no timeouts and cannot drain by a deadline, so each connection is driven here: by hyper, over a
//! stream with timeouts, until it ends, stalls, or is shut down.

use super::{
    request_heads::RequestCounts, slow_readers::SlowReaderGuard, stream_timeouts::TimeoutStream,
    timeouts::ConnectionTimeouts,
};
use crate::http::middleware::{Pipeline, Started};
use axum::{body::Body, http::Request, response::Response};
use hyper::{
    body::{Body as _, Incoming},
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    mem,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// The pause after a failed accept: when file descriptors have run out, the next attempt would fail at once as well.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// The limit for the head of a request, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// The limit for the requests under way on one HTTP/2 connection.
const MAX_STREAMS: u32 = 128;

/// Serves until `shutdown` resolves; then accepts no more connections, and lets the open ones finish their requests,
/// for `grace` at most.
pub async fn serve(
    listener: TcpListener,
    pipeline: Arc<Pipeline>,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
    timeouts: ConnectionTimeouts,
) {
    let builder = builder(timeouts);
    // Every connection holds a receiver, so `closed` resolves when the last one has ended.
    let open = watch::Sender::new(());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener) => accepted,
        };
        let connection = Arc::new(Connection {
            peer: peer.ip(),
            pipeline: Arc::clone(&pipeline),
            requests: Arc::default(),
            slow_readers: Arc::default(),
        });
        let slow_readers = Arc::clone(&connection.slow_readers);
        let stream = with_timeouts(stream, timeouts, &connection.requests);
        let service = service_fn(move |request| {
            let mut request = ActiveRequest::start(&connection, request);
            async move { Ok::<_, Infallible>(request.respond().await) }
        });
        let driver = builder.serve_connection(stream, service).into_owned();
        tokio::spawn(drive(driver, open.subscribe(), slow_readers, timeouts.write));
    }
    drop(listener);
    open.send_replace(());
    if timeout(grace, open.closed()).await.is_err() {
        tracing::warn!("grace period is over: stopping with requests still under way");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; trying again in {ACCEPT_BACKOFF:?}");
                tokio::time::sleep(ACCEPT_BACKOFF).await;
            }
        }
    }
}

/// Drives a connection until it ends or its client stalls. When `shutdown` changes, the connection finishes the
/// requests under way and ends.
///
/// The task is woken for every request, so a wake-up polls only what may have changed since the last one.
async fn drive<S>(
    connection: auto::Connection<'static, TokioIo<TimeoutStream<TcpStream>>, S, TokioExecutor>,
    mut shutdown: watch::Receiver<()>,
    slow_readers: Arc<SlowReaderGuard>,
    write_timeout: Duration,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    let shutdown_started = shutdown.clone();
    let mut connection = pin!(connection);
    let (mut shutdown, mut stalled) = (pin!(shutdown.changed()), pin!(slow_readers.stalled(write_timeout)));
    let (mut was_polled, mut is_draining) = (false, false);
    poll_fn(|context| {
        // Polls once to register the waker before checking, so that no change is missed.
        let is_first_poll = !mem::replace(&mut was_polled, true);
        if is_first_poll {
            let _ = shutdown.as_mut().poll(context);
        }
        if !is_draining && shutdown_started.has_changed().unwrap_or(true) {
            connection.as_mut().graceful_shutdown();
            is_draining = true;
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(context) {
            ended.unwrap_or_else(|error| tracing::debug!(error, "connection failed"));
            return Poll::Ready(());
        }
        if !is_first_poll && !slow_readers.has_unsent() {
            return Poll::Pending;
        }
        stalled.as_mut().poll(context).map(|()| {
            tracing::debug!("response stalled: client read nothing for {write_timeout:?}; closing the connection");
        })
    })
    .await;
}

/// The state that the requests of one connection share.
struct Connection {
    peer: IpAddr,
    pipeline: Arc<Pipeline>,
    requests: Arc<RequestCounts>,
    slow_readers: Arc<SlowReaderGuard>,
}

/// A request that is under way: counted as finished when this is dropped, answered or not.
struct ActiveRequest {
    connection: Arc<Connection>,
    started: Started,
}

impl ActiveRequest {
    fn start(connection: &Arc<Connection>, request: Request<Incoming>) -> Self {
        connection.requests.start_one();
        // `Body::new` allocates; an empty body does not need to.
        let request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        let started = connection.pipeline.start(request, connection.peer);
        Self { connection: Arc::clone(connection), started }
    }

    async fn respond(&mut self) -> Response {
        let Self { connection, started } = self;
        connection.slow_readers.guard(connection.pipeline.finish(started).await)
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.connection.requests.finish_one();
    }
}

fn builder(timeouts: ConnectionTimeouts) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // No timeout of hyper's for heads: the stream has one, which starts with the first byte.
    builder.http1().header_read_timeout(None).max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(timeouts.read / 3)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX));
    builder
}

fn with_timeouts(
    stream: TcpStream,
    timeouts: ConnectionTimeouts,
    requests: &Arc<RequestCounts>,
) -> TokioIo<TimeoutStream<TcpStream>> {
    // No Nagle algorithm: a response is written as a whole, so waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    TokioIo::new(TimeoutStream::new(stream, timeouts, Arc::clone(requests)))
}
