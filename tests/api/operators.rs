//! Two listeners: what is for operators is served at an address of its own.

use std::time::{Duration, Instant};
use test_support::{Client, Connection, Service};

const FLAGS: [&str; 5] = ["--admin", "--metrics", "--profiling", "--operator-listen", "127.0.0.1:0"];

/// The status of a GET.
async fn status(client: &Client, path: &str) -> u16 {
    client.get(path).await.status
}

#[tokio::test]
async fn each_address_has_its_own_paths_and_knows_no_others() {
    let service = Service::start_with(&FLAGS).await;
    let operator = service.operator();
    for path in ["/v1/payments", "/openapi.yml", "/openapi.json", "/docs", "/docs/page.js"] {
        assert_eq!(status(&service, path).await, 200, "{path}");
        let refused = operator.get(path).await.expect_problem(404, "path-not-found");
        let detail = refused["detail"].as_str().expect("a problem has a detail");
        assert!(detail.contains("/admin, /metrics and /profiling") && !detail.contains("openapi"), "{detail}");
    }
    for (path, answer) in [("/admin/repo", 200), ("/metrics", 200), ("/profiling/cpu?seconds=0", 400)] {
        assert_eq!(status(&operator, path).await, answer, "{path}");
        service.get(path).await.expect_problem(404, "path-not-found");
    }
    for path in ["/alive", "/ready", "/health", "/problems/path-not-found"] {
        assert_eq!((status(&service, path).await, status(&operator, path).await), (200, 200), "{path}");
    }
    operator.get("/").await.expect_problem(404, "path-not-found");
    let page = operator.get("/problems/path-not-found").await;
    assert!(!page.text().contains("docs"), "the page leads to what is not served here: {page}");
    service.create("p-1").await;
    service.delete("/admin/repo").await.expect_problem(404, "path-not-found");
    operator.post(test_support::payment("p-2")).await.expect_problem(404, "path-not-found");
    assert_eq!(operator.counts().await, (1, 0));
    operator.delete("/admin/repo").await.expect_status(204);
    assert_eq!(operator.counts().await, (0, 0));
}

#[tokio::test]
async fn paths_for_operators_need_their_flags_there_too() {
    let service = Service::start_with(&["--operator-listen", "127.0.0.1:0"]).await;
    for path in ["/admin/repo", "/metrics", "/profiling/heap"] {
        service.operator().get(path).await.expect_problem(404, "path-not-found");
    }
    service.operator().get("/ready").await.expect_status(200);
}

#[tokio::test]
async fn the_metrics_count_requests_to_both() {
    let service = Service::start_with(&FLAGS).await;
    service.get("/v1/payments").await.expect_status(200);
    service.operator().get("/alive").await.expect_status(200);
    let metrics = service.operator().get("/metrics").await;
    for route in ["/v1/payments", "/alive"] {
        let sample = format!(r#"http_requests_total{{method="GET",route="{route}",status="200"}} 1"#);
        assert!(metrics.text().contains(&sample), "{sample} in {metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_announced_at_both() {
    // The drain lasts longer than the test.
    let service = Service::start_with(&[&FLAGS[..], &["--drain", "600"]].concat()).await;
    let clients = [Client::clone(&service), service.operator()];
    let stopping = tokio::spawn(service.stop());
    let began = Instant::now();
    for client in &clients {
        while client.get("/ready").await.status == 200 {
            assert!(began.elapsed() < Duration::from_secs(60), "still ready");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        client.get("/alive").await.expect_status(200).expect_header("connection", "close");
    }
    stopping.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_drains_both() {
    let service = Service::start_with(&[&FLAGS[..], &["--drain", "1"]].concat()).await;
    let clients = [Client::clone(&service), service.operator()];
    let mut begun = Connection::open(clients[1].address()).await;
    // Once a connection was accepted, what has come on it before the stop is served.
    begun.exchange("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("an answer");
    begun.send("GET /profiling/flamegraph?seconds=2 HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let stopping = tokio::spawn(service.stop());
    let (answer, _) = begun.closed().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "a request under way was cut off: {answer}");
    stopping.await.unwrap();
    for client in &clients {
        let answer = client.try_send("GET", "/alive", &[], "").await;
        assert!(answer.is_err(), "still served at {}: {answer:?}", client.url);
    }
}
