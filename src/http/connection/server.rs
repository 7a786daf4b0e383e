//! The accept loop: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port.
//!
//! `axum::serve` sets no timeouts and cannot drain by a deadline, so each connection is driven here: by hyper, over a
//! stream with timeouts, until it ends, its watchdog ends it, or it is shut down.

use super::{
    admission::{Admission, ConnectionLimits, LeaveHandle},
    driver::{Endings, drive},
    host,
    metrics::ConnectionMetrics,
    opening::opening,
    peek::Opening,
    request_body::RequestBody,
    request_heads::{MAX_HEAD, RequestCounts},
    slow_readers::{UnsentResponses, WatchedBody},
    stream_timeouts::TimeoutStream,
    timeouts::ConnectionTimeouts,
    unread_bodies::{Place, discard, is_worth_reading},
    watchdog::Watchdog,
};
use crate::http::{
    body_handle::BodyHandle,
    memory_budget::{Holder, OverBudget, Permit, Reserved, STREAM, USUAL_HEAD},
    middleware::{Arrival, Pipeline, Refused, Started},
    problem::Error,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request, StatusCode, Version, header},
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
    task::yield_now,
    time::timeout,
};

/// The pause after a failed accept: when file descriptors have run out, the next attempt would fail at once as well.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// The size from which on a head over HTTP/2 is measured exactly, in bytes.
const LARGE_HEAD: usize = 16 << 10;
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
        // Otherwise a burst of newcomers would be accepted at once, and some refused, before those that make room for them have
        // had their turn.
        if acceptor.admission.anyone_leaves() {
            yield_now().await;
        }
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
    usual: Arc<Builders>,
    /// For connections beyond the limit.
    for_probes: Arc<Builders>,
}

/// What hyper is told of connections, by what they began with.
struct Builders {
    http1: auto::Builder<TokioExecutor>,
    unclear: auto::Builder<TokioExecutor>,
}

impl Acceptor {
    fn new(options: ConnectionOptions, pipeline: Arc<Pipeline>) -> Self {
        let ConnectionOptions { limits, timeouts, metrics } = options.clone();
        let usual = Builders { http1: builder(timeouts).http1_only(), unclear: builder(timeouts) };
        let for_probes = || {
            let mut builder = builder(timeouts.for_probes()).http1_only();
            builder.http1().keep_alive(false);
            builder
        };
        let for_probes = Builders { http1: for_probes(), unclear: for_probes() };
        let admission = Admission::new(limits, metrics);
        Self { pipeline, admission, options, usual: Arc::new(usual), for_probes: Arc::new(for_probes) }
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
        let (builders, timeouts) = if admitted.is_for_probes {
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
        // No Nagle algorithm: a response is written as a whole, so waiting to fill a packet would only delay it.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream, timeouts, Arc::clone(&requests), peer, &self.pipeline);
        let pipeline = Arc::clone(&self.pipeline);
        let (is_for_probes, leave) = (endings.admitted.is_for_probes, endings.admitted.leave_handle());
        let connection = Arc::new(Connection {
            peer,
            is_for_probes,
            leave,
            linger: timeouts.linger,
            pipeline,
            requests,
            responses,
            small_body: BodyHandle::of_small(),
        });
        let service = service_fn(move |request| {
            let mut request = ActiveRequest::start(&connection, request);
            async move { Ok::<_, Infallible>(request.respond().await) }
        });
        let builders = Arc::clone(builders);
        tokio::spawn(async move {
            let builder = match opening(&mut stream, &endings).await {
                Some(Opening::Http1) => &builders.http1,
                Some(Opening::Unclear) => &builders.unclear,
                None => return,
            };
            drive(Box::pin(builder.serve_connection(TokioIo::new(stream), service).into_owned()), endings).await;
        });
    }
}

/// The state that the requests of one connection share.
struct Connection {
    peer: IpAddr,
    is_for_probes: bool,
    leave: LeaveHandle,
    /// How long what is left of a body is read.
    linger: Duration,
    pipeline: Arc<Pipeline>,
    requests: Arc<RequestCounts>,
    responses: Arc<UnsentResponses>,
    /// For small bodies over HTTP/1, of which there is one at a time.
    small_body: BodyHandle,
}

/// A request that is under way: counted as finished when this is dropped, answered or not, and its body was read.
struct ActiveRequest {
    connection: Arc<Connection>,
    started: Started,
    body: Option<BodyHandle>,
    /// Whether the client may send no body at all once it has the response.
    waits_for_continue: bool,
    /// Whether something else counts the request as finished: what reads the rest of its body, or what sends its response.
    is_finished_elsewhere: bool,
}

impl ActiveRequest {
    fn start(connection: &Arc<Connection>, request: Request<Incoming>) -> Self {
        connection.requests.start_one();
        let (busy, permit) = connection.take(&request);
        let refused = busy.or_else(|| host::fault(&request).map(Refused::Malformed));
        let mut body = None;
        let request = request.map(|incoming| connection.wrap(incoming, &mut body));
        let waits_for_continue = body.is_some() && request.headers().contains_key(header::EXPECT);
        let arrival = Arrival { peer: connection.peer, refused, reserved: Reserved { permit, body: body.clone() } };
        let started = connection.pipeline.start(request, arrival);
        connection.requests.set_last_started(started.at());
        Self { connection: Arc::clone(connection), started, body, waits_for_continue, is_finished_elsewhere: false }
    }

