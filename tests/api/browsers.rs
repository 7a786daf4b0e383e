//! What browsers ask for beyond the contract: whether a page may call us (CORS), and smaller answers.

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use test_support::{Answer, Service, with_attributes};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The value of a header, or nothing.
fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    if answer.headers.contains_key(name) { answer.header(name) } else { "" }
}

#[tokio::test]
async fn a_page_of_another_origin_may_ask_what_it_may_do() {
    let service = Service::start_with(&["--cors", "--cors-headers", "X-Tenant,x-channel", "--limit", "1-D"]).await;
    let preflight = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "accept-version,content-type,if-match,x-request-id,x-tenant"),
    ];
    for _ in 0..3 {
        let answer = service.send("OPTIONS", "/v1/payments/flour", &preflight, "").await;
        assert_eq!(answer.status, 200, "a preflight request is not counted against the limit: {answer}");
        answer.expect_header("access-control-allow-origin", "*");
        answer.expect_header("access-control-max-age", "3600");
        answer.expect_header("access-control-allow-methods", "GET,HEAD,POST,PUT,PATCH,DELETE");
        answer.expect_header(
            "access-control-allow-headers",
            "accept,accept-version,authorization,baggage,content-type,idempotency-key,if-match,if-none-match,last-event-id,traceparent,tracestate,\
             x-request-id,x-tenant,x-channel",
        );
        assert_eq!(answer.headers.get("access-control-allow-credentials"), None, "{answer}");
    }
}

async fn read_all(mut decoder: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut bytes = Vec::new();
    decoder.read_to_end(&mut bytes).await.expect("the answer is encoded as it says");
    bytes
}

async fn decode(coding: &str, body: &[u8]) -> Vec<u8> {
    match coding {
        "br" => read_all(BrotliDecoder::new(body)).await,
        "gzip" => read_all(GzipDecoder::new(body)).await,
        "zstd" => read_all(ZstdDecoder::new(body)).await,
        "" => body.to_vec(),
        other => panic!("the test cannot decode {other}"),
    }
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_client_likes() {
    let service = Service::start_with(&["--compress"]).await;
    for number in 0..20 {
        service.create(&format!("p-{number}")).await;
    }
    let plain = service.get("/v1/payments").await.bytes;
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, br;q=0.9", "br"),
        ("identity", ""),
        ("deflate", ""),
        ("gzip;q=0", ""),
    ] {
        let answer = service.send("GET", "/v1/payments", &[("accept-encoding", accepted)], "").await;
        assert_eq!(header(&answer, "content-encoding"), coding, "{accepted}: {answer}");
        answer.expect_header("vary", "accept-encoding");
        let (length, whole) = (answer.bytes.len(), plain.len());
        assert!(coding.is_empty() || length * 3 < whole, "{accepted}: {length} bytes of {whole}");
        assert_eq!(decode(coding, &answer.bytes).await, plain, "{accepted}");
    }
}

#[tokio::test]
async fn a_compressed_payment_keeps_its_etag() {
    let service = Service::start_with(&["--compress"]).await;
    let note = "flour ".repeat(500);
    service.post(with_attributes("p-1", &serde_json::json!({"amount": "1", "note": note}))).await.expect_status(201);
    let gzip = ("accept-encoding", "gzip");
    let answer = service.send("GET", "/v1/payments/p-1", &[gzip], "").await.expect_status(200);
    answer.expect_header("content-encoding", "gzip");
    answer.expect_header("etag", "\"0\"");
    service.send("GET", "/v1/payments/p-1", &[gzip, ("if-none-match", "\"0\"")], "").await.expect_status(304);
}
