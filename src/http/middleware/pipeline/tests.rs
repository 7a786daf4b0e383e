use super::{Arrival, Error, HttpMetrics, Limits, Pipeline, Reserved};
use crate::http::middleware::Refused;
use crate::{
    http::{Audience, MemoryBudget, Service, Settings, Site, Sources},
    repo::{Sqlite, SqliteOptions},
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, Version},
    response::Response,
    routing::get,
};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn pipeline() -> Pipeline {
    let router = Router::new()
        .route("/v1/well", get(async || "well"))
        .route("/health", get(async || "up"))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_secs(3600)).await))
        .route("/broken", get(async || -> &'static str { panic!("it broke") }));
    Pipeline::new(router, "v1", Limits { rate: None, timeout: Duration::from_secs(60), trusted_proxies: Vec::new() })
}

fn arrival(refused: Option<fn() -> Error>) -> Arrival {
    Arrival { peer: CLIENT, refused: refused.map(Refused::Busy), reserved: Reserved::default() }
}

async fn send(pipeline: &Pipeline, request: Request) -> Response {
    let mut started = pipeline.start(request, arrival(None));
    pipeline.finish(&mut started).await
}

async fn get_text(pipeline: &Pipeline, path: &str) -> (u16, HeaderMap, String) {
    let request = Request::builder().uri(path).header("x-request-id", "r-1").body(Body::empty()).unwrap();
    let (head, body) = send(pipeline, request).await.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    assert_eq!(head.headers["x-request-id"], "r-1", "{path}");
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_exceeds_its_deadline_gets_a_503() {
    let (status, headers, body) = get_text(&pipeline(), "/slow").await;
    assert_eq!((status, &headers["retry-after"]), (503, &"1".parse().unwrap()));
    assert!(body.contains("longer than 60 s") && body.contains(r#""request_id":"r-1""#), "{body}");
}

#[tokio::test]
async fn a_panic_becomes_a_500_and_the_next_request_is_served() {
    let pipeline = pipeline();
    let (status, headers, body) = get_text(&pipeline, "/broken").await;
    assert_eq!((status, &headers["content-type"]), (500, &"application/problem+json".parse().unwrap()));
    assert!(!body.contains("it broke"), "internals in {body}");
    assert_eq!(get_text(&pipeline, "/v1/well").await.0, 200);
}

#[tokio::test]
async fn the_log_line_of_a_panic_names_its_request() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    get_text(&pipeline(), "/broken").await;
    drop(guard);
    let log = lines.text();
    let line = log.lines().find(|line| line.contains("a handler panicked")).unwrap_or_else(|| panic!("{log}"));
    for part in [r#"request_id="r-1""#, r#"route="-""#, r#"panic="it broke""#] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

/// The lines that were logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn panics_timeouts_and_abandoned_requests_are_counted() {
    let registry = prometheus::Registry::new();
    let pipeline = pipeline().with_metrics(Some(Arc::new(HttpMetrics::register(&registry).unwrap())));
    get_text(&pipeline, "/broken").await;
    get_text(&pipeline, "/slow").await;
    let abandoned = tokio::time::timeout(Duration::from_secs(1), get_text(&pipeline, "/slow")).await;
    assert!(abandoned.is_err());
    // Abandoned before its handler was polled.
    drop(pipeline.start(Request::builder().uri("/slow").body(Body::empty()).unwrap(), arrival(None)));
    let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
    for sample in [
        "http_handler_panics_total 1",
        "http_requests_timed_out_total 1",
        "http_requests_abandoned_total 2",
        "http_requests_in_flight 0",
        r#"http_requests_total{method="GET",route="-",status="500"} 1"#,
        r#"http_requests_total{method="GET",route="-",status="503"} 1"#,
    ] {
        assert!(text.contains(sample), "{sample} in {text}");
    }
}

/// A pipeline to the operations of the contract, over an empty store.
async fn pipeline_to_operations(rate: &str) -> Pipeline {
    let store = Sqlite::open(SqliteOptions::default()).await.unwrap();
    let service = Service::new(store, Settings::for_tests(), Sources::default());
    let limits =
        Limits { rate: Some(rate.parse().unwrap()), timeout: Duration::from_secs(60), trusted_proxies: Vec::new() };
    Pipeline::new(Site::of(&service, Audience::Everyone), "v1", limits)
}

#[tokio::test]
async fn a_client_over_its_rate_limit_gets_a_429_with_retry_after() {
    let pipeline = pipeline_to_operations("2-M").await;
    let began = Instant::now();
    // The seconds that the test has taken shorten the wait.
    let assert_about = |found: &str, most: u64| {
        let least = most.saturating_sub(began.elapsed().as_secs());
        let seconds = found.parse::<u64>();
        assert!(seconds.as_ref().is_ok_and(|seconds| (least..=most).contains(seconds)), "{least}..={most}: {found}");
    };
    for (left, most) in [("\"client\";r=1;t=", 30), ("\"client\";r=0;t=", 60)] {
        let (status, headers, _) = get_text(&pipeline, "/v1/payments").await;
        let limit = headers["ratelimit"].to_str().unwrap();
        assert!(status == 200 && limit.starts_with(left), "{status}, {limit}");
        assert_about(&limit[left.len()..], most);
        assert_eq!(headers["ratelimit-policy"], "\"client\";q=2;w=60");
    }
    for path in ["/v1/payments", "/v1/payments/none"] {
        let (status, headers, body) = get_text(&pipeline, path).await;
        assert_eq!(status, 429, "{path}");
        assert_about(headers["retry-after"].to_str().unwrap(), 30);
        assert!(body.contains("/problems/too-many-requests"), "{body}");
    }
    let (status, headers, _) = get_text(&pipeline, "/health").await;
    assert_eq!((status, headers.get("ratelimit")), (200, None), "monitoring has no rate limit");
}

#[tokio::test]
async fn the_route_is_looked_up_before_the_limit_is_counted() {
    let pipeline = pipeline_to_operations("1-D").await;
    for _ in 0..3 {
        assert_eq!(get_text(&pipeline, "/v1/nowhere").await.0, 404);
        let wrong_method = Request::builder().method("DELETE").uri("/v1/payments").body(Body::empty()).unwrap();
        assert_eq!(send(&pipeline, wrong_method).await.status(), 405);
    }
    assert_eq!(get_text(&pipeline, "/v1/payments").await.0, 200, "what does not exist used up the limit");
    assert_eq!(get_text(&pipeline, "/v1/payments").await.0, 429);
    assert_eq!(get_text(&pipeline, "/v1/nowhere").await.0, 404);
}

#[tokio::test]
async fn pages_of_other_origins_reach_only_the_versioned_paths_and_the_contract() {
    let all = "*".parse().unwrap();
    let pipeline = pipeline().with_cors(Some(&all), &[]);
    for (path, is_shared) in [
        ("/v1/well", true),
        ("/v1/nowhere", true),
        ("/openapi.yml", true),
        ("/openapi.json", true),
        ("/health", false),
        ("/admin/repo", false),
        ("/v1", false),
        ("/v1x/well", false),
        ("//v1/well", false),
        ("/nowhere", false),
    ] {
        let request = |method| {
            let request = Request::builder().method(method).uri(path).header("origin", "https://shop.example");
            request.header("access-control-request-method", "DELETE").body(Body::empty()).unwrap()
        };
        for method in ["OPTIONS", "GET", "DELETE"] {
            let response = send(&pipeline, request(method)).await;
            let allowed = response.headers().contains_key("access-control-allow-origin");
            assert_eq!(allowed, is_shared, "{method} {path}: {response:?}");
            let is_preflight = response.headers().contains_key("access-control-allow-methods");
            assert_eq!(is_preflight, is_shared && method == "OPTIONS", "{method} {path}: {response:?}");
        }
    }
}

#[tokio::test]
async fn draining_sets_connection_close_in_http_1_and_not_in_http_2() {
    let pipeline = pipeline();
    let connection_header = async |version| {
        let request = Request::builder().uri("/v1/well").version(version).body(Body::empty()).unwrap();
        send(&pipeline, request).await.headers().get("connection").cloned()
    };
    assert_eq!(connection_header(Version::HTTP_11).await, None);
    pipeline.start_draining();
    assert_eq!(connection_header(Version::HTTP_11).await.unwrap(), "close");
    assert_eq!(connection_header(Version::HTTP_2).await, None);
}

#[tokio::test]
async fn a_connection_for_probes_gets_to_the_versioned_paths_with_no_request() {
    let pipeline = pipeline();
    for (path, status) in [("/health", 200), ("/v1/well", 503), ("/v1/well", 503)] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let mut started = pipeline.start(request, arrival(Some(|| Error::TooManyConnections)));
        let (head, body) = pipeline.finish(&mut started).await.into_parts();
        assert_eq!(head.status, status, "{path}");
        if status == 503 {
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!(head.headers["retry-after"], "1");
            assert!(body.contains("/problems/unavailable") && body.contains("Nothing was done"), "{body}");
        }
    }
}

#[tokio::test]
async fn a_response_that_finds_no_room_in_the_memory_budget_is_refused() {
    let memory = MemoryBudget::new(1 << 20, None).unwrap();
    let large = async || vec![b'x'; 100 << 10];
    let router = Router::new().route("/v1/large", get(large).post(large)).route("/large", get(large));
    let limits = Limits { rate: None, timeout: Duration::from_secs(60), trusted_proxies: Vec::new() };
    let pipeline = Pipeline::new(router, "v1", limits).with_memory_budget(Arc::clone(&memory));
    let ask = async |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let mut started = pipeline.start(request, arrival(None));
        let (head, body) = pipeline.finish(&mut started).await.into_parts();
        let text = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (head.status.as_u16(), String::from_utf8(text.to_vec()).unwrap(), started.take_permit())
    };
    let mut held = Vec::new();
    let refused = loop {
        match ask("GET", "/v1/large").await {
            (200, _, permit) => held.push(permit.unwrap()),
            (status, text, _) => break (status, text),
        }
    };
    assert_eq!(held.len(), 7, "of a mebibyte, three quarters are for what is large");
    assert_eq!(refused.0, 503);
    assert!(refused.1.contains("/problems/unavailable") && refused.1.contains("Nothing was done"), "{}", refused.1);
    let (status, text, _) = ask("POST", "/v1/large").await;
    assert!(status == 503 && text.contains("A change may have taken effect all the same"), "{text}");
    assert_eq!(ask("GET", "/large").await.0, 200, "monitoring is never refused");
    held.pop();
    assert_eq!(ask("GET", "/v1/large").await.0, 200);
}
