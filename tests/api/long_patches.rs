//! Patches that take long, because they have many operations on much.

use serde_json::{Value, json};
use test_support::{Answer, Service, with_attributes};

/// Starts a service with a payment that has a list of so many numbers.
async fn with_list(length: usize, flags: &[&str]) -> Service {
    let service = Service::start_with(flags).await;
    let numbers: Vec<_> = (0..length).map(|number| number % 10).collect();
    service.post(with_attributes("p-1", &json!({"amount": "1", "list": numbers}))).await.expect_status(201);
    service
}

/// Moves the first number of the list to its end, so many times.
async fn rotate(service: &Service, times: usize) -> Answer {
    let operation = json!({"op": "move", "from": "/data/attributes/list/0", "path": "/data/attributes/list/-"});
    let headers = [("content-type", "application/json-patch+json")];
    service.send("PATCH", "/v1/payments/p-1", &headers, json!(vec![operation; times]).to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn long_patches_of_one_payment_take_turns_and_none_is_applied_twice() {
    let service = with_list(1000, &["--metrics"]).await;
    for answer in futures_util::future::join_all((0..16).map(|_| rotate(&service, 1000))).await {
        answer.expect_status(200);
    }
    let metrics = service.get("/metrics").await;
    for (outcome, count) in [("ok", 16), ("version_conflict", 0)] {
        let sample = format!("payments_repo_calls_total{{operation=\"update\",outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.text().contains(&sample), "{sample} in {metrics}");
    }
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).json()["data"]["version"], 16);
}

#[tokio::test]
async fn a_patch_that_would_take_too_long_is_refused() {
    let service = with_list(100_000, &[]).await;
    let problem: Value = rotate(&service, 1000).await.expect_problem(422, "patch-not-applicable");
    let fault = &problem["errors"][0];
    assert!(fault["detail"].as_str().unwrap().contains("more than 16000000 values"), "{problem:#}");
    assert!(fault["pointer"].as_str().unwrap().ends_with("/path"), "{problem:#}");
    rotate(&service, 100).await.expect_status(200);
}
