use serde_json::json;
use test_support::{Answer, Service, fault_pointers};

const JSON_PATCH: &str = "application/json-patch+json";
const MERGE_PATCH: &str = "application/merge-patch+json";

async fn patch(service: &Service, media_type: &str, body: impl ToString) -> Answer {
    service.send("PATCH", "/v1/payments/p-1", &[("content-type", media_type)], body.to_string()).await
}

async fn patch_if(service: &Service, tag: &str, body: impl ToString) -> Answer {
    let headers = [("content-type", MERGE_PATCH), ("if-match", tag)];
    service.send("PATCH", "/v1/payments/p-1", &headers, body.to_string()).await
}

/// A service with one payment whose attributes are anything but usual.
async fn with_payment() -> Service {
    let service = Service::start().await;
    let attributes =
        r#"{"z":1.10,"amount":"100.21","n":123456789012345678901234567890,"s":"\u00e9","o":{"a":null,  "b":[1,2]}}"#;
    let data =
        format!(r#"{{"data":{{"id":"p-1","type":"Payment","organisation_id":"acme","attributes":{attributes}}}}}"#);
    service.post(data).await.expect_status(201);
    service
}

#[tokio::test]
async fn a_json_patch_changes_what_it_names_and_keeps_the_rest() {
    let service = with_payment().await;
    let operations = json!([
        {"op": "test", "path": "/data/attributes/z", "value": 1.1},
        {"op": "test", "path": "/data/version", "value": 0},
        {"op": "replace", "path": "/data/attributes/amount", "value": "7"},
        {"op": "add", "path": "/data/attributes/nothing", "value": null},
        {"op": "remove", "path": "/data/attributes/s"},
    ]);
    let answer = patch(&service, JSON_PATCH, operations).await.expect_status(200);
    assert_eq!(answer.header("etag"), "\"1\"");
    let expected = r#""attributes":{"z":1.10,"amount":"7","n":123456789012345678901234567890,"o":{"a":null,  "b":[1,2]},"nothing":null}"#;
    assert!(answer.text().contains(expected), "{answer}");
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).text(), answer.text());
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names_and_keeps_the_rest() {
    let service = with_payment().await;
    let changes =
        json!({"data": {"organisation_id": "other", "attributes": {"amount": "7", "s": null, "o": {"b": 3}}}});
    let answer = patch(&service, MERGE_PATCH, changes).await.expect_status(200);
    let expected = r#""attributes":{"z":1.10,"amount":"7","n":123456789012345678901234567890,"o":{"a":null,"b":3}}"#;
    assert!(answer.text().contains(expected), "{answer}");
    assert_eq!(answer.json()["data"]["organisation_id"], "other");
    assert_eq!(answer.json()["data"]["version"], 1);
}

#[tokio::test]
async fn a_test_that_does_not_hold_is_a_conflict_and_nothing_changes() {
    let service = with_payment().await;
    let operations = json!([
        {"op": "replace", "path": "/data/attributes/amount", "value": "7"},
        {"op": "test", "path": "/data/attributes/z", "value": "1.1"},
    ]);
    patch(&service, JSON_PATCH, operations).await.expect_problem(409, "patch-test-failed");
    assert_eq!(
        service.get("/v1/payments/p-1").await.expect_status(200).json()["data"]["attributes"]["amount"],
        "100.21"
    );
}

#[tokio::test]
async fn a_result_that_breaks_a_rule_is_unprocessable_and_names_every_fault() {
    let service = with_payment().await;
    let before = service.get("/v1/payments/p-1").await.expect_status(200).text().to_owned();
    for (changes, pointers) in [
        (json!({"data": {"attributes": {"amount": "0"}}}), vec!["/data/attributes/amount"]),
        (json!({"data": {"attributes": {"amount": null}}}), vec!["/data/attributes/amount"]),
        (json!({"data": {"attributes": null}}), vec!["/data/attributes"]),
        (json!({"data": {"colour": "red", "organisation_id": " "}}), vec!["/data/organisation_id", "/data/colour"]),
        (json!({"data": {"id": "p-2"}}), vec!["/data/id"]),
        (json!({"data": {"version": null}}), vec!["/data/version"]),
        (json!({"data": null}), vec!["/data"]),
    ] {
        let problem = patch(&service, MERGE_PATCH, &changes).await.expect_problem(422, "patch-not-applicable");
        assert_eq!(fault_pointers(&problem), pointers, "{changes}: {problem:#}");
    }
    let operations = json!([{"op": "remove", "path": "/data/attributes/missing"}]);
    patch(&service, JSON_PATCH, operations).await.expect_problem(422, "patch-not-applicable");
    assert_eq!(service.get("/v1/payments/p-1").await.expect_status(200).text(), before);
}

