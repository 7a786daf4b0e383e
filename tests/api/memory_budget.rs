//! The memory budget: what is large and finds no room is refused at once, and small requests go on.

use serde_json::json;
use std::time::{Duration, Instant};
use test_support::{Connection, Service, with_attributes};
use tokio::io::AsyncReadExt;

/// A body just below the limit. While it is held, it takes twice its size.
const LARGE: usize = (1 << 20) - 1;
/// A tenth of the budget, nearly.
const TENTH: u64 = 400_000;

/// Starts a service whose budget has room for one large body.
async fn start() -> Service {
    Service::start_with(&["--metrics", "--memory-budget", "4MiB"]).await
}

/// Sends a request with a body of this length, as far as `sent`.
async fn hold(service: &Service, length: usize, sent: usize) -> Connection {
    let mut connection = Connection::open(service.address()).await;
    let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length:";
    connection.send(format!("{head} {length}\r\n\r\n{}", " ".repeat(sent))).await;
    connection
}

/// Waits until so many tenths of the budget are in use.
async fn until_used(service: &Service, is_enough: impl Fn(u64) -> bool) {
    let began = Instant::now();
    loop {
        let metrics = service.send("GET", "/metrics", &[], "").await;
        let used = metrics.text().lines().find_map(|line| line.strip_prefix("http_memory_used_bytes "));
        let used = used.and_then(|used| used.parse::<u64>().ok()).unwrap_or_else(|| panic!("nothing in {metrics}"));
        if is_enough(used / TENTH) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "still {used} bytes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn large(id: &str) -> String {
    with_attributes(id, &json!({"amount": "1.00", "blob": "x".repeat(900 << 10)})).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_and_finds_no_room_is_refused_and_what_is_small_is_served() {
    let service = start().await;
    service.post(large("before")).await.expect_status(201);
    // What was announced takes no room, only what has come.
    let announced = [hold(&service, LARGE, 1000).await, hold(&service, LARGE, 1000).await];
    let held = hold(&service, LARGE + 1, LARGE).await;
    until_used(&service, |tenths| tenths >= 5).await;
    for client in [reqwest::Client::new(), reqwest::Client::builder().http2_prior_knowledge().build().unwrap()] {
        let client = service.over(client);
        let problem = client.post(large("refused")).await.expect_problem(503, "unavailable");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("Nothing was done")), "{problem:#}");
        client.get("/v1/payments/refused").await.expect_problem(404, "payment-not-found");
    }
    service.create("small").await;
    service.get("/v1/payments/small").await.expect_status(200);
    let metrics = service.send("GET", "/metrics", &[], "").await;
    assert!(metrics.text().contains("http_memory_refused_total{holder=\"request\"} 2"), "{metrics}");
    drop((held, announced));
    until_used(&service, |tenths| tenths == 0).await;
    service.post(large("after")).await.expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_hardly_arrives_gives_up_its_room_when_that_is_short() {
    let service = start().await;
    service.post(large("large")).await.expect_status(201);
    until_used(&service, |tenths| tenths == 0).await;
    // A response that is not read makes the budget short. With a second slow body instead, the first to be refused would save
    // the other.
    let client = with_small_window();
    let _unread = client.get(format!("{}/v1/payments/large", service.url)).send().await.unwrap();
    let mut held = hold(&service, LARGE, LARGE - 1).await;
    until_used(&service, |tenths| tenths >= 7).await;
    // The body has 10 s to bring something. Without the rule it would have a minute.
    let mut said = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(45), held.stream.read_to_end(&mut said)).await;
    let said = String::from_utf8_lossy(&said);
    assert!(closed.is_ok(), "the body keeps its room: {said}");
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("Nothing was done"), "{said}");
}

/// A client that has the head of a response and hardly any of its body.
fn with_small_window() -> reqwest::Client {
    let clients = reqwest::Client::builder().http2_prior_knowledge().http2_initial_stream_window_size(1 << 10);
    clients.build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_holds_its_room_until_it_was_read() {
    let service = start().await;
    service.post(large("large")).await.expect_status(201);
    let client = with_small_window();
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(client.get(format!("{}/v1/payments/large", service.url)).send().await.unwrap());
    }
    assert_eq!(held.iter().filter(|answer| answer.status() == 200).count(), 3);
    service.get("/v1/payments/large").await.expect_problem(503, "unavailable");
    drop(held);
    until_used(&service, |tenths| tenths == 0).await;
    service.get("/v1/payments/large").await.expect_status(200);
}
