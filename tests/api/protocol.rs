//! What holds for HTTP itself, whatever is served.

use std::time::{Duration, Instant};
use test_support::{Connection, Service};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn http_1_0_without_a_host_is_served() {
    let service = Service::start().await;
    let mut connection = Connection::open(service.address()).await;
    connection.send("GET /v1/payments HTTP/1.0\r\n\r\n").await;
    let (answer, _) = connection.closed().await;
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_served() {
    let service = Service::start().await;
    let client = service.over(reqwest::Client::builder().http2_prior_knowledge().build().unwrap());
    let answer = client.get("/v1/payments").await.expect_status(200);
    assert_eq!(answer.version, reqwest::Version::HTTP_2);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let service = Service::start().await;
    service.create("p-1").await;
    for (path, status) in
        [("/v1/payments/p-1", 200), ("/v1/payments/p-2", 404), ("/openapi.yml", 200), ("/nowhere", 404)]
    {
        let [get, head] = [service.get(path).await, service.send("HEAD", path, &[], "").await];
        assert_eq!((head.status, head.text()), (status, ""), "{path}");
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn over_http_2_head_has_no_body_either() {
    let service = Service::start().await;
    let mut connection = Connection::open(service.address()).await;
    // The preface, an empty SETTINGS frame, and the HEADERS of a stream (RFC 9113, sections 3.4, 6.5 and 6.2). In the words of
    // HPACK (RFC 7541): a new `:method` HEAD, `:scheme` http, a new `:path`.
    let block = b"\x02\x04HEAD\x86\x04\x10/v1/payments/p-2";
    let length = u8::try_from(block.len()).unwrap();
    let headers = [&[0, 0, length, 1, 5, 0, 0, 0, 1][..], block].concat();
    connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    connection.send(&headers).await;
    loop {
        let mut head = [0; 9];
        connection.stream.read_exact(&mut head).await.unwrap();
        let [a, b, c, kind, flags, ..] = head;
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        connection.stream.read_exact(&mut payload).await.unwrap();
        if kind == 1 {
            assert_eq!(flags & 1, 1, "HEADERS do not end the stream: a body follows");
            return;
        }
    }
}

#[tokio::test]
async fn how_long_a_connection_may_be_idle_is_a_setting() {
    let service = Service::start_with(&["--idle-timeout", "1"]).await;
    let mut connection = Connection::open(service.address()).await;
    // Starts before the timer of the server does. Without the setting that would be two minutes.
    let began = Instant::now();
    let answer = connection.exchange("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    connection.closed().await;
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}
