//! What browsers ask for beyond the contract: whether a page may call us (CORS), and smaller answers.

use crate::service::Service;
use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use reqwest::{Method, Response};
use tokio::io::{AsyncRead, AsyncReadExt};

async fn ask(service: &Service, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", service.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[track_caller]
fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_page_of_another_origin_may_ask_what_it_may_do() {
    let service = Service::start_with(&["--cors", "--limit", "1-D"]).await;
    let question = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type,if-match,x-request-id"),
    ];
    for _ in 0..3 {
        let answer = ask(&service, "OPTIONS", "/v1/payments/flour", &question).await;
        assert_eq!(answer.status(), 200, "a question is not counted against the limit: {answer:?}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*");
        assert_eq!(header(&answer, "access-control-max-age"), "3600");
        assert_eq!(header(&answer, "access-control-allow-methods"), "GET,HEAD,POST,PUT,PATCH,DELETE");
        assert_eq!(
            header(&answer, "access-control-allow-headers"),
            "accept,content-type,if-match,if-none-match,traceparent,x-request-id"
        );
        assert_eq!(answer.headers().get("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn without_cors_such_a_question_is_a_wrong_method() {
    let service = Service::start().await;
    let question = [("origin", "https://shop.example"), ("access-control-request-method", "PUT")];
    assert_eq!(ask(&service, "OPTIONS", "/v1/payments", &question).await.status(), 405);
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
        other => panic!("nobody asked for {other}"),
    }
}

#[tokio::test]
async fn large_answers_are_compressed_as_the_client_likes() {
    let service = Service::start_with(&["--compress"]).await;
    for number in 0..20 {
        service.create(&format!("p-{number}")).await;
    }
    let plain = ask(&service, "GET", "/v1/payments", &[]).await.bytes().await.unwrap();
    for (accepted, coding) in [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip;q=0.5, br;q=0.9", "br"),
        ("identity", ""),
        ("deflate", ""),
        ("gzip;q=0", ""),
    ] {
        let answer = ask(&service, "GET", "/v1/payments", &[("accept-encoding", accepted)]).await;
        assert_eq!(header(&answer, "content-encoding"), coding, "{accepted}");
        assert_eq!(header(&answer, "vary"), "accept-encoding", "{accepted}");
        let body = answer.bytes().await.unwrap();
        assert!(coding.is_empty() || body.len() * 3 < plain.len(), "{accepted}: {} of {}", body.len(), plain.len());
        assert_eq!(decode(coding, &body).await, plain, "{accepted}");
    }
}

#[tokio::test]
async fn a_compressed_payment_keeps_its_etag() {
    let service = Service::start_with(&["--compress"]).await;
    let note = "flour ".repeat(500);
    let attributes = serde_json::json!({"amount": "1", "note": note});
    service.post(crate::service::with_attributes("p-1", &attributes)).await.is(201);
    let gzip = ("accept-encoding", "gzip");
    let answer = ask(&service, "GET", "/v1/payments/p-1", &[gzip]).await;
    assert_eq!((header(&answer, "content-encoding"), header(&answer, "etag")), ("gzip", "\"0\""));
    let again = ask(&service, "GET", "/v1/payments/p-1", &[gzip, ("if-none-match", "\"0\"")]).await;
    assert_eq!(again.status(), 304);
}
