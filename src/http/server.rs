//! Connections: HTTP/1.0, HTTP/1.1, and HTTP/2 with prior knowledge, on one port; and what they may take from us.

use super::{guarded::Guarded, heads::Requests, pipeline::Pipeline, taking::Taking};
use axum::{body::Body, extract::Request, response::Response};
use hyper::{
    body::{Body as _, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use std::{convert::Infallible, future::Future, net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
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
    let open = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
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
            let asked = Asked::by(&peer);
            async move { Ok::<_, Infallible>(asked.answer(request).await) }
        });
        let connection = builder.serve_connection(stream, service).into_owned();
        let connection = open.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(error, "a connection broke");
                },
                () = taking.stalls(patience.write) => tracing::debug!("nobody takes what a connection is owed"),
            }
        });
    }
    drop(listener);
    if timeout(grace, open.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests still open");
    }
}

/// The other end of a connection, and what passes between us.
struct Peer {
    address: IpAddr,
    pipeline: Arc<Pipeline>,
    requests: Arc<Requests>,
    taking: Arc<Taking>,
}

/// A request that is under way, until this is dropped.
struct Asked(Arc<Peer>);

impl Asked {
    fn by(peer: &Arc<Peer>) -> Self {
        peer.requests.begin();
        Self(Arc::clone(peer))
    }

    async fn answer(&self, request: Request<Incoming>) -> Response {
        let Self(peer) = self;
        // An empty body takes no memory.
        let request = request.map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(body) });
        peer.taking.watch(peer.pipeline.answer(request, peer.address).await)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.requests.end();
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
