//! The running service keeps what the committed pacts say, over every store; and whoever verifies too little is told.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use pacts::{
    committed,
    provider::Provider,
    verify::{Report, verify_folder},
};
use payments::payments::Repo;
use serde_json::{Value, json};
use std::{fs, sync::Arc};

#[tokio::test]
async fn the_service_keeps_every_pact_over_sqlite() {
    keeps_every_pact(&Provider::over_sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn the_service_keeps_every_pact_over_postgres() {
    keeps_every_pact(&Provider::over_postgres(test_postgres::url()).await.unwrap()).await;
}

async fn keeps_every_pact<R: Repo>(provider: &Arc<Provider<R>>) {
    let reports = verify_folder(provider, committed::folder()).await.unwrap_or_else(|reason| panic!("{reason}"));
    let consumers: Vec<&str> = reports.iter().map(|report| report.consumer.as_str()).collect();
    assert_eq!(consumers, ["checkout", "reporting"], "the consumers whose pacts are committed");
    let told: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert!(reports.iter().all(Report::is_good), "\n{}", told.join("\n"));
}

/// Verifies one interaction, of a consumer called `shop`.
async fn verified(interaction: Value) -> Result<Vec<Report>, String> {
    verified_pact(&json!({
        "consumer": {"name": "shop"},
        "provider": {"name": "payments"},
        "interactions": [interaction],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }))
    .await
}

async fn verified_pact(pact: &Value) -> Result<Vec<Report>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop-payments.json"), pact.to_string()).unwrap();
    verify_folder(&Provider::over_sqlite().await.unwrap(), folder.path()).await
}

/// Reads a payment, and expects this answer.
fn reading(state: &str, response: &Value) -> Value {
    json!({
        "type": "Synchronous/HTTP",
        "description": "reading a payment",
        "providerStates": [{"name": state}],
        "request": {"method": "GET", "path": "/v1/payments/faster-payment", "query": {"a": ["1"]}},
        "response": response,
    })
}

#[tokio::test]
async fn an_empty_folder_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("readme.txt"), "no pact").unwrap();
    let provider = Provider::over_sqlite().await.unwrap();
    let reason = verify_folder(&provider, folder.path()).await.unwrap_err();
    assert!(reason.starts_with("there are no pacts in ") && reason.contains("make pact-accept"), "{reason}");
    let reason = verify_folder(&provider, &folder.path().join("none")).await.unwrap_err();
    assert!(reason.contains("cannot be read"), "{reason}");
}

#[tokio::test]
async fn a_pact_that_says_nothing_is_a_failure() {
    let pact = json!({"consumer": {"name": "shop"}, "provider": {"name": "payments"}, "interactions": []});
    let reason = verified_pact(&pact).await.unwrap_err();
    assert!(reason.contains("shop-payments.json has no interactions"), "{reason}");
}

#[tokio::test]
async fn an_interaction_that_cannot_be_read_is_a_failure() {
    let mut unheard_of = reading("there is a payment", &json!({"status": 200}));
    unheard_of["type"] = "Synchronous/Telepathy".into();
    let reason = verified(unheard_of).await.unwrap_err();
    assert!(reason.contains("shop-payments.json") && reason.contains("Telepathy"), "{reason}");
}

#[tokio::test]
async fn less_than_is_written_is_a_failure() {
    let reports = verified(reading("there is a payment", &json!({"status": 200}))).await.unwrap();
    assert_eq!(reports[0].covers(&["reading a payment"]), Ok(()));
    let reason = reports[0].covers(&["reading a payment", "reading another"]).unwrap_err();
    assert_eq!(reason, "shop: 1 of 2 interactions were verified; left out: reading another");
    let reason = reports[0].covers(&["reading a payment", "reading a payment"]).unwrap_err();
    assert_eq!(reason, "shop: 1 of 2 interactions were verified; left out: reading a payment");
}

#[tokio::test]
async fn a_state_that_nobody_knows_is_a_failure_that_names_it() {
    let reports = verified(reading("the moon is full", &json!({"status": 200}))).await.unwrap();
    assert!(!reports[0].is_good());
    let told = reports[0].to_string();
    assert!(told.contains("nobody knows the provider state \"the moon is full\""), "{told}");
}

#[tokio::test]
async fn a_failure_says_which_consumer_which_interaction_which_path_and_what() {
    let response = json!({
        "status": 201,
        "headers": {"ETag": ["\"7\""]},
        "body": {"content": {"data": {"colour": "red"}}, "contentType": "application/json"},
    });
    let reports = verified(reading("there is a payment", &response)).await.unwrap();
    assert!(!reports[0].is_good());
    let told = reports[0].to_string();
    for part in [
        "shop: reading a payment\n",
        "GET /v1/payments/faster-payment?a=1\n",
        "given \"there is a payment\"\n",
        "expected 201 but was 200",
        "ETag",
        "colour",
        "the answer was 200 {\"data\":{\"id\":\"faster-payment\"",
        "shop: 0 of 1 interactions hold",
    ] {
        assert!(told.contains(part), "{part:?} is not told in:\n{told}");
    }
}

#[tokio::test]
async fn an_interaction_without_a_state_meets_an_empty_store() {
    let mut stateless = reading("", &json!({"status": 404}));
    stateless.as_object_mut().unwrap().remove("providerStates");
    let reports = verified(stateless).await.unwrap();
    assert!(reports[0].is_good(), "{}", reports[0]);
}
