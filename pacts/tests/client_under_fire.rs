//! What a consumer lives through on a bad day, and what the generated client makes of it: on every call a typed error,
//! never a panic, and the next call works. `tests/client` has the rest of what the client promises.

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

/// Makes every call that a consumer has.
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

/// The same; and all of them fail.
async fn every_call_fails(client: &Client) -> Vec<(&'static str, Error)> {
    let calls = every_call(client).await.into_iter();
    calls.map(|(call, result)| (call, result.expect_err(call))).collect()
}

#[tokio::test]
async fn every_call_says_when_to_try_again_and_leaves_that_to_the_caller() {
    pacts::ready();
    for status in [429, 503] {
        let service = Service::answering(problem_answer(status).insert_header("Retry-After", "3")).await;
        let errors = every_call_fails(&service.client()).await;
        for (call, error) in &errors {
            assert!(matches!(error, Error::Problem(_)), "{call}: {error:?}");
            assert_eq!(error.status().unwrap(), status, "{call}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(3)), "{call}");
        }
        assert_eq!(service.times_asked().await, errors.len(), "a call was repeated");
    }
}

#[tokio::test]
async fn a_gateway_that_answers_in_html_may_say_when_to_try_again_too() {
    pacts::ready();
    let page = ResponseTemplate::new(503).set_body_raw("<h1>Busy</h1>", "text/html").insert_header("Retry-After", "30");
    let service = Service::answering(page).await;
    for (call, error) in every_call_fails(&service.client()).await {
        let Error::Unexpected(answer) = &error else { panic!("{call}: {error:?}") };
        assert_eq!((answer.status.as_u16(), answer.body.text().as_ref()), (503, "<h1>Busy</h1>"), "{call}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(30)), "{call}");
    }
}

#[tokio::test]
async fn what_is_on_its_way_out_says_so_with_a_refusal_too() {
    pacts::ready();
    for answer in [problem_answer(409), json_answer(200, "{}"), ResponseTemplate::new(502)] {
        let leaving =
            answer.insert_header("Deprecation", "@1767225600").insert_header("Sunset", "Fri, 01 Jan 2027 00:00:00 GMT");
        let service = Service::answering(leaving).await;
        for (call, error) in every_call_fails(&service.client()).await {
            let headers = error.headers().unwrap_or_else(|| panic!("{call}: {error:?}"));
            assert_eq!(headers["deprecation"], "@1767225600", "{call}");
            assert_eq!(headers["sunset"], "Fri, 01 Jan 2027 00:00:00 GMT", "{call}");
        }
    }
}

#[tokio::test]
async fn a_success_that_makes_no_sense_is_no_success_of_any_call() {
    pacts::ready();
    let cut = &PAYMENT[..PAYMENT.len() / 2];
    let bodies: [&[u8]; 7] =
        [b"", b"{}", b"null", b"[[[[", cut.as_bytes(), b"{\"data\":\xff\xfe}", b"\x1f\x8b\x08 not gzip"];
    for status in [200, 201, 204, 206, 304] {
        for body in bodies {
            let service =
                Service::answering(ResponseTemplate::new(status).set_body_raw(body, "application/json")).await;
            let client = service.client_with(|settings| settings.timeout(Duration::from_secs(5)));
            for (call, result) in every_call(&client).await {
                // No content is what `delete` wants, and not modified what a condition asks for.
                if !matches!((status, call), (204, "delete") | (304, "get again")) {
                    let error = result.expect_err(call);
                    assert!(matches!(error, Error::Unexpected(_) | Error::Transport(_)), "{status} {call}: {error:?}");
                }
            }
        }
    }
}

/// Listens, and treats every connection so.
async fn treating<F>(treat: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    pacts::ready();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(treat(connection));
        }
    });
    url
}

async fn hears(connection: &mut TcpStream) {
    let _ = connection.read(&mut [0; 8192]).await;
}

#[tokio::test]
async fn an_answer_that_drips_has_as_much_time_as_any_other() {
    let url = treating(|mut connection| async move {
        hears(&mut connection).await;
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
async fn silence_is_a_timeout_of_every_call() {
    let url = treating(|mut connection| async move {
        loop {
            hears(&mut connection).await;
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let client = Client::builder(&url).timeout(Duration::from_millis(50)).build().unwrap();
    for (call, error) in every_call_fails(&client).await {
        assert!(error.is_timeout() && error.status().is_none(), "{call}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_fault_of_the_transport_wherever_it_breaks() {
    for sent in [
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"dat",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: a lot\r\n\r\n",
        "HTTP/1.1 999999 OK\r\n\r\n",
    ] {
        let url = treating(move |mut connection| async move {
            hears(&mut connection).await;
            let _ = connection.write_all(sent.as_bytes()).await;
        })
        .await;
        let client = Client::builder(&url).timeout(Duration::from_secs(5)).build().unwrap();
        for (call, error) in every_call_fails(&client).await {
            assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{call} {sent:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_reset_is_a_fault_of_the_transport() {
    let url = treating(|mut connection| async move {
        // What was not read is lost, and the other side is told so: a reset instead of an end.
        let _ = connection.read(&mut [0; 1]).await;
    })
    .await;
    for (call, error) in every_call_fails(&Client::new(&url).unwrap()).await {
        assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{call}: {error:?}");
    }
}

/// Answers in turn.
struct InTurn(Vec<ResponseTemplate>, AtomicUsize);

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.0[self.1.fetch_add(1, Ordering::SeqCst) % self.0.len()].clone()
    }
}

async fn in_turn(answers: Vec<ResponseTemplate>) -> MockServer {
    pacts::ready();
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(InTurn(answers, AtomicUsize::new(0))).mount(&server).await;
    server
}

fn bad_day() -> Vec<ResponseTemplate> {
    vec![
        json_answer(200, PAYMENT),
        problem_answer(503).insert_header("Retry-After", "1"),
        json_answer(200, PAYMENT).set_delay(Duration::from_secs(30)),
        json_answer(200, "{\"data\":"),
        ResponseTemplate::new(502).set_body_raw("<h1>Bad Gateway</h1>", "text/html"),
    ]
}

/// What became of a call, in a word.
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
async fn after_every_trouble_the_next_call_works() {
    let server = in_turn(bad_day()).await;
    let client = Client::builder(&server.uri()).timeout(Duration::from_millis(300)).build().unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..10 {
        outcomes.push(outcome(client.get_payment("p").send().await.map(drop)));
    }
    let once = ["ok", "problem", "timeout", "unexpected", "unexpected"];
    assert_eq!(outcomes, [once, once].concat());
}

#[tokio::test]
async fn in_a_crowd_each_call_has_its_own_fate() {
    let server = in_turn(bad_day()).await;
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
async fn a_connection_that_the_service_has_let_go_is_not_used_again() {
    let url = treating(|mut connection| async move {
        hears(&mut connection).await;
        let length = PROBLEM.len();
        let head =
            format!("HTTP/1.1 409 X\r\nContent-Type: application/problem+json\r\nContent-Length: {length}\r\n\r\n");
        // It may be kept open, the answer says; but it is not.
        let _ = connection.write_all(format!("{head}{PROBLEM}").as_bytes()).await;
    })
    .await;
    let client = Client::new(&url).unwrap();
    for _ in 0..5 {
        for (call, error) in every_call_fails(&client).await {
            assert!(error.problem().is_some(), "{call}: {error:?}");
        }
        sleep(Duration::from_millis(20)).await;
    }
}
