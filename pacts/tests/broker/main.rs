//! Tests verification through a broker: the requests to the broker, the published results, and what makes it fail.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod mock_broker;

use mock_broker::{MockBroker, Publishing};
use pacts::{
    broker::{Broker, BrokerError, Revision, verify_and_publish},
    provider::Provider,
};
use serde_json::{Value, json};
use std::net::TcpListener;

/// A pact of two interactions, each with the `_id` that a broker adds. The first expects this status.
fn pact(consumer: &str, status: u16) -> Value {
    let read_interaction = |id: &str, description: &str, state: &str, status: u16| {
        json!({
            "_id": id,
            "type": "Synchronous/HTTP",
            "description": description,
            "providerStates": [{"name": state}],
            "request": {"method": "GET", "path": "/v1/payments/faster-payment"},
            "response": {"status": status},
        })
    };
    json!({
        "consumer": {"name": consumer},
        "provider": {"name": "payments"},
        "interactions": [
            read_interaction("1d", "reading a payment", "there is a payment", status),
            read_interaction("2d", "reading what is not there", "there are no payments", 404),
        ],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    })
}

/// The status that the service answers, and one that it does not.
const PASSES: u16 = 200;
const FAILS: u16 = 201;

/// Verifies through the broker at `url`; returns the errors and the printed text.
async fn verify_with(url: &str, credentials: &[(&str, &str)]) -> (Vec<BrokerError>, String) {
    let variables = [&[("PACT_BROKER_BASE_URL", url)], credentials].concat();
    let broker = Broker::from_env(lookup(&variables)).unwrap();
    let revision = Revision {
        version: "c0ffee".to_owned(),
        branch: "topic".to_owned(),
        build_url: Some("http://ci.example/7".to_owned()),
    };
    let provider = Provider::over_sqlite().await.unwrap();
    let mut printed = String::new();
    let result = verify_and_publish(&broker, &revision, &provider, |text| {
        printed.push_str(text);
        printed.push('\n');
    });
    (result.await.err().unwrap_or_default(), printed)
}

async fn verify(broker: &MockBroker) -> (Vec<BrokerError>, String) {
    verify_with(&broker.url(), &[("PACT_BROKER_TOKEN", "s3cret")]).await
}

fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

#[tokio::test]
async fn success_is_published() {
    let broker =
        MockBroker::selecting(&[(pact("shop", PASSES), false)], Publishing::Accepted, Publishing::Accepted).await;
    let (errors, printed) = verify(&broker).await;
    assert!(errors.is_empty(), "{errors:?}\n{printed}");
    assert!(printed.contains("shop: 2 of 2 interactions passed"), "{printed}");
    assert!(printed.contains("notice of before") && printed.contains("notice of after"), "{printed}");
    assert_eq!(
        broker.request_lines().await,
        [
            "GET /",
            "GET /pacts/provider/payments/for-verification",
            "POST /pacts/provider/payments/for-verification",
            "GET /pacts/0",
            "GET /pacticipants/payments",
            "PUT /pacticipants/payments/branches/topic/versions/c0ffee",
            "POST /pacts/0/verification-results",
        ]
    );
    let results = &broker.results().await[0];
    assert_eq!(results["success"], true);
    assert_eq!(results["providerApplicationVersion"], "c0ffee");
    assert_eq!(results["buildUrl"], "http://ci.example/7");
    assert_eq!(
        results["testResults"],
        json!([{"interactionId": "1d", "success": true}, {"interactionId": "2d", "success": true}])
    );
}

