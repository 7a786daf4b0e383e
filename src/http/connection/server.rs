//! The accept loop: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port.
//!
//! `axum::serve` sets no timeouts and cannot drain by a deadline, so each connection is driven here: by hyper, over a
//! stream with timeouts, until it ends, its watchdog ends it, or it is shut down.

use super::{
    admission::{Admission, ConnectionLimits, LeaveHandle},
    driver::{Endings, drive},
    metrics::ConnectionMetrics,
    request_body::MeteredBody,
    request_heads::RequestCounts,
    slow_readers::{UnsentResponses, WatchedBody},
    stream_timeouts::TimeoutStream,
    timeouts::ConnectionTimeouts,
    watchdog::Watchdog,
};
use crate::http::{
    memory_budget::{Holder, MemoryBudget, OverBudget, Permit, Reserved, STREAM, SharedPermit, USUAL_HEAD},
    middleware::{Arrival, MakeError, Pipeline, Started},
    problem::Error,
};
use axum::{
    body::Body,
    http::{HeaderValue, Request, Version},
    response::Response,
};
use hyper::{
    body::{Body as _, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
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
/// The limit for the unsent responses of a connection that asks for more when the memory budget is used up.
const MAX_UNSENT: usize = 16;
/// The limit for the bytes of one request body that have arrived over HTTP/2 and are not read.
const STREAM_WINDOW: u32 = 64 << 10;
/// The limit for the bytes of all request bodies of an HTTP/2 connection that have arrived and are not read.
const CONNECTION_WINDOW: u32 = 256 << 10;

/// How connections are held to limits.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// How many may be open.
    pub limits: ConnectionLimits,
    /// How long each may stall.
    pub timeouts: ConnectionTimeouts,
    /// Counts them.
    pub metrics: Option<Arc<ConnectionMetrics>>,
}

/// Serves until `shutdown` resolves; then accepts no more connections, and lets the open ones finish their requests,
/// for `grace` at most.
pub async fn serve(
    listener: TcpListener,
    pipeline: Arc<Pipeline>,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
    options: ConnectionOptions,
) {
    // Every connection holds a receiver, so `closed` resolves when the last one has ended.
    let open = watch::Sender::new(());
    let acceptor = Acceptor::new(options, pipeline);
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = acceptor.accept(&listener) => accepted,
        };
        acceptor.open(stream, peer.ip(), open.subscribe());
    }
    drop(listener);
    open.send_replace(());
    if timeout(grace, open.closed()).await.is_err() {
        tracing::warn!("grace period is over: stopping with requests still under way");
    }
}

/// Accepts connections, and starts the task of each.
struct Acceptor {
    pipeline: Arc<Pipeline>,
    admission: Arc<Admission>,
    options: ConnectionOptions,
    usual: auto::Builder<TokioExecutor>,
    /// For connections beyond the limit.
    for_probes: auto::Builder<TokioExecutor>,
}

impl Acceptor {
    fn new(options: ConnectionOptions, pipeline: Arc<Pipeline>) -> Self {
        let ConnectionOptions { limits, timeouts, metrics } = options.clone();
        let mut for_probes = builder(timeouts.for_probes()).http1_only();
        for_probes.http1().keep_alive(false);
        let admission = Admission::new(limits, metrics);
        Self { pipeline, admission, options, usual: builder(timeouts), for_probes }
    }

