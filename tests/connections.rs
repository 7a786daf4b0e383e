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
    routing::{get, post},
};
use payments::http::{Limits, Patience, Pipeline, serve};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// A server with little patience: half a second for everything, two for a request.
async fn impatient() -> (SocketAddr, oneshot::Sender<()>) {
    let half = Duration::from_millis(500);
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/large", get(async || vec![b'x'; 64 << 20]))
        .route("/echo", post(async |body: String| body));
    let limits = Limits { rate: None, timeout: Duration::from_secs(2), trusted_proxies: Vec::new() };
    let pipeline = Arc::new(Pipeline::new(router, "v1", limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let told = async {
        let _ = stopped.await;
    };
    let patience = Patience { head: half, read: Duration::from_secs(3), write: half };
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

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_with_a_problem() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhal").await.unwrap();
    let (took, said) = until_closed(&mut stream).await;
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("application/problem+json"), "{said}");
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_given_up() {
    let (address, _stop) = impatient().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (_, said) = until_closed(&mut stream).await;
    assert!(said.len() < 64 << 20, "all of it was kept for a client that read nothing");
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