    async fn respond(&mut self) -> Response<WatchedBody> {
        let Self { connection, started, body, .. } = self;
        let mut response = connection.pipeline.finish(started).await;
        let permit = started.take_permit();
        if let Some(rest) = body.take().and_then(|body| body.take_unread()) {
            self.leave_unread(rest, response.status(), response.headers_mut());
        }
        // What comes bit by bit may take hours, in which the connection is not idle, and its client may go away.
        let is_stream = !self.is_finished_elsewhere && response.body().size_hint().exact().is_none();
        self.is_finished_elsewhere |= is_stream;
        let request = is_stream.then(|| self.connection.requests.finish_later());
        response.map(|body| self.connection.responses.watch(body, permit, request))
    }

    /// Sees to what is left of the body of a request that has its response.
    fn leave_unread(&mut self, mut rest: Incoming, status: StatusCode, headers: &mut HeaderMap) {
        let requests = Arc::clone(&self.connection.requests);
        let is_slow = status == StatusCode::REQUEST_TIMEOUT;
        let is_kept = requests.is_http2() || (!self.waits_for_continue && !is_slow && is_worth_reading(&rest));
        let Some(place) = Place::take().filter(|_| is_kept) else {
            if requests.is_http2() {
                return;
            }
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            // Dropping the rest makes hyper close the connection once the response is sent.
            requests.set_body_unread();
            return;
        };
        self.is_finished_elsewhere = true;
        let limit = self.connection.linger;
        tokio::spawn(async move {
            if !discard(&mut rest, limit).await && !requests.is_http2() {
                requests.set_body_unread();
            }
            drop((rest, place));
            requests.finish_one();
        });
    }
}

impl Connection {
    /// Reserves what a request holds beside its bodies. Over HTTP/1 that is its head, which the stream reserves.
    fn take<B>(&self, request: &Request<B>) -> (Option<Refused>, Option<Permit>) {
        if self.is_for_probes {
            return (Some(Refused::Busy(|| Error::TooManyConnections)), None);
        }
        if request.version() < Version::HTTP_2 {
            return (None, None);
        }
        let head: usize = request.headers().values().map(HeaderValue::len).sum();
        let (memory, bytes) = (self.pipeline.memory(), STREAM + head.saturating_sub(USUAL_HEAD));
        let is_large = head > LARGE_HEAD || request.headers().len() > LARGE_HEAD / 128;
        let refused =
            (is_large && list_size(request.headers()) > MAX_HEAD).then_some(Refused::Malformed(|| Error::HeadTooLarge));
        match memory.reserve(bytes, Holder::Request) {
            Ok(permit) => (refused, Some(permit)),
            Err(OverBudget) => {
                // Refusals that are not read take memory, too.
                if self.responses.count() > MAX_UNSENT {
                    self.leave.leave();
                }
                (Some(Refused::Busy(|| Error::OverMemoryBudget)), Some(memory.count(bytes)))
            }
        }
    }

    /// Wraps the body of a request. An empty one does not need the allocation of `Body::new`.
    fn wrap(&self, body: Incoming, handle: &mut Option<BodyHandle>) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        if RequestBody::is_small(&body, self.requests.is_http2()) {
            let handle = handle.insert(self.small_body.clone());
            return Body::new(RequestBody::small(body, handle.clone()));
        }
        let memory = self.pipeline.memory();
        let handle = handle.insert(BodyHandle::metered(memory));
        Body::new(RequestBody::metered(body, handle.clone(), memory))
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        if !self.is_finished_elsewhere {
            self.connection.requests.finish_one();
        }
    }
}

/// The size of headers as HTTP/2 counts it (RFC 9113, section 10.5.1).
fn list_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
}

fn builder(timeouts: ConnectionTimeouts) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // hyper's `Date` would panic before 1970 and after 9999. No clock of Linux is there: the kernel refuses to set one before
    // 1970 or after 2232 (EINVAL, `timespec64_valid_settod`).
    // No timeout of hyper's for heads: the stream has one, which starts with the first byte.
    // Half-closed connections are served: the stream notices when a client has gone.
    builder.http1().header_read_timeout(None).max_buf_size(MAX_HEAD).half_close(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(timeouts.read / 3)
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // Twice the limit, because h2 refuses what is beyond by itself, without a problem.
        .max_header_list_size(2 * u32::try_from(MAX_HEAD).unwrap_or(u32::MAX / 2));
    builder
}
