//! Requests that must be refused. Each leaves the store as it was, and never is it our fault.

use serde_json::{Value, json};
use test_support::{JSON, Service, payment, with_attributes};

#[tokio::test]
async fn amounts_that_are_none() {
    let service = Service::start().await;
    for amount in [
        json!("0"),
        json!("0.00"),
        json!("-1"),
        json!("+1"),
        json!("1e3"),
        json!("NaN"),
        json!(""),
        json!(" 1"),
        json!(".5"),
        json!("１００"),
        json!("1".repeat(40)),
        json!("1.12345678901"),
        json!(100.21),
        json!(100),
        json!(null),
        json!(["1"]),
    ] {
        let body = with_attributes("p-1", &json!({"amount": amount}));
        service.post(body).await.expect_faults(&["/data/attributes/amount"]);
    }
    service.post(with_attributes("p-1", &json!({}))).await.expect_faults(&["/data/attributes/amount"]);
    assert_eq!(service.counts().await, (0, 0));
}

#[tokio::test]
async fn a_second_amount_that_would_hide_the_first() {
    let service = Service::start().await;
    for attributes in [r#"{"amount":"1","amount":"-5"}"#, r#"{"amount":"1","am\u006funt":"2"}"#] {
        let body = format!(r#"{{"data":{{"type":"Payment","organisation_id":"acme","attributes":{attributes}}}}}"#);
        service.post(body).await.expect_faults(&["/data/attributes/amount"]);
    }
    let twice =
        r#"{"data":{"type":"Payment","organisation_id":"a","organisation_id":"b","attributes":{"amount":"1"}}}"#;
    service.post(twice).await.expect_faults(&["/data/organisation_id"]);
}

#[tokio::test]
async fn ids_that_cannot_stand_in_a_path() {
    let service = Service::start().await;
    for id in ["", " ", "a b", "a/b", "a?b", "a#b", "a%20b", "💰", "é", "a\nb", "a\0b", ".", "..", &"x".repeat(65)] {
        service.post(payment(id)).await.expect_faults(&["/data/id"]);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once() {
    let service = Service::start().await;
    let body = json!({
        "data": {
            "id": "a b",
            "type": "Refund",
            "version": -1,
            "organisation_id": "  ",
            "attributes": {"amount": "0"},
            "created_on": "yesterday",
            "a/b~c": 1,
        },
        "meta": {},
    });
    service.post(body).await.expect_faults(&[
        "/data/id",
        "/data/type",
        "/data/version",
        "/data/organisation_id",
        "/data/attributes/amount",
        "/data/created_on",
        "/data/a~1b~0c",
        "/meta",
    ]);
}

#[tokio::test]
async fn values_of_the_wrong_type_and_missing_ones() {
    let service = Service::start().await;
    let replaced = |pointer: &str, value: Value| {
        let mut body = payment("p-1");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (pointer, value) in [
        ("/data", json!(null)),
        ("/data", json!([])),
        ("/data/id", json!(7)),
        ("/data/id", json!(null)),
        ("/data/type", json!("payment")),
        ("/data/version", json!("0")),
        ("/data/version", json!(1.5)),
        ("/data/version", json!(1e300)),
        ("/data/organisation_id", json!("x".repeat(65))),
        ("/data/organisation_id", json!("a\u{0}b")),
        ("/data/organisation_id", json!({})),
        ("/data/attributes", json!("{}")),
        ("/data/attributes", json!([])),
    ] {
        service.post(replaced(pointer, value)).await.expect_faults(&[pointer]);
    }
    service.post("{}").await.expect_faults(&["/data"]);
    service.post(r#"{"data":{}}"#).await.expect_faults(&["/data/type", "/data/organisation_id", "/data/attributes"]);
}

#[tokio::test]
async fn what_is_not_json() {
    let service = Service::start().await;
    let whole = payment("p-1").to_string();
    for end in 0..whole.len() {
        service.post(&whole[..end]).await.expect_faults(&[""]);
    }
    for body in ["nope", "[]", "\"\"", "7", "{\"data\":}", "{'data':1}", "{\"data\":1}{}", "\u{feff}{}"] {
        service.post(body).await.expect_faults(&[""]);
    }
    for bytes in [&b"{\"data\":\"\xff\"}"[..], b"\xff\xfe", b"{\"\xc3\x28\":1}"] {
        service.send("POST", "/v1/payments", &[JSON], bytes).await.expect_faults(&[""]);
    }
    assert_eq!(service.counts().await, (0, 0));
}

#[tokio::test]
async fn text_that_is_half_of_a_character() {
    let service = Service::start().await;
    for (member, pointer) in [
        (r#""organisation_id":"\ud800","attributes":{"amount":"1"}"#, "/data/organisation_id"),
        (r#""organisation_id":"a","attributes":{"amount":"1","x":"\udc00"}"#, "/data/attributes"),
        (r#""organisation_id":"a","attributes":{"amount":"\ud800"}"#, "/data/attributes"),
        (r#""organisation_id":"a","attributes":{"amount":"1"},"\ud800":1"#, "/data"),
    ] {
        service.post(format!(r#"{{"data":{{"type":"Payment",{member}}}}}"#)).await.expect_faults(&[pointer]);
    }
}

#[tokio::test]
async fn nesting_without_end() {
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
async fn more_faults_than_anyone_wants_to_read() {
    let service = Service::start().await;
    let members: Vec<String> = (0..10_000).map(|n| format!("\"k{n}\":0")).collect();
    let problem = service.post(format!("{{{}}}", members.join(","))).await.expect_problem(400, "invalid-request");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(32));
}

#[tokio::test]
async fn bodies_that_are_too_large() {
    let service = Service::start().await;
    let large = with_attributes("p-1", &json!({"amount": "1", "padding": "x".repeat(2 << 20)}));
    service.post(&large).await.expect_problem(413, "body-too-large");
    service.put("p-1", &large).await.expect_problem(413, "body-too-large");
    let patch = [("content-type", "application/merge-patch+json")];
    service.send("PATCH", "/v1/payments/p-1", &patch, large.to_string()).await.expect_problem(413, "body-too-large");
    let fits = with_attributes("p-1", &json!({"amount": "1", "padding": "x".repeat((1 << 20) - 200)}));
    service.post(&fits).await.expect_status(201);
    let small = Service::start_with(&["--max-body", "100"]).await;
    small.post(payment("p-1")).await.expect_problem(413, "body-too-large");
}

#[tokio::test]
async fn media_types_that_are_not_json() {
    let service = Service::start().await;
    let body = payment("p-1").to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "", ";", "é"]
    {
        let answer = service.send("POST", "/v1/payments", &[("content-type", content_type)], body.clone()).await;
        assert_eq!(answer.header("accept"), "application/json");
        answer.expect_problem(415, "unsupported-media-type");
    }
    service.send("POST", "/v1/payments", &[], body.clone()).await.expect_problem(415, "unsupported-media-type");
    let encoded = [JSON, ("content-encoding", "gzip")];
    let answer = service.send("POST", "/v1/payments", &encoded, body.clone()).await;
    assert_eq!((answer.header("accept"), answer.header("accept-encoding")), ("application/json", "identity"));
    answer.expect_problem(415, "unsupported-media-type");
    let charset = [("content-type", "Application/JSON; charset=utf-8")];
    service.send("POST", "/v1/payments", &charset, body).await.expect_status(201);
}

#[tokio::test]
async fn a_key_that_stands_twice_is_named_as_such_however_many_there_are() {
    let service = Service::start().await;
    for others in [0, 20] {
        let others: String = (0..others).map(|number| format!(r#""x{number}": 1, "#)).collect();
        let body = format!(
            r#"{{"data": {{{others}"type": "Payment", "organisation_id": "a", "organisation_id": "b",
                "attributes": {{"amount": "1"}}}}}}"#
        );
        let answer = service.post(body).await;
        let said = r#"{"pointer":"/data/organisation_id","detail":"stands twice in the same object; keep one"}"#;
        assert!(answer.text().contains(said), "expected {said}, got {answer}");
        answer.expect_problem(400, "invalid-request");
    }
}
