//! Connections that are idle: they may be for as long as a setting says, and no other timeout ends them.

use crate::connections::{HALF, Http2, NEVER_OVER, PATIENCE, PATIENT, http2, read_all, start};
use payments::http::ConnectionTimeouts;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use test_support::Connection;

/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(3);

/// Requests `/`, on a connection that is kept.
async fn ask_for_little(connection: &mut Connection) {
    let answer = connection.exchange("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_is_not_given_up_with_the_first_head() {
    let (address, _stop) = start(ConnectionTimeouts { head: HALF, ..PATIENT }, NEVER_OVER).await;
    let mut connection = Connection::open(address).await;
    for _ in 0..2 {
        ask_for_little(&mut connection).await;
        // Longer than a head may take, and less than a connection may say nothing.
        tokio::time::sleep(Duration::from_millis(1200)).await;
    }
    // A second head may not take longer than a first.
    connection.send(b"GET / HT").await;
    connection.closed().await;
}

#[tokio::test]
async fn a_connection_that_is_idle_is_closed_in_time() {
    let (address, _stop) = start(ConnectionTimeouts { idle: IDLE, ..PATIENT }, NEVER_OVER).await;
    // Starts before the timer of the server does.
    let began = Instant::now();
    let mut connection = Connection::open(address).await;
    connection.closed().await;
    assert!(began.elapsed() >= IDLE, "before the first request: {:?}", began.elapsed());
    let (mut connection, asked) = loop {
        if let Some(used) = use_for_longer_than_idle(address).await {
            break used;
        }
    };
    connection.closed().await;
    assert!(asked.elapsed() >= IDLE, "after the last request: {:?}", asked.elapsed());
}

/// Sends requests now and then on one connection, for longer than it may be idle. Returns it, and when the last one was sent, or
/// `None` if the machine stopped the test for longer than a connection may be idle.
async fn use_for_longer_than_idle(address: SocketAddr) -> Option<(Connection, Instant)> {
    let mut asked = Instant::now();
    let mut connection = Connection::open(address).await;
    for number in 0..3 {
        if number > 0 {
            tokio::time::sleep(IDLE / 2).await;
        }
        let before = std::mem::replace(&mut asked, Instant::now());
        let Some(answer) = connection.exchange("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await else {
            assert!(before.elapsed() >= IDLE, "closed after {:?}", before.elapsed());
            return None;
        };
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("here"), "{answer}");
    }
    Some((connection, asked))
}

#[tokio::test]
async fn a_connection_that_is_kept_for_later_keeps_nobody_from_stopping() {
    let (address, stop) = start(PATIENT, NEVER_OVER).await;
    let mut connection = Connection::open(address).await;
    ask_for_little(&mut connection).await;
    stop.send(()).unwrap();
    connection.closed().await;
}

#[tokio::test]
async fn over_http_2_a_client_may_take_its_time_before_it_asks() {
    let timeouts = ConnectionTimeouts { head: HALF, idle: IDLE, write: HALF, ..PATIENT };
    let (address, _stop) = start(timeouts, NEVER_OVER).await;
    let began = Instant::now();
    let mut connection = Connection::open(address).await;
    // The preface, and an empty SETTINGS frame (RFC 9113, sections 3.4 and 6.5).
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    connection.closed().await;
    assert!(began.elapsed() >= IDLE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_idle_http_2_connection_ends_though_it_answers_every_ping() {
    let timeouts = ConnectionTimeouts { idle: IDLE, write: Duration::from_secs(6), ..PATIENT };
    let (address, _stop) = start(timeouts, NEVER_OVER).await;
    // The client is kept, because without it the connection would end by itself.
    let ((_client, connection), asked) = loop {
        if let Some(used) = use_http_2_for_longer_than_idle(address).await {
            break used;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, connection).await;
    let ended = ended.expect("the connection is kept").unwrap();
    assert!(ended.is_ok(), "it was cut off, and not told to go: {ended:?}");
    assert!(asked.elapsed() >= IDLE, "{:?}", asked.elapsed());
}

/// Does the same as [`use_for_longer_than_idle`] over HTTP/2.
async fn use_http_2_for_longer_than_idle(address: SocketAddr) -> Option<(Http2, Instant)> {
    let mut asked = Instant::now();
    let (mut client, connection) = http2(address, 65_535).await;
    for _ in 0..3 {
        tokio::time::sleep(IDLE / 2).await;
        let before = std::mem::replace(&mut asked, Instant::now());
        match read_all(&mut client, "/").await {
            Ok(size) => assert_eq!(size, 4),
            Err(error) => {
                assert!(before.elapsed() >= IDLE, "ended after {:?}: {error}", before.elapsed());
                return None;
            }
        }
    }
    Some(((client, connection), asked))
}
