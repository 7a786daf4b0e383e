//! Connections: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port; and what they may take from us.

use super::{request_heads::Requests, slow_readers::Taking, stream_timeouts::Guarded};
use crate::http::middleware::{Begun, Pipeline};
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
    net::IpAddr,
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

/// How long to wait when no connection can be accepted, for want of file descriptors say.
const BACK_OFF: Duration = Duration::from_millis(100);
/// The most bytes of the head of a request.
const HEAD_SIZE: usize = 64 << 10;
/// The most requests under way on one HTTP/2 connection.
const STREAMS: u32 = 128;

/// How long a connection may keep us waiting.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole head of a request, from its first byte (HTTP/1).
    pub head: Duration,
    /// For the next bytes of a request, or the next request.
    pub read: Duration,
    /// For some of a response to be taken.
    pub write: Duration,
}

impl Patience {
    /// The usual patience, of a service whose requests take `longest` at most: while one is under way, nothing is read.
    #[must_use]
    pub fn usual(longest: Duration) -> Self {
        Self { head: Duration::from_secs(10), read: longest + Duration::from_secs(75), write: Duration::from_secs(30) }
    }
}

/// Serves until `stop` resolves; then takes no more connections, and lets those that are open finish what they have begun,
/// for `grace` at most.
pub async fn serve(
    listener: TcpListener,
    pipeline: Arc<Pipeline>,
    stop: impl Future<Output = ()>,
    grace: Duration,
    patience: Patience,
) {
    let builder = builder(patience);
    let open = watch::Sender::new(());
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(BACK_OFF).await;
                    continue;
                }
            },
        };
        let peer = Arc::new(Peer {
            address: peer.ip(),
            pipeline: Arc::clone(&pipeline),
            requests: Arc::default(),
            taking: Arc::default(),
        });
        let (taking, stream) = (Arc::clone(&peer.taking), guard(stream, patience, &peer.requests));
        let service = service_fn(move |request| {
            let mut asked = Asked::by(&peer, request);
            async move { Ok::<_, Infallible>(asked.answer().await) }
        });
        let connection = builder.serve_connection(stream, service).into_owned();
        tokio::spawn(drive(connection, open.subscribe(), taking, patience));
    }
    drop(listener);
    open.send_replace(());
    if timeout(grace, open.closed()).await.is_err() {
        tracing::warn!("stopped with requests still open");
    }
}

/// Sees to a connection until it ends; when `leaving` changes, that is after what has begun.
///
/// It is woken for every request, so it looks only at what may have changed.
async fn drive<S>(
    connection: auto::Connection<'static, TokioIo<Guarded<TcpStream>>, S, TokioExecutor>,
    mut leaving: watch::Receiver<()>,
    taking: Arc<Taking>,
    patience: Patience,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    let is_leaving = leaving.clone();
    let mut connection = pin!(connection);
    let (mut told, mut stalls) = (pin!(leaving.changed()), pin!(taking.stalls(patience.write)));
    let (mut has_begun, mut is_told) = (false, false);
    poll_fn(|context| {
        // Once, to be woken by either; and before the first look, so that no change falls in between.
        let begins = !mem::replace(&mut has_begun, true);
        if begins {
            let _ = told.as_mut().poll(context);
        }
        if !is_told && is_leaving.has_changed().unwrap_or(true) {
            connection.as_mut().graceful_shutdown();
            is_told = true;
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(context) {
            ended.unwrap_or_else(|error| tracing::debug!(error, "a connection broke"));
            return Poll::Ready(());
        }
        if !begins && !taking.owes() {
            return Poll::Pending;
        }
        stalls.as_mut().poll(context).map(|()| tracing::debug!("nobody takes what a connection is owed"))
    })
    .await;
}

/// The other end of a connection, and what passes between us.
struct Peer {
    address: IpAddr,
    pipeline: Arc<Pipeline>,
    requests: Arc<Requests>,
    taking: Arc<Taking>,
}

/// A request that is under way, until this is dropped.
struct Asked {
    peer: Arc<Peer>,
    begun: Begun,
}

impl Asked {
    fn by(peer: &Arc<Peer>, request: Request<Incoming>) -> Self {
        peer.requests.begin();
        // An empty body takes no memory.
        let request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        Self { peer: Arc::clone(peer), begun: peer.pipeline.begin(request, peer.address) }
    }

    async fn answer(&mut self) -> Response {
        let Self { peer, begun } = self;
        peer.taking.watch(peer.pipeline.finish(begun).await)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.peer.requests.end();
    }
}

fn builder(patience: Patience) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // The time of a head is limited by the stream.
    builder.http1().header_read_timeout(None).max_buf_size(HEAD_SIZE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(patience.read / 3)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD_SIZE).unwrap_or(u32::MAX));
    builder
}

/// The stream of a connection, so that nobody can hold it for ever by saying nothing or reading nothing.
fn guard(stream: TcpStream, patience: Patience, requests: &Arc<Requests>) -> TokioIo<Guarded<TcpStream>> {
    // A response is written whole; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    TokioIo::new(Guarded::new(stream, patience, Arc::clone(requests)))
}