#[tokio::test]
async fn the_selectors_and_credentials_are_sent() {
    let broker =
        MockBroker::selecting(&[(pact("shop", PASSES), false)], Publishing::Accepted, Publishing::Accepted).await;
    verify(&broker).await;
    let requests = broker.requests().await;
    let body: Value = requests[2].body_json().unwrap();
    assert_eq!(
        body,
        json!({
            "consumerVersionSelectors": [{"mainBranch": true}, {"deployedOrReleased": true}, {"matchingBranch": true}],
            "includePendingStatus": true,
            "includeWipPactsSince": "2026-01-01",
            "providerVersionBranch": "topic",
        })
    );
    for request in requests {
        let authorization = request.headers.get("authorization").map(|value| value.to_str().unwrap());
        assert_eq!(authorization, Some("Bearer s3cret"), "{} {}", request.method, request.url);
    }
}

#[tokio::test]
async fn a_user_and_a_password_are_sent() {
    let broker =
        MockBroker::selecting(&[(pact("shop", PASSES), false)], Publishing::Accepted, Publishing::Accepted).await;
    let credentials = [("PACT_BROKER_USERNAME", "pact"), ("PACT_BROKER_PASSWORD", "pact")];
    let (errors, _) = verify_with(&broker.url(), &credentials).await;
    assert!(errors.is_empty(), "{errors:?}");
    for request in broker.requests().await {
        assert_eq!(request.headers["authorization"], "Basic cGFjdDpwYWN0", "{} {}", request.method, request.url);
    }
}

#[tokio::test]
async fn a_failure_is_published_and_fails() {
    let broker =
        MockBroker::selecting(&[(pact("shop", FAILS), false)], Publishing::Accepted, Publishing::Accepted).await;
    let (errors, printed) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::Failed(1)]), "{errors:?}");
    for part in ["shop: reading a payment\n", "GET /v1/payments/faster-payment", "expected 201 but was 200", "1 of 2"] {
        assert!(printed.contains(part), "{part:?} is missing in:\n{printed}");
    }
    assert!(!printed.contains("notice of after"), "the notice of a success was shown:\n{printed}");
    let results = &broker.results().await[0];
    assert_eq!(results["success"], false);
    assert_eq!(results["testResults"][0]["interactionId"], "1d");
    assert_eq!(results["testResults"][0]["mismatches"][0]["attribute"], "status");
    assert_eq!(
        (&results["testResults"][0]["success"], &results["testResults"][1]["success"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn a_pending_failure_is_published_and_does_not_count() {
    let broker =
        MockBroker::selecting(&[(pact("shop", FAILS), true)], Publishing::Accepted, Publishing::Accepted).await;
    let (errors, printed) = verify(&broker).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert!(printed.contains("shop: reading a payment (pending"), "{printed}");
    assert_eq!(broker.results().await[0]["success"], false);
}

#[tokio::test]
async fn each_pact_has_a_result_of_its_own() {
    let pacts = [(pact("shop", FAILS), true), (pact("bank", PASSES), false), (pact("kiosk", FAILS), false)];
    let broker = MockBroker::selecting(&pacts, Publishing::Accepted, Publishing::Accepted).await;
    let (errors, printed) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::Failed(1)]), "{errors:?}\n{printed}");
    let published: Vec<Value> = broker.results().await.iter().map(|result| result["success"].clone()).collect();
    assert_eq!(published, [false, true, false]);
}

#[tokio::test]
async fn an_unknown_state_fails() {
    let mut with_unknown_state = pact("shop", PASSES);
    with_unknown_state["interactions"][0]["providerStates"][0]["name"] = "the moon is full".into();
    let broker =
        MockBroker::selecting(&[(with_unknown_state, false)], Publishing::Accepted, Publishing::Accepted).await;
    let (errors, printed) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::Failed(1)]), "{errors:?}");
    assert!(printed.contains("unknown provider state \"the moon is full\""), "{printed}");
    assert_eq!(broker.results().await[0]["success"], false);
}

#[tokio::test]
async fn an_empty_selection_fails() {
    let broker = MockBroker::selecting(&[], Publishing::Accepted, Publishing::Accepted).await;
    let (errors, _) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::NoPacts(_)]), "{errors:?}");
    assert!(errors[0].to_string().contains("selects no pacts for \"payments\""), "{}", errors[0]);
    assert_eq!(broker.results().await.len(), 0);
}