    async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection; trying again in {ACCEPT_BACKOFF:?}");
                    self.admission.close_any_idle();
                    tokio::time::sleep(ACCEPT_BACKOFF).await;
                }
            }
        }
    }

    /// Starts the task of a connection, if it is admitted.
    fn open(&self, stream: TcpStream, peer: IpAddr, shutdown: watch::Receiver<()>) {
        let (requests, responses) = (Arc::new(RequestCounts::new()), Arc::default());
        let admitted = match self.admission.admit(peer, &requests, &responses) {
            Ok(admitted) => admitted,
            Err(refused) => {
                tracing::debug!(%peer, "connection refused: {refused}");
                return;
            }
        };
        let (builder, timeouts) = if admitted.is_for_probes {
            (&self.for_probes, self.options.timeouts.for_probes())
        } else {
            (&self.usual, self.options.timeouts)
        };
        let endings = Endings {
            shutdown,
            watchdog: Watchdog::new(Arc::clone(&requests), Arc::clone(&responses), timeouts),
            metrics: self.options.metrics.clone(),
            admitted,
        };
        let stream = with_timeouts(stream, timeouts, &requests, self.pipeline.memory());
        let pipeline = Arc::clone(&self.pipeline);
        let (is_for_probes, leave) = (endings.admitted.is_for_probes, endings.admitted.leave_handle());
        let connection = Arc::new(Connection { peer, is_for_probes, leave, pipeline, requests, responses });
        let service = service_fn(move |request| {
            let mut request = ActiveRequest::start(&connection, request);
            async move { Ok::<_, Infallible>(request.respond().await) }
        });
        tokio::spawn(drive(builder.serve_connection(stream, service).into_owned(), endings));
    }
}

/// The state that the requests of one connection share.
struct Connection {
    peer: IpAddr,
    is_for_probes: bool,
    leave: LeaveHandle,
    pipeline: Arc<Pipeline>,
    requests: Arc<RequestCounts>,
    responses: Arc<UnsentResponses>,
}

/// A request that is under way: counted as finished when this is dropped, answered or not.
struct ActiveRequest {
    connection: Arc<Connection>,
    started: Started,
}

impl ActiveRequest {
    fn start(connection: &Arc<Connection>, request: Request<Incoming>) -> Self {
        connection.requests.start_one();
        let (refused, permit) = connection.take(&request);
        let mut body_permit = None;
        let request = request.map(|body| connection.wrap(body, &mut body_permit));
        let arrival = Arrival { peer: connection.peer, refused, reserved: Reserved { permit, body: body_permit } };
        let started = connection.pipeline.start(request, arrival);
        connection.requests.set_last_started(started.at());
        Self { connection: Arc::clone(connection), started }
    }

    async fn respond(&mut self) -> Response<WatchedBody> {
        let Self { connection, started } = self;
        let response = connection.pipeline.finish(started).await;
        let permit = started.take_permit();
        response.map(|body| connection.responses.watch(body, permit))
    }
}

impl Connection {
    /// Reserves what a request holds beside its bodies. Over HTTP/1 that is its head, which the stream reserves.
    fn take<B>(&self, request: &Request<B>) -> (Option<MakeError>, Option<Permit>) {
        if self.is_for_probes {
            return (Some(|| Error::TooManyConnections), None);
        }
        if request.version() < Version::HTTP_2 {
            return (None, None);
        }
        let head: usize = request.headers().values().map(HeaderValue::len).sum();
        let (memory, bytes) = (self.pipeline.memory(), STREAM + head.saturating_sub(USUAL_HEAD));
        match memory.reserve(bytes, Holder::Request) {
            Ok(permit) => (None, Some(permit)),
            Err(OverBudget) => {
                // Refusals that are not read take memory, too.
                if self.responses.count() > MAX_UNSENT {
                    self.leave.leave();
                }
                (Some(|| Error::OverMemoryBudget), Some(memory.count(bytes)))
            }
        }
    }

    /// Wraps the body of a request. An empty one does not need the allocation of `Body::new`.
    fn wrap(&self, body: Incoming, permit: &mut Option<SharedPermit>) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        match MeteredBody::wrap(body, self.pipeline.memory(), self.requests.is_http2()) {
            Ok(body) => {
                *permit = Some(body.permit());
                Body::new(body)
            }
            Err(body) => Body::new(body),
        }
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
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX));
    builder
}

fn with_timeouts(
    stream: TcpStream,
    timeouts: ConnectionTimeouts,
    requests: &Arc<RequestCounts>,
    memory: &Arc<MemoryBudget>,
) -> TokioIo<TimeoutStream<TcpStream>> {
    // No Nagle algorithm: a response is written as a whole, so waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    TokioIo::new(TimeoutStream::new(stream, timeouts, Arc::clone(requests), Arc::clone(memory)))
}
