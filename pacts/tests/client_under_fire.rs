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
    reqwest,
};
use std::time::{Duration, Instant};
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
            for (call, result) in every_call(&service.client()).await {
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
    // The whole answer would take a quarter of an hour.
    assert!(began.elapsed() < Duration::from_secs(60), "it took {:?}", began.elapsed());
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
        for (call, error) in every_error(&Client::new(&url).unwrap()).await {
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

/// The outcomes of the calls for the payments `0`, `1`, and so on, over and over.
const OUTCOMES: [&str; 5] = ["ok", "problem", "timeout", "unexpected", "unexpected"];

/// Answers by the id of the payment, so that the outcome of a call does not depend on when it arrives.
struct Failures;

impl Respond for Failures {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let number: usize = request.url.path().rsplit('/').next().unwrap().parse().unwrap();
        match number % OUTCOMES.len() {
            0 => json_answer(200, PAYMENT),
            1 => problem_answer(503).insert_header("Retry-After", "1"),
            2 => json_answer(200, PAYMENT).set_delay(Duration::from_secs(600)),
            3 => json_answer(200, "{\"data\":"),
            _ => ResponseTemplate::new(502).set_body_raw("<h1>Bad Gateway</h1>", "text/html"),
        }
    }
}

async fn failing() -> MockServer {
    pacts::install_crypto_provider();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Failures).mount(&server).await;
    server
}

/// Returns two clients over the same connections. Calls that are to time out take the second one, whose timeout is short. On a
/// slow machine no other call times out.
fn patient_and_hasty(server: &MockServer) -> [Client; 2] {
    let http = reqwest::Client::new();
    [Duration::from_secs(120), Duration::from_millis(300)]
        .map(|timeout| Client::builder(&server.uri()).http(http.clone()).timeout(timeout).build().unwrap())
}

/// Gets the payment of this number.
async fn get(number: usize, [patient, hasty]: &[Client; 2]) -> &'static str {
    let client = if OUTCOMES[number % OUTCOMES.len()] == "timeout" { hasty } else { patient };
    outcome(client.get_payment(&number.to_string()).send().await.map(drop))
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
    let server = failing().await;
    let clients = patient_and_hasty(&server);
    let mut outcomes = Vec::new();
    for number in 0..10 {
        outcomes.push(get(number, &clients).await);
    }
    assert_eq!(outcomes, [OUTCOMES, OUTCOMES].concat());
}

#[tokio::test]
async fn concurrent_calls_fail_independently() {
    let server = failing().await;
    let clients = patient_and_hasty(&server);
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let clients = clients.clone();
        calls.spawn(async move { (number, get(number, &clients).await) });
    }
    for (number, outcome) in calls.join_all().await {
        assert_eq!(outcome, OUTCOMES[number % OUTCOMES.len()], "{number}");
    }
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