#[tokio::test]
async fn refused_credentials_fail() {
    let broker = MockBroker::refusing(401).await;
    let (errors, _) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::Fetch { .. }]), "{errors:?}");
    let printed = errors[0].to_string();
    assert!(
        printed.contains("401") && printed.contains("PACT_BROKER_TOKEN") && !printed.contains("s3cret"),
        "{printed}"
    );
}

#[tokio::test]
async fn an_unreachable_broker_fails() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (errors, _) = verify_with(&format!("http://{free}"), &[]).await;
    assert!(matches!(errors[..], [BrokerError::Fetch { .. }]), "{errors:?}");
    assert!(errors[0].to_string().contains(&free.to_string()), "{}", errors[0]);
}

#[tokio::test]
async fn refused_results_fail() {
    let broker =
        MockBroker::selecting(&[(pact("shop", PASSES), false)], Publishing::Accepted, Publishing::Refused).await;
    let (errors, printed) = verify(&broker).await;
    assert!(printed.contains("shop: 2 of 2 interactions passed"), "{printed}");
    assert!(matches!(&errors[..], [BrokerError::Publish { consumer, .. }] if consumer == "shop"), "{errors:?}");
    assert!(errors[0].to_string().contains("403"), "{}", errors[0]);
}

#[tokio::test]
async fn a_refused_version_fails() {
    let broker =
        MockBroker::selecting(&[(pact("shop", PASSES), false)], Publishing::Refused, Publishing::Accepted).await;
    let (errors, _) = verify(&broker).await;
    assert!(matches!(errors[..], [BrokerError::Publish { .. }]), "{errors:?}");
    assert_eq!(broker.results().await.len(), 0, "results were published for a version that the broker refused");
}

#[tokio::test]
async fn refused_results_hide_no_failure_and_stop_no_pact() {
    let pacts = [(pact("shop", FAILS), false), (pact("bank", PASSES), false)];
    let broker = MockBroker::selecting(&pacts, Publishing::Accepted, Publishing::Refused).await;
    let (errors, printed) = verify(&broker).await;
    assert!(
        matches!(errors[..], [BrokerError::Publish { .. }, BrokerError::Publish { .. }, BrokerError::Failed(1)]),
        "{errors:?}\n{printed}"
    );
}

#[test]
fn a_missing_variable_is_named() {
    let missing = |variables: &[(&str, &str)]| Broker::from_env(lookup(variables)).unwrap_err();
    assert!(missing(&[]).contains("PACT_BROKER_BASE_URL=http://"));
    assert!(missing(&[("PACT_BROKER_BASE_URL", "")]).contains("PACT_BROKER_BASE_URL is not set"));
    let both = [("PACT_BROKER_BASE_URL", "http://b"), ("PACT_BROKER_TOKEN", "t"), ("PACT_BROKER_USERNAME", "u")];
    assert!(missing(&both).contains("keep one"));
    let unversioned = Revision::from_env(lookup(&[("PACT_BRANCH", "main")])).unwrap_err();
    assert!(unversioned.contains("PACT_VERSION is not set"), "{unversioned}");
    let detached = Revision::from_env(lookup(&[("PACT_VERSION", "c0ffee"), ("PACT_BRANCH", "")])).unwrap_err();
    assert!(detached.contains("PACT_BRANCH is not set"), "{detached}");
}

#[test]
fn credentials_are_not_in_the_debug_output() {
    let variables = [("PACT_BROKER_BASE_URL", "http://b"), ("PACT_BROKER_TOKEN", "s3cret")];
    let shown = format!("{:?}", Broker::from_env(lookup(&variables)).unwrap());
    assert!(shown.contains("http://b") && !shown.contains("s3cret"), "{shown}");
}