#[tokio::test]
async fn a_patch_that_is_none_is_a_bad_request() {
    let service = with_payment().await;
    for (media_type, body, pointers) in [
        (JSON_PATCH, "{}", vec![""]),
        (JSON_PATCH, "[", vec![""]),
        (JSON_PATCH, "", vec![""]),
        (JSON_PATCH, r#"[{"op":"jump","path":"/data"},{"path":7}]"#, vec!["/0/op", "/1/op", "/1/path"]),
        (JSON_PATCH, r#"[{"op":"add","path":"/data/attributes/x"}]"#, vec!["/0/value"]),
        (JSON_PATCH, r#"[{"op":"move","path":"/data/attributes/x"}]"#, vec!["/0/from"]),
        (JSON_PATCH, r#"[{"op":"remove","path":"data"}]"#, vec!["/0/path"]),
        (MERGE_PATCH, "[]", vec![""]),
        (MERGE_PATCH, "null", vec![""]),
        (MERGE_PATCH, "{", vec![""]),
    ] {
        patch(&service, media_type, body).await.expect_faults(&pointers);
    }
    let many = format!("[{}]", vec![r#"{"op":"test","path":"/data/version","value":0}"#; 1001].join(","));
    patch(&service, JSON_PATCH, many).await.expect_faults(&[""]);
}

#[tokio::test]
async fn the_version_that_the_patch_names_must_be_current() {
    let service = with_payment().await;
    patch(&service, MERGE_PATCH, json!({"data": {"version": 1}})).await.expect_problem(409, "version-conflict");
    patch_if(&service, "\"1\"", json!({})).await.expect_problem(412, "precondition-failed");
    patch_if(&service, "0", json!({})).await.expect_faults(&["/header/If-Match"]);
    patch_if(&service, "\"0\"", json!({"data": {"version": 0}})).await.expect_status(200);
    patch_if(&service, "*", json!({})).await.expect_status(200);
    service.delete("/v1/payments/p-1?version=2").await.expect_status(204);
    patch_if(&service, "*", json!({})).await.expect_problem(404, "payment-not-found");
}

#[tokio::test]
async fn another_media_type_is_told_which_would_do() {
    let service = with_payment().await;
    for media_type in ["application/json", "application/vnd.api+json", "text/plain"] {
        let answer = patch(&service, media_type, "{}").await;
        assert_eq!(answer.header("accept-patch"), "application/json-patch+json, application/merge-patch+json");
        answer.expect_problem(415, "unsupported-media-type");
    }
}

#[tokio::test]
async fn racing_patches_of_different_parts_all_succeed() {
    let service = with_payment().await;
    let patches = (0..30).map(|n| patch(&service, MERGE_PATCH, json!({"data": {"attributes": {format!("k{n}"): n}}})));
    for answer in futures_util::future::join_all(patches).await {
        answer.expect_status(200);
    }
    let payment = service.get("/v1/payments/p-1").await.expect_status(200).json();
    assert_eq!(payment["data"]["version"], 30);
    for n in 0..30 {
        assert_eq!(payment["data"]["attributes"][format!("k{n}")], n, "{payment:#}");
    }
}

#[tokio::test]
async fn a_patch_cannot_blow_the_payment_up() {
    let service = with_payment().await;
    let copy = json!({"op": "copy", "from": "/data/attributes", "path": "/data/attributes/again"});
    patch(&service, JSON_PATCH, json!(vec![copy; 100])).await.expect_problem(422, "patch-not-applicable");
    let deep = format!(r#"{{"data":{{"attributes":{{"deep":{}{}}}}}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    patch(&service, MERGE_PATCH, deep).await.expect_problem(422, "patch-not-applicable");
}
