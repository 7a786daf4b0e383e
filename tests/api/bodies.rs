//! Bodies that a feature cannot write down: cut off, nested or repeated without end, with white space that a table hides.

use serde_json::json;
use test_support::{Answer, Service, payment};

const JSON_PATCH: &str = "application/json-patch+json";
const MERGE_PATCH: &str = "application/merge-patch+json";

async fn patch(service: &Service, media_type: &str, body: String) -> Answer {
    service.send("PATCH", "/v1/payments/p-1", &[("content-type", media_type)], body).await
}

#[tokio::test]
async fn every_beginning_of_a_body_is_refused() {
    let service = Service::start().await;
    let whole = payment("p-1").to_string();
    for end in 0..whole.len() {
        service.post(&whole[..end]).await.expect_faults(&[""]);
    }
    assert_eq!(service.counts().await, (0, 0));
}

#[tokio::test]
async fn nesting_without_end_is_refused() {
    let service = Service::start().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for deep in [&deep, &objects] {
        let attributes = format!(
            r#"{{"data":{{"type":"Payment","organisation_id":"a","attributes":{{"amount":"1","deep":{deep}}}}}}}"#
        );
        service.post(attributes).await.expect_faults(&["/data/attributes"]);
        service.post(format!(r#"{{"data":{deep}}}"#)).await.expect_problem(400, "invalid-request");
    }
    service.post(&deep).await.expect_faults(&[""]);
}

#[tokio::test]
async fn of_ten_thousand_faults_the_first_32_are_named() {
    let service = Service::start().await;
    let members: Vec<String> = (0..10_000).map(|n| format!("\"k{n}\":0")).collect();
    let problem = service.post(format!("{{{}}}", members.join(","))).await.expect_problem(400, "invalid-request");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(32));
}

/// A table of a feature would show no tab and no carriage return.
#[tokio::test]
async fn attributes_keep_their_white_space() {
    let service = Service::start().await;
    let attributes = "{ \"z\" :\t1.10,\r\n \"amount\" : \"100.21\",\t\"a\":[\n\t] }";
    let body =
        format!(r#"{{"data":{{"type":"Payment","id":"p-1","organisation_id":"acme","attributes":{attributes}}}}}"#);
    let expected = format!("\"attributes\":{attributes}");
    for answer in [
        service.post(body).await.expect_status(201),
        service.get("/v1/payments/p-1").await.expect_status(200),
        service.get("/v1/payments").await.expect_status(200),
    ] {
        assert!(answer.text().contains(&expected), "{expected} is not in {answer}");
    }
}

#[tokio::test]
async fn a_patch_that_grows_the_payment_without_end_is_refused() {
    let service = Service::start().await;
    service.create("p-1").await;
    let copy = json!({"op": "copy", "from": "/data/attributes", "path": "/data/attributes/again"});
    let copies = json!(vec![copy; 100]).to_string();
    patch(&service, JSON_PATCH, copies).await.expect_problem(422, "patch-not-applicable");
    let deep = format!(r#"{{"data":{{"attributes":{{"deep":{}{}}}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    patch(&service, MERGE_PATCH, deep).await.expect_problem(422, "patch-not-applicable");
    let many = format!("[{}]", vec![r#"{"op":"test","path":"/data/version","value":0}"#; 1001].join(","));
    patch(&service, JSON_PATCH, many).await.expect_faults(&[""]);
}
