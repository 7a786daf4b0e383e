//! Requests that wait for events: how long they are held, what ends them, and what they cost others.

use crate::events::{bearer, path, put, start, start_with_tokens, told};
use serde_json::Value;
use std::time::{Duration, Instant};
use test_support::{Answer, Client, Connection, Service};
use tokio::task::JoinHandle;

/// Asks in a task of its own.
fn ask(client: &Client, path: &str) -> JoinHandle<Answer> {
    let (client, path) = (Client::clone(client), path.to_owned());
    tokio::spawn(async move { client.get(&path).await })
}

/// The value of a metric.
pub(crate) async fn metric(client: &Client, name: &str) -> u64 {
    let answer = client.get("/metrics").await;
    let line = answer.text().lines().find(|line| line.split(' ').next() == Some(name)).map(str::to_owned);
    let line = line.unwrap_or_else(|| panic!("there is no {name}"));
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{line} has no number"))
}

/// Waits until a metric has a value.
pub(crate) async fn until(client: &Client, name: &str, expected: u64) {
    let began = Instant::now();
    while metric(client, name).await != expected {
        assert!(began.elapsed() < Duration::from_secs(20), "{name} is not {expected}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The cursor of the end, as a query.
async fn end(client: &Client) -> String {
    let page = client.get("/v1/events?after=now").await.expect_status(200).json();
    path(&page["links"]["next"])
}

#[tokio::test]
async fn an_answer_without_events_is_held_until_there_is_one() {
    let service = start(&["--metrics"]).await;
    service.create("p-1").await;
    let next = end(&service).await;
    let (waiting, from_now) =
        (ask(&service, &format!("{next}&wait=20")), ask(&service, "/v1/events?after=now&wait=20"));
    until(&service, "http_event_waits", 2).await;
    service.create("p-2").await;
    for waiting in [waiting, from_now] {
        let page = waiting.await.unwrap();
        assert_eq!(told(&page), ["payment.created p-2 0"]);
        assert!(path(&page.json()["links"]["next"]).contains("wait=20"), "{page}");
    }
    until(&service, "http_event_waits", 0).await;
    let there = Instant::now();
    assert_eq!(told(&service.get("/v1/events?wait=20").await).len(), 2);
    assert!(there.elapsed() < Duration::from_secs(20), "what is there is not waited for");
}

#[tokio::test]
async fn a_wait_ends_after_its_time_with_an_empty_page_that_leads_on() {
    let service = start(&[]).await;
    service.create("p-1").await;
    let began = Instant::now();
    let page = service.get("/v1/events?after=now&wait=1").await;
    assert!((1.0..25.0).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
    assert_eq!(told(&page), Vec::<String>::new());
    let next = path(&page.json()["links"]["next"]);
    service.create("p-2").await;
    assert_eq!(told(&service.get(&next).await), ["payment.created p-2 0"]);
}

#[tokio::test]
async fn the_time_of_a_wait_is_none_that_the_request_took() {
    let service = start(&["--metrics"]).await;
    service.get("/v1/events?wait=12").await.expect_status(200);
    let quick = r#"http_request_duration_seconds_bucket{method="GET",route="/v1/events",le="10"}"#;
    assert_eq!(metric(&service, quick).await, 1, "alerts would say that the service is slow");
}

#[tokio::test]
async fn a_wait_is_not_cut_by_the_timeout_of_requests() {
    let service = start(&["--timeout", "5"]).await;
    let began = Instant::now();
    service.get("/v1/events?wait=8").await.expect_status(200);
    assert!(began.elapsed() >= Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test]
async fn news_of_what_is_filtered_out_end_no_wait_and_are_not_looked_at_again() {
    let service = start(&["--metrics"]).await;
    let waiting = ask(&service, "/v1/events?after=now&wait=20&filter[type]=payment.updated");
    until(&service, "http_event_waits", 1).await;
    service.create("p-1").await;
    service.create("p-2").await;
    put(&service, "p-2", 0).await;
    let page = waiting.await.unwrap();
    assert_eq!(told(&page), ["payment.updated p-2 1"]);
    let nothing = service.get(&path(&page.json()["links"]["next"]).replace("wait=20", "wait=0")).await;
    assert_eq!(told(&nothing), Vec::<String>::new());
}

#[tokio::test]
async fn a_wait_ends_when_the_service_stops() {
    // The drain lasts longer than the test, so that only the signal can end the wait.
    let service = start(&["--metrics", "--drain", "600"]).await;
    let waiting = ask(&service, "/v1/events?wait=30");
    until(&service, "http_event_waits", 1).await;
    let client = Client::clone(&service);
    let began = Instant::now();
    let stopping = tokio::spawn(service.stop());
    assert_eq!(told(&waiting.await.unwrap()), Vec::<String>::new());
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}: it was held until its time was over", began.elapsed());
    let again = Instant::now();
    assert_eq!(told(&client.get("/v1/events?wait=30").await), Vec::<String>::new());
    assert!(again.elapsed() > Duration::from_millis(500), "clients would ask without a pause");
    stopping.abort();
}

#[tokio::test]
async fn a_wait_does_not_delay_a_stop() {
    let service = start(&["--metrics", "--drain", "1"]).await;
    let waiting = ask(&service, "/v1/events?wait=30");
    until(&service, "http_event_waits", 1).await;
    let began = Instant::now();
    service.stop().await;
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(told(&waiting.await.unwrap()), Vec::<String>::new());
}

#[tokio::test]
async fn so_many_wait_and_no_more_and_others_go_on() {
    let service = start_with_tokens(&["--metrics", "--max-streams", "4"]).await;
    let ask_as = |organisation: &str, path: &'static str| {
        let (client, token) = (Client::clone(&service), bearer(organisation));
        tokio::spawn(async move { client.send("GET", path, &[("authorization", &token)], "").await })
    };
    let waiting: Vec<_> = ["a", "a", "b", "c"].map(|of| ask_as(of, "/v1/events?wait=30")).into();
    until(&service, "http_event_waits", 4).await;
    let own = ask_as("a", "/v1/events?wait=30").await.unwrap().expect_problem(429, "too-many-requests");
    assert!(own["detail"].as_str().unwrap().contains("which is 2"), "{own:#}");
    let other = ask_as("d", "/v1/events/stream").await.unwrap();
    assert_eq!(other.header("retry-after"), "1");
    other.expect_problem(503, "unavailable");
    ask_as("a", "/v1/events").await.unwrap().expect_status(200);
    waiting.iter().for_each(JoinHandle::abort);
    until(&service, "http_event_waits", 0).await;
    service.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_waits_no_longer() {
    let service = Service::start_with(&["--metrics"]).await;
    let mut connection = Connection::open(service.address()).await;
    connection.send("GET /v1/events?wait=30 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    until(&service, "http_event_waits", 1).await;
    drop(connection);
    until(&service, "http_event_waits", 0).await;
}

#[tokio::test]
async fn requests_that_wait_take_no_room_in_the_memory_budget() {
    let flags = ["--metrics", "--max-body", "256KiB", "--memory-budget", "1MiB", "--max-connections", "400"];
    let service = start(&flags).await;
    let mut waiting = Vec::new();
    for _ in 0..100 {
        let mut connection = Connection::open(service.address()).await;
        connection.send("GET /v1/events?wait=30 HTTP/1.1\r\nhost: x\r\n\r\n").await;
        waiting.push(connection);
    }
    until(&service, "http_event_waits", 100).await;
    assert_eq!(metric(&service, "http_memory_used_bytes").await, 0);
    service.create("p-1").await;
    for connection in &mut waiting {
        let answer = connection.exchange("").await.expect("an answer");
        let body: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!(body["data"][0]["data"]["payment_id"], "p-1", "{answer}");
    }
}
