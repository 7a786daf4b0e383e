//! Exposes the generated client to failing servers: every call returns a typed error, none panics, and the next call works.
//! `tests/client` tests the rest of the client.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use client_tests::{PAYMENT, PROBLEM, Service, json_answer, problem_answer};
use payments_client::{
    Client, Error,
    models::{MergePatch, PaymentRequest},
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// Makes one call of each kind that a consumer can make.
async fn every_call(client: &Client) -> Vec<(&'static str, Result<(), Error>)> {
    let payment: PaymentRequest = serde_json::from_str(PAYMENT).unwrap();
    vec![
        ("list", client.list_payments().send().await.map(drop)),
        ("create", client.create_payment(&payment).send().await.map(drop)),
        ("get", client.get_payment("p").send().await.map(drop)),
        ("get again", client.get_payment("p").if_none_match("\"1\"").send().await.map(drop)),
        ("update", client.update_payment("p", &payment).send().await.map(drop)),
        ("patch", client.patch_payment("p", MergePatch::new()).send().await.map(drop)),
        ("delete", client.delete_payment("p").version(1).send().await.map(drop)),
    ]
}

/// Makes the same calls, which must all fail.
async fn every_error(client: &Client) -> Vec<(&'static str, Error)> {
    let calls = every_call(client).await.into_iter();
    calls.map(|(call, result)| (call, result.expect_err(call))).collect()
}

#[tokio::test]
async fn every_call_returns_retry_after_and_does_not_retry() {
    pacts::install_crypto_provider();
    for status in [429, 503] {
        let service = Service::answering(problem_answer(status).insert_header("Retry-After", "3")).await;
        let errors = every_error(&service.client()).await;
        for (call, error) in &errors {
            assert!(matches!(error, Error::Problem(_)), "{call}: {error:?}");
            assert_eq!(error.status().unwrap(), status, "{call}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(3)), "{call}");
        }
        assert_eq!(service.times_asked().await, errors.len(), "a call was repeated");
    }
}

#[tokio::test]
async fn retry_after_of_a_gateway_that_answers_in_html_is_returned() {
    pacts::install_crypto_provider();
    let page = ResponseTemplate::new(503).set_body_raw("<h1>Busy</h1>", "text/html").insert_header("Retry-After", "30");
    let service = Service::answering(page).await;
    for (call, error) in every_error(&service.client()).await {
        let Error::Unexpected(answer) = &error else { panic!("{call}: {error:?}") };
        assert_eq!((answer.status.as_u16(), answer.body.text().as_ref()), (503, "<h1>Busy</h1>"), "{call}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)), "{call}");
    }
}

#[tokio::test]
async fn deprecation_headers_of_errors_are_returned() {
    pacts::install_crypto_provider();
    for answer in [problem_answer(409), json_answer(200, "{}"), ResponseTemplate::new(502)] {
        let deprecated =
            answer.insert_header("Deprecation", "@1767225600").insert_header("Sunset", "Fri, 01 Jan 2027 00:00:00 GMT");
        let service = Service::answering(deprecated).await;
        for (call, error) in every_error(&service.client()).await {
            let headers = error.headers().unwrap_or_else(|| panic!("{call}: {error:?}"));
            assert_eq!(headers["deprecation"], "@1767225600", "{call}");
            assert_eq!(headers["sunset"], "Fri, 01 Jan 2027 00:00:00 GMT", "{call}");
        }
    }
}

#[tokio::test]
async fn a_success_with_an_invalid_body_is_an_error() {
    pacts::install_crypto_provider();
    let truncated = &PAYMENT[..PAYMENT.len() / 2];
    let bodies: [&[u8]; 7] =
        [b"", b"{}", b"null", b"[[[[", truncated.as_bytes(), b"{\"data\":\xff\xfe}", b"\x1f\x8b\x08 not gzip"];
    for status in [200, 201, 204, 206, 304] {
        for body in bodies {
            let service =
                Service::answering(ResponseTemplate::new(status).set_body_raw(body, "application/json")).await;
            let client = service.client_with(|settings| settings.timeout(Duration::from_secs(5)));
            for (call, result) in every_call(&client).await {
                // 204 is valid for `delete`, and 304 for a conditional read.
                if !matches!((status, call), (204, "delete") | (304, "get again")) {
                    let error = result.expect_err(call);
                    assert!(matches!(error, Error::Unexpected(_) | Error::Transport(_)), "{status} {call}: {error:?}");
                }
            }
        }
    }
}

/// Starts a server that runs `handle` for every connection; returns its URL.
async fn serve<F>(handle: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    pacts::install_crypto_provider();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(handle(connection));
        }
    });
    url
}

