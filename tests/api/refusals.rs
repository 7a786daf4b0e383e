//! Requests that are refused, or whose clients finish sending, before their bodies have come: each client reads its answer, over
//! HTTP/1.1 and HTTP/2, and loses no other request.

use axum::{body::Bytes, http::Request};
use std::time::Duration;
use test_support::{Connection, Service, payment};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Less than the usual limit of a body, and more than the buffers of the system hold.
const LARGE: usize = 900_000;
/// How long a test waits: less than a request may take by default, and less than the rest of a body is read.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request whose body is not sent.
fn head(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n")
}

fn post(headers: &str) -> String {
    head("POST", "/v1/payments", &format!("content-type: application/json\r\n{headers}"))
}

/// Sends a head, and returns the answer, which has to come although no body does.
async fn answer_to(connection: &mut Connection, head: &str) -> String {
    let answer = tokio::time::timeout(PATIENCE, connection.exchange(head)).await;
    let answer = answer.unwrap_or_else(|_| panic!("the answer waits for the body: {head}"));
    answer.unwrap_or_else(|| panic!("closed: {head}"))
}

fn says_close(answer: &str) -> bool {
    answer.contains("\r\nconnection: close\r\n")
}

#[tokio::test]
async fn a_body_that_is_announced_as_too_large_is_refused_before_it_is_sent() {
    let service = Service::start().await;
    for headers in ["content-length: 2000000\r\n", "content-length: 5000000\r\nexpect: 100-continue\r\n"] {
        let mut connection = Connection::open(service.address()).await;
        let answer = answer_to(&mut connection, &post(headers)).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("/problems/body-too-large"), "{answer}");
        assert!(says_close(&answer), "the body is not read, and the close not announced: {answer}");
        // The server ends its half of the connection while the client sends on, so that no client waits in vain for the end.
        let (mut ours, mut theirs) = connection.stream.split();
        let sends_on = async {
            while theirs.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let mut more = Vec::new();
        let ended = tokio::select! {
            ended = tokio::time::timeout(PATIENCE, ours.read_to_end(&mut more)) => ended,
            () = sends_on => panic!("the connection was reset, and the client may lose the answer"),
        };
        assert!(matches!(ended, Ok(Ok(0))), "{ended:?}: {more:?}");
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_refused_without_it() {
    let service = Service::start_with(&["--limit", "4-H"]).await;
    let expect = format!("content-length: {LARGE}\r\nexpect: 100-continue\r\n");
    let json = format!("content-type: application/json\r\n{expect}");
    for (head, status) in [
        (head("POST", "/v1/nowhere", &json), 404),
        (head("PUT", "/v1/payments", &json), 405),
        (post(&format!("accept: text/html\r\n{expect}")), 406),
        (head("POST", "/v1/payments", &format!("content-type: text/plain\r\n{expect}")), 415),
        (post("content-length: 20\r\nexpect: 100-continue\r\n\r\nx"), 100),
        (post(&format!("accept: text/html\r\n{expect}")), 406),
        (post(&expect), 429),
    ] {
        let mut connection = Connection::open(service.address()).await;
        if status == 100 {
            connection.send(&head).await;
            let mut answer = [0; 25];
            connection.stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
            continue;
        }
        let answer = answer_to(&mut connection, &head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "expected {status}: {answer}");
        // The next bytes may be the body or another request: nobody could tell.
        assert!(says_close(&answer), "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_comes_before_the_body_and_the_connection_serves_the_next_request() {
    let service = Service::start_with(&["--limit", "3-H"]).await;
    let length = format!("content-length: {LARGE}\r\n");
    let json = format!("content-type: application/json\r\n{length}");
    let mut connection = Connection::open(service.address()).await;
    for (head, status) in [
        (head("POST", "/v1/nowhere", &json), 404),
        (head("PUT", "/v1/payments", &json), 405),
        (post(&format!("accept: text/html\r\n{length}")), 406),
        (head("POST", "/v1/payments", &format!("content-type: text/plain\r\n{length}")), 415),
        (head("GET", "/v1/payments/none", &length), 404),
        (post(&length), 429),
    ] {
        let answer = answer_to(&mut connection, &head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && !says_close(&answer), "{answer}");
        connection.send(vec![b' '; LARGE]).await;
        let next = answer_to(&mut connection, &self::head("GET", "/alive", "")).await;
        assert!(next.starts_with("HTTP/1.1 200"), "the request after a {status} is lost: {next}");
    }
}

/// Twenty times what a body may have, which the client sends to its end before it reads.
#[tokio::test]
async fn a_client_that_sends_everything_first_reads_its_refusal() {
    let service = Service::start().await;
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    for (head, body, status) in [
        (post("content-length: 20000000\r\n"), vec![b' '; 20_000_000], 413),
        (post("transfer-encoding: chunked\r\n"), [chunk.repeat(300), b"0\r\n\r\n".to_vec()].concat(), 413),
        (head("POST", "/v1/payments", "transfer-encoding: chunked\r\n"), chunk.repeat(300), 415),
        (head("POST", "/v1/nowhere", "content-length: 20000000\r\n"), vec![b' '; 20_000_000], 404),
    ] {
        let mut connection = Connection::open(service.address()).await;
        connection.send(&head).await;
        connection.send(&body).await;
        let mut answer = Vec::new();
        connection.stream.read_to_end(&mut answer).await.unwrap_or_else(|error| panic!("{status}: {error}"));
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && says_close(&answer), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_has_finished_sending_gets_its_answer() {
    let service = Service::start().await;
    for number in 0..20 {
        let body = payment(&format!("p-{number}")).to_string();
        let request = post(&format!("content-length: {}\r\n", body.len())) + &body;
        for (request, status) in [(request, 201), (head("GET", &format!("/v1/payments/p-{number}"), ""), 200)] {
            let mut connection = Connection::open(service.address()).await;
            connection.send(&request).await;
            connection.stream.shutdown().await.unwrap();
            let (answer, _) = connection.closed().await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "number {number}: {answer}");
        }
    }
    let mut connection = Connection::open(service.address()).await;
    connection.send(post("content-length: 100\r\n") + "{").await;
    connection.stream.shutdown().await.unwrap();
    let (answer, _) = connection.closed().await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("broke off before its end"), "{answer}");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_a_408() {
    let service = Service::start_with(&["--timeout", "3", "--admin"]).await;
    for length in [100, LARGE] {
        let mut connection = Connection::open(service.address()).await;
        connection.send(post(&format!("content-length: {length}\r\n")) + "{").await;
        let (answer, _) = connection.closed().await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("/problems/body-too-slow"), "{answer}");
        assert!(answer.contains("Nothing was done") && says_close(&answer), "{answer}");
    }
    let (mut client, _connection) = http2(&service).await;
    let request = Request::post("http://x/v1/payments").header("content-type", "application/json").body(()).unwrap();
    let (answer, _body) = client.send_request(request, false).unwrap();
    assert_eq!(answer.await.unwrap().status(), 408);
    assert_eq!(service.counts().await, (0, 0));
}

async fn http2(service: &Service) -> (h2::client::SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let stream = TcpStream::connect(service.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    (client.ready().await.unwrap(), tokio::spawn(connection))
}

/// Sends a body to its end, as there is room for it.
async fn send_all(stream: &mut h2::SendStream<Bytes>, mut left: usize) -> Result<(), h2::Error> {
    while left > 0 {
        stream.reserve_capacity(left.min(1 << 16));
        if stream.capacity() == 0 {
            let room = std::future::poll_fn(|context| stream.poll_capacity(context)).await;
            room.unwrap_or_else(|| panic!("the stream ended with {left} bytes to send"))?;
        }
        let size = stream.capacity().min(left);
        left -= size;
        stream.send_data(vec![b' '; size].into(), left == 0)?;
    }
    Ok(())
}

#[tokio::test]
async fn over_http_2_twenty_megabytes_end_in_a_413_and_no_error() {
    let service = Service::start().await;
    let (mut client, _connection) = http2(&service).await;
    for _ in 0..3 {
        let request = Request::post("http://x/v1/payments").header("content-type", "application/json");
        let request = request.header("content-length", "20000000").body(()).unwrap();
        let (answer, mut stream) = client.send_request(request, false).unwrap();
        let answer = tokio::time::timeout(PATIENCE, answer).await.expect("the answer waits for the body");
        let answer = answer.expect("an answer before the body");
        assert!(answer.status() == 413, "{answer:?}");
        send_all(&mut stream, 20_000_000).await.expect("the body is taken");
        let mut body = answer.into_body();
        let mut problem = Vec::new();
        while let Some(data) = body.data().await {
            problem.extend_from_slice(&data.expect("no error in place of the problem"));
        }
        assert!(String::from_utf8_lossy(&problem).contains("/problems/body-too-large"));
    }
}
