//! Responses that come bit by bit: a pause of the service is no client's fault, and a client that takes nothing is given up all
//! the same.

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
    routing::get,
};
use futures_util::stream;
use payments::http::{ConnectionLimits, ConnectionOptions, ConnectionTimeouts, Limits, Pipeline, serve};
use std::{
    convert::Infallible,
    future::ready,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::Connection;
use tokio::net::{TcpListener, TcpStream};

/// How long a client may take nothing.
const WRITE: Duration = Duration::from_millis(500);
/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(1);
/// Longer than both.
const PAUSE: Duration = Duration::from_secs(3);
/// Longer than any test takes.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The size of each part of a flood, and the window of a client that opens no other.
const PART: usize = 16 << 10;

/// Counts bodies that are in memory.
#[derive(Debug, Clone, Default)]
struct Bodies(Arc<AtomicUsize>);

struct Counted(Bodies);

impl Bodies {
    fn one(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(self.clone())
    }

    async fn until(&self, count: usize) {
        let began = Instant::now();
        while self.0.load(Ordering::SeqCst) != count {
            assert!(began.elapsed() < Duration::from_secs(15), "still {} bodies", self.0.load(Ordering::SeqCst));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A body of so many parts, with pauses between them.
fn body(bodies: &Bodies, parts: usize, part: &'static [u8], pause: Duration) -> Body {
    let state = (0, bodies.one());
    Body::from_stream(stream::unfold(state, move |(number, counted)| async move {
        if number == parts {
            return None;
        }
        if number > 0 {
            tokio::time::sleep(pause).await;
        }
        Some((Ok::<_, Infallible>(Bytes::from_static(part)), (number + 1, counted)))
    }))
}

/// Starts a server whose clients have little time.
async fn impatient() -> (SocketAddr, Bodies) {
    let bodies = Bodies::default();
    let (of_pauses, of_silence, of_flood) = (bodies.clone(), bodies.clone(), bodies.clone());
    let router = Router::new()
        .route("/pauses", get(move || ready(body(&of_pauses, 2, b"part", PAUSE))))
        .route("/silence", get(move || ready(body(&of_silence, 2, b"part", HOUR))))
        .route("/flood", get(move || ready(body(&of_flood, usize::MAX, &[b'x'; PART], Duration::ZERO))));
    let limits = Limits { rate: None, timeout: Duration::from_secs(2), trusted_proxies: Vec::new() };
    let pipeline = Arc::new(Pipeline::new(router, "v1", limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let timeouts = ConnectionTimeouts { head: IDLE, read: HOUR, idle: IDLE, write: WRITE, linger: IDLE };
    let limits = ConnectionLimits { total: 1000, per_client: 1000, trusted_proxies: Vec::new() };
    let options = ConnectionOptions { limits, timeouts, metrics: None };
    tokio::spawn(serve(listener, pipeline, std::future::pending(), Duration::from_secs(2), options));
    (address, bodies)
}

/// Asks over HTTP/2 with this window, and reads nothing.
async fn ask_with_window(address: SocketAddr, path: &str, window: u32) -> h2::client::ResponseFuture {
    let stream = TcpStream::connect(address).await.unwrap();
    let (client, connection) =
        h2::client::Builder::new().initial_window_size(window).handshake::<_, Bytes>(stream).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("http://x{path}")).body(()).unwrap();
    client.ready().await.unwrap().send_request(request, true).unwrap().0
}

#[tokio::test]
async fn a_pause_is_waited_for() {
    let (address, bodies) = impatient().await;
    let http2 = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for client in [reqwest::Client::new(), http2] {
        let response = client.get(format!("http://{address}/pauses")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "partpart");
    }
    bodies.until(0).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let (address, bodies) = impatient().await;
    let mut connection = Connection::open(address).await;
    connection.send("GET /flood HTTP/1.1\r\nhost: x\r\n\r\n").await;
    bodies.until(1).await;
    bodies.until(0).await;
}

/// Nothing is left to be sent when the window is used up: there is only more to come.
#[tokio::test]
async fn a_client_whose_window_is_used_up_is_given_up() {
    for (path, window) in [("/flood", 0), ("/flood", PART), ("/flood", PART + 1), ("/silence", 0), ("/silence", 1)] {
        let (address, bodies) = impatient().await;
        let _answer = ask_with_window(address, path, u32::try_from(window).unwrap()).await;
        bodies.until(1).await;
        bodies.until(0).await;
    }
}
