//! Connections that mean no good, or that are simply slow: each is given up in time, and the others are served meanwhile.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

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
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
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

/// A server with little patience: half a second for everything, two for a request.
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
    let told = async {
        let _ = stopped.await;
    };
    let patience = ConnectionTimeouts { head: half, read: Duration::from_secs(3), write: half };
    tokio::spawn(serve(listener, pipeline, told, Duration::from_secs(2), patience));
    (address, stop)
}

/// Reads until the server closes, and says how long that took.
async fn until_closed(stream: &mut TcpStream) -> (Duration, String) {
    let began = Instant::now();
    let mut said = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await;
    // A connection that is reset is closed too.
    let _ = read.expect("the server still holds the connection after 20 s");
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    let (took, _) = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// Asks, and reads as much as the answer to `/` has.
async fn ask_for_little(stream: &mut TcpStream) -> String {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"here") {
        assert_ne!(stream.read_buf(&mut said).await.unwrap(), 0, "closed after {}", String::from_utf8_lossy(&said));
    }
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_is_not_given_up_with_the_first_head() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        assert!(ask_for_little(&mut stream).await.starts_with("HTTP/1.1 200"));
        // Longer than a head may take, and less than a connection may say nothing.
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    // A second head may not take longer than a first.
    stream.write_all(b"GET / HT").await.unwrap();
    let (took, _) = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_keeps_nobody_from_stopping() {
    let (address, stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask_for_little(&mut stream).await;
    stop.send(()).unwrap();
    let (took, _) = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn over_http_2_a_client_may_take_its_time_before_it_asks() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The preface, and an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5).
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let (took, _) = until_closed(&mut stream).await;
    assert!(took > Duration::from_millis(1200), "{took:?}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_with_a_problem() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhal").await.unwrap();
    let (took, said) = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("application/problem+json"), "{said}");
}

const ASK_FOR_LARGE: &[u8] = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_client_that_reads_nothing_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK_FOR_LARGE).await.unwrap();
    until_large(1).await;
    until_large(0).await;
    let (_, said) = until_closed(&mut stream).await;
    assert!(said.len() < SIZE, "all of it was kept for a client that read nothing");
}

#[tokio::test]
async fn a_client_that_reads_a_little_now_and_then_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    // With a small window, each little that is read is news to the server.
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
    // It answers whatever the connection needs, and asks for no more of this.
    let unread = client.get(format!("http://{address}/large")).send().await.unwrap();
    until_large(1).await;
    until_large(0).await;
    drop(unread);
}

#[tokio::test]
async fn whoever_reads_gets_all_of_it() {
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
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HT").await.unwrap();
        slow.push(stream);
    }
    let began = Instant::now();
    let answer = reqwest::get(format!("http://{address}/")).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "here");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    for mut stream in slow {
        until_closed(&mut stream).await;
    }
}