async fn read_request(connection: &mut TcpStream) {
    let _ = connection.read(&mut [0; 8192]).await;
}

#[tokio::test]
async fn the_timeout_covers_an_answer_that_trickles() {
    let url = serve(|mut connection| async move {
        read_request(&mut connection).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
        let _ = connection.write_all(head).await;
        while connection.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let client = Client::builder(&url).timeout(Duration::from_millis(200)).build().unwrap();
    let began = Instant::now();
    let error = client.get_payment("p").send().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_timeout() {
    let url = serve(|mut connection| async move {
        loop {
            read_request(&mut connection).await;
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let client = Client::builder(&url).timeout(Duration::from_millis(50)).build().unwrap();
    for (call, error) in every_error(&client).await {
        assert!(error.is_timeout() && error.status().is_none(), "{call}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_anywhere_is_a_transport_error() {
    for sent in [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"dat",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: a lot\r\n\r\n",
        "HTTP/1.1 999999 OK\r\n\r\n",
    ] {
        let url = serve(move |mut connection| async move {
            read_request(&mut connection).await;
            let _ = connection.write_all(sent.as_bytes()).await;
        })
        .await;
        let client = Client::builder(&url).timeout(Duration::from_secs(5)).build().unwrap();
        for (call, error) in every_error(&client).await {
            assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{call} {sent:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_is_a_transport_error() {
    let url = serve(|mut connection| async move {
        // Closing a socket with unread data resets the connection.
        let _ = connection.read(&mut [0; 1]).await;
    })
    .await;
    for (call, error) in every_error(&Client::new(&url).unwrap()).await {
        assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{call}: {error:?}");
    }
}

/// Gives each of its answers in turn, over and over.
struct RoundRobin(Vec<ResponseTemplate>, AtomicUsize);

impl Respond for RoundRobin {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0[self.1.fetch_add(1, Ordering::SeqCst) % self.0.len()].clone()
    }
}

async fn answering_in_turn(answers: Vec<ResponseTemplate>) -> MockServer {
    pacts::install_crypto_provider();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(RoundRobin(answers, AtomicUsize::new(0))).mount(&server).await;
    server
}

fn failures() -> Vec<ResponseTemplate> {
    vec![
        json_answer(200, PAYMENT),
        problem_answer(503).insert_header("Retry-After", "1"),
        json_answer(200, PAYMENT).set_delay(Duration::from_secs(30)),
        json_answer(200, "{\"data\":"),
        ResponseTemplate::new(502).set_body_raw("<h1>Bad Gateway</h1>", "text/html"),
    ]
}

/// Names the outcome of a call.
fn outcome(result: Result<(), Error>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(error) if error.is_timeout() => "timeout",
        Err(Error::Problem(_)) => "problem",
        Err(Error::Unexpected(_)) => "unexpected",
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_call_after_a_failure_works() {
    let server = answering_in_turn(failures()).await;
    let client = Client::builder(&server.uri()).timeout(Duration::from_millis(300)).build().unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..10 {
        outcomes.push(outcome(client.get_payment("p").send().await.map(drop)));
    }
    let once = ["ok", "problem", "timeout", "unexpected", "unexpected"];
    assert_eq!(outcomes, [once, once].concat());
}

#[tokio::test]
async fn concurrent_calls_fail_independently() {
    let server = answering_in_turn(failures()).await;
    let client = Client::builder(&server.uri()).timeout(Duration::from_secs(2)).build().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let call = client.get_payment("p");
        calls.spawn(async move { outcome(call.send().await.map(drop)) });
    }
    let outcomes = calls.join_all().await;
    let count = |what: &str| outcomes.iter().filter(|outcome| **outcome == what).count();
    assert_eq!([count("ok"), count("problem"), count("timeout"), count("unexpected")], [20, 20, 20, 40]);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_reused() {
    let url = serve(|mut connection| async move {
        read_request(&mut connection).await;
        let length = PROBLEM.len();
        let head =
            format!("HTTP/1.1 409 X\r\nContent-Type: application/problem+json\r\nContent-Length: {length}\r\n\r\n");
        // HTTP/1.1 keeps the connection open unless the answer says `Connection: close`; this server closes it all the same.
        let _ = connection.write_all(format!("{head}{PROBLEM}").as_bytes()).await;
    })
    .await;
    let client = Client::new(&url).unwrap();
    for _ in 0..5 {
        for (call, error) in every_error(&client).await {
            assert!(error.problem().is_some(), "{call}: {error:?}");
        }
        sleep(Duration::from_millis(20)).await;
    }
}
