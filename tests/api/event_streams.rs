//! Streams of events: what they show, what ends them, and what keeps them open.

use crate::{
    event_waits::until,
    events::{bearer, put, start, start_with_tokens, tell},
};
use serde_json::json;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use test_support::{Client, Connection, EventStream, JSON, Service, tokens};
use tokio::time::sleep;

async fn next_told(stream: &mut EventStream) -> String {
    tell(&stream.expect_event().await.data)
}

#[tokio::test]
async fn a_stream_shows_what_happened_and_what_happens() {
    let service = start(&[]).await;
    service.create("p-1").await;
    let mut all = EventStream::open(&service, "", &[]).await;
    let mut from_now = EventStream::open(&service, "?after=now", &[]).await;
    let mark = from_now.next().await.expect("a bookmark");
    assert_eq!((&*mark.event, &mark.data), ("bookmark", &json!({})));
    assert_eq!(next_told(&mut all).await, "payment.created p-1 0");
    put(&service, "p-1", 0).await;
    service.send("DELETE", "/v1/payments/p-1?version=1", &[], "").await.expect_status(204);
    for expected in ["payment.updated p-1 1", "payment.deleted p-1 2"] {
        assert_eq!(next_told(&mut all).await, expected);
        assert_eq!(next_told(&mut from_now).await, expected);
    }
    let page = service.get("/v1/events").await.expect_status(200).json();
    let mut again = EventStream::open(&service, "", &[]).await;
    for event in page["data"].as_array().unwrap() {
        assert_eq!(again.expect_event().await.data, *event, "a stream and a page show the same");
    }
}

#[tokio::test]
async fn a_stream_is_resumed_by_the_id_of_the_last_event_whatever_after_says() {
    let service = start(&[]).await;
    for id in ["p-1", "p-2", "p-3"] {
        service.create(id).await;
    }
    let mut first = EventStream::open(&service, "", &[]).await;
    let id = first.expect_event().await.id;
    for query in ["", "?after=now", "?after=garbage", &format!("?after={id}")] {
        let mut resumed = EventStream::open(&service, query, &[("last-event-id", &id)]).await;
        assert_eq!(next_told(&mut resumed).await, "payment.created p-2 0", "{query}");
    }
    let page = service.get(&format!("/v1/events?after={id}&size=1")).await.expect_status(200).json();
    assert_eq!(tell(&page["data"][0]), "payment.created p-2 0", "a cursor of a stream is one of pages");
}

#[tokio::test]
async fn a_stream_is_neither_stored_nor_compressed_nor_buffered() {
    let service = start(&["--compress", "--cors"]).await;
    for number in 0..50 {
        service.create(&format!("p-{number}")).await;
    }
    let headers = [("accept-encoding", "gzip, br, zstd"), ("origin", "https://shop.example")];
    let mut stream = EventStream::open(&service, "?content=full", &headers).await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("content-encoding", ""),
        ("x-accel-buffering", "no"),
        ("access-control-allow-origin", "*"),
        ("content-version", "2026-11-28"),
    ] {
        assert_eq!(stream.header(name), value, "{name}");
    }
    assert_eq!(stream.expect_event().await.data["data"]["payment"]["id"], "p-0");
    let preflight = [
        ("origin", "https://shop.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "last-event-id"),
    ];
    let allowed = service.send("OPTIONS", "/v1/events/stream", &preflight, "").await;
    assert!(allowed.header("access-control-allow-headers").contains("last-event-id"), "{allowed}");
}

#[tokio::test]
async fn the_data_of_an_event_is_one_line_however_its_payment_was_written() {
    let service = start(&[]).await;
    let body = "{\"data\":{\"id\":\"p-1\",\"type\":\"Payment\",\"organisation_id\":\"o\",\"attributes\":{\n\r\n\"amount\"\r:\n\"1.00\"}}}";
    service.send("POST", "/v1/payments", &[JSON], body).await.expect_status(201);
    let event = EventStream::open(&service, "?content=full", &[]).await.expect_event().await;
    assert_eq!(event.data["data"]["payment"]["attributes"], json!({"amount": "1.00"}));
}

#[tokio::test]
async fn a_bookmark_moves_on_past_what_is_filtered_out() {
    let service = start(&[]).await;
    // Starts before the timer of the server does.
    let began = Instant::now();
    let mut stream = EventStream::open(&service, "?filter[type]=payment.deleted", &[]).await;
    let first = stream.next().await.expect("a bookmark");
    service.create("p-1").await;
    let second = stream.next().await.expect("a bookmark");
    assert_eq!((&*first.event, &*second.event), ("bookmark", "bookmark"));
    // Clients give up a stream that is silent for 45 seconds.
    assert!((15.0..45.0).contains(&began.elapsed().as_secs_f64()), "{:?}", began.elapsed());
    assert_ne!(first.id, second.id, "the bookmark leads behind what was left out");
}

