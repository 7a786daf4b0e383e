//! The metrics of requests, as `/metrics` shows them.

use std::collections::BTreeMap;
use test_support::Service;

/// The samples of `/metrics`, by name and labels.
async fn samples(service: &Service) -> BTreeMap<String, f64> {
    let answer = service.send("GET", "/metrics", &[], "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    let samples = answer.text().lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line} is no sample"));
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line} has no number")))
        })
        .collect()
}

#[tokio::test]
async fn requests_and_calls_are_counted_by_what_became_of_them() {
    let service = Service::start_with(&["--metrics"]).await;
    service.create("p-1").await;
    service.get("/v1/payments/p-1").await.expect_status(200);
    service.get("/v1/payments/p-2").await.expect_problem(404, "payment-not-found");
    service.post(test_support::payment("p-1")).await.expect_problem(409, "payment-exists");
    service.get("/no/such/path").await.expect_problem(404, "path-not-found");
    service.send("BREW", "/v1/payments", &[], "").await.expect_problem(405, "method-not-allowed");
    let samples = samples(&service).await;
    for (sample, value) in [
        (r#"http_requests_total{method="POST",route="/v1/payments",status="201"}"#, 1.0),
        (r#"http_requests_total{method="POST",route="/v1/payments",status="409"}"#, 1.0),
        (r#"http_requests_total{method="GET",route="/v1/payments/{id}",status="200"}"#, 1.0),
        (r#"http_requests_total{method="GET",route="/v1/payments/{id}",status="404"}"#, 1.0),
        (r#"http_requests_total{method="GET",route="-",status="404"}"#, 1.0),
        (r#"http_requests_total{method="other",route="-",status="405"}"#, 1.0),
        (r#"http_request_duration_seconds_count{method="GET",route="/v1/payments/{id}"}"#, 2.0),
        (r#"http_request_duration_seconds_bucket{method="GET",route="/v1/payments/{id}",le="+Inf"}"#, 2.0),
        ("http_requests_in_flight", 1.0),
        ("http_requests_abandoned_total", 0.0),
        ("http_request_body_bytes_count", 2.0),
        ("http_response_body_bytes_count", 6.0),
        (r#"payments_repo_calls_total{operation="create",outcome="ok"}"#, 1.0),
        (r#"payments_repo_calls_total{operation="create",outcome="already_exists"}"#, 1.0),
        (r#"payments_repo_calls_total{operation="fetch",outcome="not_found"}"#, 1.0),
        (r#"payments_repo_call_duration_seconds_count{operation="fetch"}"#, 2.0),
        (r#"payments_repo_circuit_state{circuit="fetches",state="closed"}"#, 1.0),
        (r#"payments_repo_circuit_state{circuit="lists",state="closed"}"#, 1.0),
        (r#"payments_repo_circuit_state{circuit="writes",state="open"}"#, 0.0),
    ] {
        assert_eq!(samples.get(sample), Some(&value), "{sample} in {samples:#?}");
    }
    for sample in ["process_resident_memory_bytes", "process_open_fds", "tokio_workers", "tokio_alive_tasks"] {
        assert!(samples.get(sample).is_some_and(|value| *value > 0.0), "{sample} in {samples:#?}");
    }
}

#[tokio::test]
async fn who_is_over_the_limit_is_counted() {
    let service = Service::start_with(&["--metrics", "--limit", "1-D"]).await;
    service.get("/v1/payments").await.expect_status(200);
    service.get("/v1/payments").await.expect_problem(429, "too-many-requests");
    service.get("/v1/payments").await.expect_problem(429, "too-many-requests");
    assert_eq!(samples(&service).await.get("http_requests_rate_limited_total"), Some(&2.0));
}

#[tokio::test]
async fn uses_of_what_is_deprecated_are_counted_by_client() {
    let service = Service::start_with(&["--metrics", "--api-version", "v3"]).await;
    let sample = |client: &str| {
        format!(r#"http_deprecated_uses_total{{client="{client}",element="listPayments.to",version="2026-11-28"}}"#)
    };
    assert_eq!(samples(&service).await.get(&sample("other")), Some(&0.0), "there before the first use");
    let agent = |agent| [("user-agent", agent)];
    service.send("GET", "/v3/payments?to=1", &agent("till/1.0 (shop)"), "").await.expect_status(200);
    service.send("GET", "/v3/payments?to=0", &agent("till/2.0"), "").await.expect_problem(400, "invalid-request");
    service.send("GET", "/v3/payments?size=1", &agent("till/2.0"), "").await.expect_status(200);
    service.get("/v3/payments?to=1").await.expect_status(200);
    let samples = samples(&service).await;
    for (client, uses) in [("till", 2.0), ("unknown", 1.0), ("other", 0.0)] {
        assert_eq!(samples.get(&sample(client)), Some(&uses), "{client} in {samples:#?}");
    }
}
