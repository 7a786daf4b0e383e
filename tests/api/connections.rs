//! Connections that are hostile or slow: the server closes each in time, and serves the others meanwhile.

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use payments::http::{ConnectionTimeouts, Limits, Pipeline, serve};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::{Mutex, oneshot},
};

/// The memory of a large response.
struct Large(Vec<u8>);

/// How many large responses are in memory.
static LARGE: AtomicUsize = AtomicUsize::new(0);
/// How many bytes each has: more than the buffers of the system hold.
const SIZE: usize = 64 << 20;
/// One test at a time counts them.
static COUNTING: Mutex<()> = Mutex::const_new(());

impl Large {
    fn response() -> Bytes {
        LARGE.fetch_add(1, Ordering::SeqCst);
        Bytes::from_owner(Self(vec![b'x'; SIZE]))
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        LARGE.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Waits until so many of the large responses are in memory.
async fn until_large(count: usize) {
    let began = Instant::now();
    while LARGE.load(Ordering::SeqCst) != count {
        assert!(began.elapsed() < Duration::from_secs(20), "still {} large responses", LARGE.load(Ordering::SeqCst));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Starts a server with short timeouts: half a second for a head and for a client that reads nothing, two for a request.
async fn impatient() -> (SocketAddr, oneshot::Sender<()>) {
    let half = Duration::from_millis(500);
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/large", get(async || Large::response()))
        .route("/echo", post(async |body: String| body));
    let limits = Limits { rate: None, timeout: Duration::from_secs(2), trusted_proxies: Vec::new() };
    let pipeline = Arc::new(Pipeline::new(router, "v1", limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stop_signal = async {
        let _ = stopped.await;
    };
    let timeouts = ConnectionTimeouts { head: half, read: Duration::from_secs(3), write: half };
    tokio::spawn(serve(listener, pipeline, stop_signal, Duration::from_secs(2), timeouts));
    (address, stop)
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    connection.send(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    let (_, took) = connection.closed().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// Asks for `/`, on a connection that is kept.
async fn ask_for_little(connection: &mut Connection) {
    let answer = connection.exchange("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_is_not_given_up_with_the_first_head() {
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    for _ in 0..2 {
        ask_for_little(&mut connection).await;
        // Longer than a head may take, and less than a connection may say nothing.
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    // A second head may not take longer than a first.
    connection.send(b"GET / HT").await;
    let (_, took) = connection.closed().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_keeps_nobody_from_stopping() {
    let (address, stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    ask_for_little(&mut connection).await;
    stop.send(()).unwrap();
    let (_, took) = connection.closed().await;
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn over_http_2_a_client_may_take_its_time_before_it_asks() {
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    // The preface, and an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5).
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    let (_, took) = connection.closed().await;
    assert!(took > Duration::from_millis(1200), "{took:?}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_with_a_problem() {
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    connection.send(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhal").await;
    let (said, took) = connection.closed().await;
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("application/problem+json"), "{said}");
}

const ASK_FOR_LARGE: &[u8] = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_client_that_reads_nothing_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    connection.send(ASK_FOR_LARGE).await;
    until_large(1).await;
    until_large(0).await;
    let (said, _) = connection.closed().await;
    assert!(said.len() < SIZE, "all of it was kept for a client that read nothing");
}

#[tokio::test]
async fn a_client_that_reads_a_little_now_and_then_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    // With a small window, the server notices each small read.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(ASK_FOR_LARGE).await.unwrap();
    until_large(1).await;
    let reader = tokio::spawn(async move {
        let mut little = [0; 2 << 10];
        while matches!(stream.read(&mut little).await, Ok(1..)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    until_large(0).await;
    reader.abort();
}

#[tokio::test]
async fn a_client_that_opens_no_window_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    // The client keeps the connection alive, and never opens the window of the stream.
    let unread = client.get(format!("http://{address}/large")).send().await.unwrap();
    until_large(1).await;
    until_large(0).await;
    drop(unread);
}

#[tokio::test]
async fn a_client_that_reads_gets_all_of_it() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    for client in [reqwest::Client::builder(), reqwest::Client::builder().http2_prior_knowledge()] {
        let answer = client.build().unwrap().get(format!("http://{address}/large")).send().await.unwrap();
        assert_eq!(answer.content_length(), Some(SIZE as u64));
        assert_eq!(answer.bytes().await.unwrap().len(), SIZE);
        until_large(0).await;
    }
}

#[tokio::test]
async fn slow_connections_keep_nobody_else_waiting() {
    // As many as the usual limit of 1,024 open files leaves room for, both ends being in this process.
    const SLOW: usize = 400;
    let (address, _stop) = impatient().await;
    let mut slow = Vec::with_capacity(SLOW);
    for _ in 0..SLOW {
        let mut connection = Connection::open(address).await;
        connection.send(b"GET / HT").await;
        slow.push(connection);
    }
    let began = Instant::now();
    let answer = reqwest::get(format!("http://{address}/")).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "here");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    for mut connection in slow {
        connection.closed().await;
    }
}