#[tokio::test]
async fn a_stream_ends_when_the_service_begins_to_stop() {
    // The drain lasts longer than the test, so that only the signal can end the stream.
    let service = start(&["--drain", "600"]).await;
    let mut stream = EventStream::open(&service, "", &[]).await;
    stream.next().await.expect("a bookmark");
    let stopping = tokio::spawn(service.stop());
    assert_eq!(stream.next().await, None);
    stopping.abort();
}

#[tokio::test]
async fn a_stream_does_not_delay_a_stop_and_is_not_cut() {
    let service = start(&["--drain", "1", "--metrics"]).await;
    let mut raw = Connection::open(service.address()).await;
    raw.send("GET /v1/events/stream HTTP/1.1\r\nhost: x\r\n\r\n").await;
    until(&service, "http_event_streams", 1).await;
    let began = Instant::now();
    let stopping = tokio::spawn(service.stop());
    let (text, _) = raw.closed().await;
    assert!(text.ends_with("\r\n0\r\n\r\n"), "it was cut: {text}");
    stopping.await.unwrap();
    // A stream that delayed the stop would do it for a minute, which is the grace of requests.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let service = start_with_tokens(&[]).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let token = tokens::token_with(&json!({"organisation_id": "o", "scope": "payments:read", "exp": now + 3}));
    let mut stream = EventStream::open(&service, "", &[("authorization", &format!("Bearer {token}"))]).await;
    stream.next().await.expect("a bookmark");
    assert_eq!(stream.next().await, None);
    // The stream ended before the next bookmark. It must not end before the token does.
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!(ended >= now as f64 + 2.5, "{}", ended - now as f64);
}

#[tokio::test]
async fn a_stream_that_has_nothing_to_show_is_not_idle_and_makes_no_room() {
    let service =
        start(&["--idle-timeout", "1", "--timeout", "5", "--max-connections", "2", "--max-client-connections", "2"])
            .await;
    let mut stream = EventStream::open(&service, "", &[]).await;
    stream.next().await.expect("a bookmark");
    // Each is a connection of its own, which the stream would have to make room for. In all they take longer than a request may.
    for _ in 0..4 {
        sleep(Duration::from_millis(1500)).await;
        Connection::open(service.address()).await.exchange("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await;
    }
    service.create("p-1").await;
    assert_eq!(next_told(&mut stream).await, "payment.created p-1 0");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_stream() {
    let service = Service::start_with(&["--metrics"]).await;
    let began = Instant::now();
    let stream = EventStream::open(&service, "", &[]).await;
    until(&service, "http_event_streams", 1).await;
    drop(stream);
    until(&service, "http_event_streams", 0).await;
    // After 15 s the service would notice by a bookmark that it cannot deliver.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn over_http2_many_streams_share_a_connection() {
    let service = start(&["--idle-timeout", "1", "--metrics"]).await;
    let pool = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut streams = Vec::new();
    for _ in 0..20 {
        let response = pool.get(format!("{}/v1/events/stream", service.url)).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_2));
        streams.push(response);
    }
    sleep(Duration::from_millis(2500)).await;
    service.create("p-1").await;
    for stream in &mut streams {
        let mut text = String::new();
        while !text.contains("payment.created") {
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
    drop(streams);
    // Opens a connection for each request: one that is kept may be closed, after a second, just when it is used.
    let one_by_one = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    until(&service.over(one_by_one), "http_event_streams", 0).await;
}

#[tokio::test]
async fn events_of_a_stream_are_counted_and_those_of_pages() {
    let service = start(&["--metrics"]).await;
    for id in ["p-1", "p-2"] {
        service.create(id).await;
    }
    let mut stream = EventStream::open(&service, "", &[]).await;
    stream.expect_event().await;
    service.get("/v1/events?size=1").await.expect_status(200);
    until(&service, "http_events_sent_total", 3).await;
}

#[tokio::test]
async fn head_opens_no_stream() {
    let service = start(&["--metrics"]).await;
    let answer = service.send("HEAD", "/v1/events/stream", &[], "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    until(&service, "http_event_streams", 0).await;
}

#[tokio::test]
async fn a_service_with_too_many_streams_refuses_the_next_and_serves_the_rest() {
    let service = start_with_tokens(&["--max-streams", "2"]).await;
    let open =
        async |organisation: &str| EventStream::open(&service, "", &[("authorization", &bearer(organisation))]).await;
    let (_one, _two) = (open("a").await, open("b").await);
    let ask = async |client: &Client, organisation: &str| {
        client.send("GET", "/v1/events/stream", &[("authorization", &bearer(organisation))], "").await
    };
    ask(&service, "a").await.expect_problem(429, "too-many-requests");
    ask(&service, "c").await.expect_problem(503, "unavailable");
    let list = service.send("GET", "/v1/payments", &[("authorization", &bearer("a"))], "").await;
    list.expect_status(200);
}
