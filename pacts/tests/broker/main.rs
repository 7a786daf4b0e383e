//! Verification through a broker: what is asked, what is told, and when it is red.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod stand_in;

use pacts::{
    broker::{Broker, Error, Revision, verify_and_publish},
    provider::Provider,
};
use serde_json::{Value, json};
use stand_in::{StandIn, Told};
use std::net::TcpListener;

/// A pact of two interactions, as a broker has it: each has an `_id`. The payment is read with this status.
fn pact(consumer: &str, status: u16) -> Value {
    let reading = |id: &str, description: &str, state: &str, status: u16| {
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
            reading("1d", "reading a payment", "there is a payment", status),
            reading("2d", "reading what is not there", "there are no payments", 404),
        ],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    })
}

const KEPT: u16 = 200;
const BROKEN: u16 = 201;

/// What came of it: the errors, and what was told.
async fn verified_with(url: &str, credentials: &[(&str, &str)]) -> (Vec<Error>, String) {
    let variables = [&[("PACT_BROKER_BASE_URL", url)], credentials].concat();
    let broker = Broker::from_env(from(&variables)).unwrap();
    let revision = Revision {
        version: "c0ffee".to_owned(),
        branch: "topic".to_owned(),
        build_url: Some("http://ci.example/7".to_owned()),
    };
    let provider = Provider::over_sqlite().await.unwrap();
    let mut told = String::new();
    let result = verify_and_publish(&broker, &revision, &provider, |text| {
        told.push_str(text);
        told.push('\n');
    });
    (result.await.err().unwrap_or_default(), told)
}

async fn verified(broker: &StandIn) -> (Vec<Error>, String) {
    verified_with(&broker.url(), &[("PACT_BROKER_TOKEN", "s3cret")]).await
}

fn from(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

#[tokio::test]
async fn success_is_published() {
    let broker = StandIn::selecting(&[(pact("shop", KEPT), false)], Told::Listens, Told::Listens).await;
    let (errors, told) = verified(&broker).await;
    assert!(errors.is_empty(), "{errors:?}\n{told}");
    assert!(told.contains("shop: 2 of 2 interactions hold"), "{told}");
    assert!(told.contains("notice of before") && told.contains("notice of after"), "{told}");
    assert_eq!(
        broker.conversation().await,
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
async fn the_broker_is_asked_for_what_matters_here() {
    let broker = StandIn::selecting(&[(pact("shop", KEPT), false)], Told::Listens, Told::Listens).await;
    verified(&broker).await;
    let requests = broker.requests().await;
    let asked: Value = requests[2].body_json().unwrap();
    assert_eq!(
        asked,
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
async fn a_user_and_a_password_open_the_broker_too() {
    let broker = StandIn::selecting(&[(pact("shop", KEPT), false)], Told::Listens, Told::Listens).await;
    let credentials = [("PACT_BROKER_USERNAME", "pact"), ("PACT_BROKER_PASSWORD", "pact")];
    let (errors, _) = verified_with(&broker.url(), &credentials).await;
    assert!(errors.is_empty(), "{errors:?}");
    for request in broker.requests().await {
        assert_eq!(request.headers["authorization"], "Basic cGFjdDpwYWN0", "{} {}", request.method, request.url);
    }
}

#[tokio::test]
async fn a_failure_is_published_and_red() {
    let broker = StandIn::selecting(&[(pact("shop", BROKEN), false)], Told::Listens, Told::Listens).await;
    let (errors, told) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::Broken(1)]), "{errors:?}");
    for part in ["shop: reading a payment\n", "GET /v1/payments/faster-payment", "expected 201 but was 200", "1 of 2"] {
        assert!(told.contains(part), "{part:?} is not told in:\n{told}");
    }
    assert!(!told.contains("notice of after"), "the notice of a success was shown:\n{told}");
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
async fn a_pending_failure_is_published_and_green() {
    let broker = StandIn::selecting(&[(pact("shop", BROKEN), true)], Told::Listens, Told::Listens).await;
    let (errors, told) = verified(&broker).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert!(told.contains("shop: reading a payment (pending"), "{told}");
    assert_eq!(broker.results().await[0]["success"], false);
}

#[tokio::test]
async fn each_pact_has_a_result_of_its_own() {
    let pacts = [(pact("shop", BROKEN), true), (pact("bank", KEPT), false), (pact("kiosk", BROKEN), false)];
    let broker = StandIn::selecting(&pacts, Told::Listens, Told::Listens).await;
    let (errors, told) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::Broken(1)]), "{errors:?}\n{told}");
    let published: Vec<Value> = broker.results().await.iter().map(|result| result["success"].clone()).collect();
    assert_eq!(published, [false, true, false]);
}

