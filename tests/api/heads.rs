//! Heads that are no requests: each is answered with a problem, and counted, also those that hyper refuses by itself.

use crate::hosts::{expect_problem, status_over_http2};
use axum::http::Request;
use test_support::{Connection, Service};

async fn answer_to(service: &Service, bytes: &[u8]) -> String {
    let mut connection = Connection::open(service.address()).await;
    connection.send(bytes).await;
    connection.closed().await.0
}

#[tokio::test]
async fn what_is_no_http_is_answered_with_a_problem() {
    let service = Service::start_with(&["--metrics"]).await;
    let many = "x: y\r\n".repeat(101);
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(65_500));
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(200_000));
    let cases: [(&[u8], u16, &str, &str); 8] = [
        (b"GET /v1/payments/a<b HTTP/1.1\r\nhost: x\r\n\r\n", 400, "invalid-request", "percent-encoded"),
        (b"nothing at all\r\n\r\n", 400, "invalid-request", "RFC 9112"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00", 400, "invalid-request", "TLS"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx y: z\r\n\r\n", 400, "invalid-request", "RFC 9112"),
        (b"GET / HTTP/3.0\r\nhost: x\r\n\r\n", 400, "invalid-request", "RFC 9112"),
        (&format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").into_bytes(), 431, "head-too-large", "100 headers"),
        (&long.into_bytes(), 431, "head-too-large", "65536 bytes"),
        (&path.into_bytes(), 431, "head-too-large", "65536 bytes"),
    ];
    for (bytes, status, kind, detail) in cases {
        let answer = answer_to(&service, bytes).await;
        expect_problem(&answer, status, kind, detail);
        assert!(answer.contains("connection: close\r\n") && answer.contains("cache-control: no-store\r\n"), "{answer}");
    }
    let metrics = service.get("/metrics").await;
    for (status, count) in [(400, 5), (431, 3)] {
        let line = format!("http_requests_total{{method=\"other\",route=\"-\",status=\"{status}\"}} {count}\n");
        assert!(metrics.text().contains(&line), "expected {line}, got {metrics}");
    }
}

#[tokio::test]
async fn a_request_before_what_is_no_http_is_answered_first() {
    let service = Service::start().await;
    let answers =
        answer_to(&service, b"GET /alive HTTP/1.1\r\nhost: x\r\n\r\nGET /a<b HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (first, second) = answers.split_at(answers.rfind("HTTP/1.1 400").unwrap_or_default());
    assert!(first.starts_with("HTTP/1.1 200"), "{answers}");
    expect_problem(second, 400, "invalid-request", "percent-encoded");
}

#[tokio::test]
async fn over_http_2_a_large_head_is_a_problem_too() {
    let service = Service::start().await;
    for (size, expected, has_problem) in [(60_000, 200, false), (80_000, 431, true), (200_000, 431, false)] {
        let mut request = Request::get("http://x/v1/payments");
        for _ in 0..size / 1000 {
            request = request.header("x-large", "x".repeat(1000 - 39));
        }
        let (status, text) = status_over_http2(&service, request.body(()).unwrap()).await;
        assert_eq!((status, text.contains("/problems/head-too-large")), (expected, has_problem), "{size}: {text}");
    }
}
