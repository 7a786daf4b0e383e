//! Nothing of the contract is left out: neither by the client, nor by the tests beside this one.

use std::collections::BTreeSet;

use client_tests::{Service, json_answer};
use payments_client::{
    Response,
    models::{
        DeprecationList, EventList, Health, JsonPatch, MergePatch, PaymentHistory, PaymentList, PaymentRequest,
        PaymentResponse, PaymentVersionResponse, Problem, RepoResponse, ResourceMetadata,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

#[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
fn contract() -> Value {
    serde_json::from_str(include_str!("../../../generated/server/openapi.json")).expect("the contract is JSON")
}

/// Every value within `value`, itself included.
fn within(value: &Value) -> Vec<&Value> {
    let mut found = vec![value];
    match value {
        Value::Object(object) => found.extend(object.values().flat_map(within)),
        Value::Array(array) => found.extend(array.iter().flat_map(within)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

fn snake_case(name: &str) -> String {
    let split =
        |letter: char| if letter.is_uppercase() { vec!['_', letter.to_ascii_lowercase()] } else { vec![letter] };
    name.chars().flat_map(split).collect()
}

#[test]
fn every_operation_has_a_test() {
    let contract = contract();
    let operations = within(&contract).into_iter().filter_map(|value| value.get("operationId")?.as_str());
    let (tested, missing): (Vec<_>, Vec<_>) =
        operations.partition(|name| include_str!("requests.rs").contains(&format!(".{}(", snake_case(name))));
    assert!(missing.is_empty() && !tested.is_empty(), "no test in requests.rs calls {missing:?}");
}

#[tokio::test]
async fn every_header_has_an_accessor() {
    type Accessor = fn(&Response<Health>) -> bool;
    let accessors: [(&str, Accessor); 12] = [
        ("Accept", |answer| answer.accept().is_some()),
        ("Accept-Patch", |answer| answer.accept_patch().is_some()),
        ("Cache-Control", |answer| answer.cache_control().is_some()),
        ("Content-Version", |answer| answer.content_version().is_some()),
        ("ETag", |answer| answer.etag().is_some()),
        ("Location", |answer| answer.location().is_some()),
        ("RateLimit", |answer| answer.rate_limit().is_some()),
        ("RateLimit-Policy", |answer| answer.rate_limit_policy().is_some()),
        ("Retry-After", |answer| answer.retry_after().is_some()),
        ("Vary", |answer| answer.vary().is_some()),
        ("WWW-Authenticate", |answer| answer.www_authenticate().is_some()),
        ("X-Request-Id", |answer| answer.request_id().is_some()),
    ];
    let contract = contract();
    let answers = within(&contract["paths"]).into_iter().chain(within(&contract["components"]["responses"]));
    let declared = answers.filter_map(|answer| answer.get("headers")?.as_object()).flat_map(|headers| headers.keys());
    // Proxies read it, not clients.
    let declared = declared.filter(|name| *name != "X-Accel-Buffering");
    let missing: BTreeSet<_> = declared.filter(|name| !accessors.iter().any(|(known, _)| known == name)).collect();
    assert!(
        missing.is_empty(),
        "write an accessor of {missing:?} in openapi/runtime/client/src/response.rs, and name it here"
    );

    for (name, has) in accessors {
        let answer = json_answer(200, r#"{"status":"up"}"#);
        let service = Service::answering(answer.clone().insert_header(name, "1")).await;
        assert!(has(&service.client().get_alive().send().await.unwrap()), "{name}");
        let service = Service::answering(answer).await;
        assert!(!has(&service.client().get_alive().send().await.unwrap()), "{name}");
    }
}

#[track_caller]
#[expect(clippy::expect_used, clippy::panic, reason = "this is an assertion")]
fn survives<T: DeserializeOwned + Serialize>(example: &Value) {
    match serde_json::from_str::<T>(&example.to_string()) {
        Ok(model) => assert_eq!(serde_json::to_value(&model).expect("a model is JSON"), *example),
        Err(fault) => panic!("{}: {fault}: {example}", std::any::type_name::<T>()),
    }
}

#[test]
fn every_example_is_read_and_written_without_loss() {
    let contract = contract();
    let mut seen = BTreeSet::new();
    for body in within(&contract) {
        let (Some(schema), Some(examples)) = (body["schema"]["$ref"].as_str(), body["examples"].as_object()) else {
            continue;
        };
        for example in examples.values() {
            let shared = example["$ref"].as_str().and_then(|place| contract.pointer(place.trim_start_matches('#')));
            let value = &shared.unwrap_or(example)["value"];
            let name = schema.trim_start_matches("#/components/schemas/");
            match name {
                "DeprecationList" => survives::<DeprecationList>(value),
                "EventList" => survives::<EventList>(value),
                "Health" => survives::<Health>(value),
                "JsonPatch" => survives::<JsonPatch>(value),
                "MergePatch" => survives::<MergePatch>(value),
                "PaymentHistory" => survives::<PaymentHistory>(value),
                "PaymentList" => survives::<PaymentList>(value),
                "PaymentRequest" => survives::<PaymentRequest>(value),
                "PaymentResponse" => survives::<PaymentResponse>(value),
                "PaymentVersionResponse" => survives::<PaymentVersionResponse>(value),
                "Problem" => survives::<Problem>(value),
                "RepoResponse" => survives::<RepoResponse>(value),
                "ResourceMetadata" => survives::<ResourceMetadata>(value),
                other => panic!("say here which model reads {other}"),
            }
            seen.insert(name);
        }
    }
    assert_eq!(seen.len(), 13, "{seen:?}");
}