#[tokio::test]
async fn a_state_that_nobody_knows_is_red() {
    let mut unheard_of = pact("shop", KEPT);
    unheard_of["interactions"][0]["providerStates"][0]["name"] = "the moon is full".into();
    let broker = StandIn::selecting(&[(unheard_of, false)], Told::Listens, Told::Listens).await;
    let (errors, told) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::Broken(1)]), "{errors:?}");
    assert!(told.contains("nobody knows the provider state \"the moon is full\""), "{told}");
    assert_eq!(broker.results().await[0]["success"], false);
}

#[tokio::test]
async fn no_pacts_selected_is_red() {
    let broker = StandIn::selecting(&[], Told::Listens, Told::Listens).await;
    let (errors, _) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::NoPacts(_)]), "{errors:?}");
    assert!(errors[0].to_string().contains("selects no pacts for \"payments\""), "{}", errors[0]);
    assert_eq!(broker.results().await.len(), 0);
}

#[tokio::test]
async fn a_broker_that_does_not_let_us_in_is_red() {
    let broker = StandIn::refusing(401).await;
    let (errors, _) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::Fetch { .. }]), "{errors:?}");
    let told = errors[0].to_string();
    assert!(told.contains("401") && told.contains("PACT_BROKER_TOKEN") && !told.contains("s3cret"), "{told}");
}

#[tokio::test]
async fn a_broker_that_is_down_is_red() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (errors, _) = verified_with(&format!("http://{free}"), &[]).await;
    assert!(matches!(errors[..], [Error::Fetch { .. }]), "{errors:?}");
    assert!(errors[0].to_string().contains(&free.to_string()), "{}", errors[0]);
}

#[tokio::test]
async fn results_that_are_refused_are_red() {
    let broker = StandIn::selecting(&[(pact("shop", KEPT), false)], Told::Listens, Told::Refuses).await;
    let (errors, told) = verified(&broker).await;
    assert!(told.contains("shop: 2 of 2 interactions hold"), "{told}");
    assert!(matches!(&errors[..], [Error::Publish { consumer, .. }] if consumer == "shop"), "{errors:?}");
    assert!(errors[0].to_string().contains("403"), "{}", errors[0]);
}

#[tokio::test]
async fn a_version_that_is_refused_is_red() {
    let broker = StandIn::selecting(&[(pact("shop", KEPT), false)], Told::Refuses, Told::Listens).await;
    let (errors, _) = verified(&broker).await;
    assert!(matches!(errors[..], [Error::Publish { .. }]), "{errors:?}");
    assert_eq!(broker.results().await.len(), 0, "results were published for a version that the broker does not have");
}

#[tokio::test]
async fn a_refusal_hides_no_failure_and_stops_no_pact() {
    let pacts = [(pact("shop", BROKEN), false), (pact("bank", KEPT), false)];
    let broker = StandIn::selecting(&pacts, Told::Listens, Told::Refuses).await;
    let (errors, told) = verified(&broker).await;
    assert!(
        matches!(errors[..], [Error::Publish { .. }, Error::Publish { .. }, Error::Broken(1)]),
        "{errors:?}\n{told}"
    );
}

#[test]
fn what_is_missing_in_the_environment_is_named() {
    let missing = |variables: &[(&str, &str)]| Broker::from_env(from(variables)).unwrap_err();
    assert!(missing(&[]).contains("PACT_BROKER_BASE_URL=http://"));
    assert!(missing(&[("PACT_BROKER_BASE_URL", "")]).contains("PACT_BROKER_BASE_URL is not set"));
    let both = [("PACT_BROKER_BASE_URL", "http://b"), ("PACT_BROKER_TOKEN", "t"), ("PACT_BROKER_USERNAME", "u")];
    assert!(missing(&both).contains("keep one"));
    let unversioned = Revision::from_env(from(&[("PACT_BRANCH", "main")])).unwrap_err();
    assert!(unversioned.contains("PACT_VERSION is not set"), "{unversioned}");
    let detached = Revision::from_env(from(&[("PACT_VERSION", "c0ffee"), ("PACT_BRANCH", "")])).unwrap_err();
    assert!(detached.contains("PACT_BRANCH is not set"), "{detached}");
}

#[test]
fn the_secret_is_not_shown() {
    let variables = [("PACT_BROKER_BASE_URL", "http://b"), ("PACT_BROKER_TOKEN", "s3cret")];
    let shown = format!("{:?}", Broker::from_env(from(&variables)).unwrap());
    assert!(shown.contains("http://b") && !shown.contains("s3cret"), "{shown}");
}
