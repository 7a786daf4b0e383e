//! Requests that name no host, or two: each is refused with a problem, before it is routed.

use axum::{body::Bytes, http::Request};
use serde_json::Value;
use test_support::{Connection, Service};
use tokio::net::TcpStream;

/// Asserts that `answer` is a problem about a head, with the id that its header has.
pub(crate) fn expect_problem(answer: &str, status: u16, kind: &str, detail: &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert_eq!(header("content-type: "), Some("application/problem+json"), "{answer}");
    assert_eq!(
        (&problem["type"], &problem["status"]),
        (&format!("/problems/{kind}").into(), &status.into()),
        "{answer}"
    );
    assert_eq!(header("x-request-id: "), problem["request_id"].as_str(), "{answer}");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains(detail)), "{answer}");
}

#[tokio::test]
async fn over_http_1_a_request_names_one_host() {
    let service = Service::start().await;
    for (hosts, detail) in [
        ("", "is missing"),
        ("host: x\r\nhost: x\r\n", "is given twice"),
        ("host: x\r\nhost: y\r\n", "is given twice"),
        ("host: a b\r\n", "must be a host"),
        ("host: x/y\r\n", "must be a host"),
        ("host: user@x\r\n", "must be a host"),
    ] {
        for path in ["/v1/payments", "/alive", "/docs", "/nowhere", "http://x/v1/payments"] {
            let mut connection = Connection::open(service.address()).await;
            let answer = connection.exchange(format!("GET {path} HTTP/1.1\r\n{hosts}\r\n")).await.expect("an answer");
            expect_problem(&answer, 400, "invalid-request", detail);
            assert!(answer.contains("/header/Host"), "{answer}");
            // The connection is fine.
            let next = connection.exchange("GET /alive HTTP/1.1\r\nhost: [::1]:80\r\n\r\n").await.expect("an answer");
            assert!(next.starts_with("HTTP/1.1 200"), "{next}");
        }
    }
}

/// Returns the status and the body of the answer.
pub(crate) async fn status_over_http2(service: &Service, request: Request<()>) -> (u16, String) {
    let stream = TcpStream::connect(service.address()).await.unwrap();
    let (mut client, connection) = h2::client::Builder::new().handshake::<_, Bytes>(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = client.send_request(request, true).unwrap().0.await.unwrap();
    let (head, mut body) = answer.into_parts();
    let mut text = Vec::new();
    while let Some(data) = body.data().await {
        text.extend_from_slice(&data.unwrap());
    }
    connection.abort();
    (head.status.as_u16(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn over_http_2_host_says_what_authority_says() {
    let service = Service::start().await;
    let request = || Request::get("http://x/v1/payments");
    for (request, expected) in [
        (request(), 200),
        (request().header("host", "X"), 200),
        (request().header("host", "y"), 400),
        (request().header("host", "x").header("host", "x"), 400),
    ] {
        let (status, text) = status_over_http2(&service, request.body(()).unwrap()).await;
        assert_eq!((status, text.contains("/header/Host")), (expected, expected == 400), "{text}");
    }
}
