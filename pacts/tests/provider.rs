//! Verifies the running service against the committed pacts, over every store. Other tests hold the verification itself to
//! failing when it verifies too little, and to explaining each failure.

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
    verify::{VerificationReport, verify_folder},
};
use payments::{
    payments::Repo,
    repo::{Postgres, PostgresOptions, Sqlite, SqliteOptions},
};
use serde_json::{Value, json};
use std::{fs, sync::Arc};

/// Makes a test for each store.
macro_rules! every_pact_passes {
    ($($store:ident: $open:expr,)+) => {
        mod every_pact_passes {
            use super::*;

            $(#[tokio::test]
            async fn $store() {
                passes_every_pact(&Provider::start($open.await.unwrap()).await).await;
            })+
        }
    };
}

// Every store that the pacts are verified over.
every_pact_passes! {
    over_sqlite: Sqlite::open(SqliteOptions::default()),
    over_postgres: Postgres::connect(PostgresOptions::at(test_support::postgres::url())),
}

async fn passes_every_pact<R: Repo>(provider: &Arc<Provider<R>>) {
    let reports = verify_folder(provider, committed::folder()).await.unwrap_or_else(|reason| panic!("{reason}"));
    let consumers: Vec<&str> = reports.iter().map(|report| report.consumer.as_str()).collect();
    assert_eq!(consumers, ["checkout", "reporting"], "the consumers whose pacts are committed");
    let text: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert!(reports.iter().all(VerificationReport::passed), "\n{}", text.join("\n"));
}

/// Verifies a pact of one interaction, of a consumer called `shop`.
async fn verify_interaction(interaction: Value) -> Result<Vec<VerificationReport>, String> {
    verify_pact(&json!({
        "consumer": {"name": "shop"},
        "provider": {"name": "payments"},
        "interactions": [interaction],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }))
    .await
}

async fn verify_pact(pact: &Value) -> Result<Vec<VerificationReport>, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop-payments.json"), pact.to_string()).unwrap();
    verify_folder(&Provider::over_sqlite().await.unwrap(), folder.path()).await
}

/// An interaction that reads a payment and expects this answer.
fn read_interaction(state: &str, response: &Value) -> Value {
    json!({
        "type": "Synchronous/HTTP",
        "description": "reading a payment",
        "providerStates": [{"name": state}],
        "request": {"method": "GET", "path": "/v1/payments/faster-payment", "query": {"a": ["1"]}},
        "response": response,
    })
}

#[tokio::test]
async fn an_empty_folder_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("readme.txt"), "no pact").unwrap();
    let provider = Provider::over_sqlite().await.unwrap();
    let reason = verify_folder(&provider, folder.path()).await.unwrap_err();
    assert!(reason.starts_with("there are no pacts in ") && reason.contains("make pact-accept"), "{reason}");
    let reason = verify_folder(&provider, &folder.path().join("none")).await.unwrap_err();
    assert!(reason.contains("cannot be read"), "{reason}");
}

#[tokio::test]
async fn a_pact_without_interactions_fails() {
    let pact = json!({"consumer": {"name": "shop"}, "provider": {"name": "payments"}, "interactions": []});
    let reason = verify_pact(&pact).await.unwrap_err();
    assert!(reason.contains("shop-payments.json has no interactions"), "{reason}");
}

#[tokio::test]
async fn an_unreadable_interaction_fails() {
    let mut unreadable = read_interaction("there is a payment", &json!({"status": 200}));
    unreadable["type"] = "Synchronous/Telepathy".into();
    let reason = verify_interaction(unreadable).await.unwrap_err();
    assert!(reason.contains("shop-payments.json") && reason.contains("Telepathy"), "{reason}");
}

#[tokio::test]
async fn a_skipped_interaction_fails() {
    let reports = verify_interaction(read_interaction("there is a payment", &json!({"status": 200}))).await.unwrap();
    assert_eq!(reports[0].ensure_covers(&["reading a payment"]), Ok(()));
    let reason = reports[0].ensure_covers(&["reading a payment", "reading another"]).unwrap_err();
    assert_eq!(reason, "shop: 1 of 2 interactions were verified; left out: reading another");
    let reason = reports[0].ensure_covers(&["reading a payment", "reading a payment"]).unwrap_err();
    assert_eq!(reason, "shop: 1 of 2 interactions were verified; left out: reading a payment");
}

#[tokio::test]
async fn an_unknown_state_fails_and_is_named() {
    let reports = verify_interaction(read_interaction("the moon is full", &json!({"status": 200}))).await.unwrap();
    assert!(!reports[0].passed());
    let text = reports[0].to_string();
    assert!(text.contains("unknown provider state \"the moon is full\""), "{text}");
}

#[tokio::test]
async fn a_failure_names_consumer_interaction_request_and_mismatch() {
    let response = json!({
        "status": 201,
        "headers": {"ETag": ["\"7\""]},
        "body": {"content": {"data": {"colour": "red"}}, "contentType": "application/json"},
    });
    let reports = verify_interaction(read_interaction("there is a payment", &response)).await.unwrap();
    assert!(!reports[0].passed());
    let text = reports[0].to_string();
    for part in [
        "shop: reading a payment\n",
        "GET /v1/payments/faster-payment?a=1\n",
        "given \"there is a payment\"\n",
        "expected 201 but was 200",
        "ETag",
        "colour",
        "the answer was 200 {\"data\":{\"id\":\"faster-payment\"",
        "shop: 0 of 1 interactions passed",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[tokio::test]
async fn an_interaction_without_a_state_runs_over_an_empty_store() {
    let mut stateless = read_interaction("", &json!({"status": 404}));
    stateless.as_object_mut().unwrap().remove("providerStates");
    let reports = verify_interaction(stateless).await.unwrap();
    assert!(reports[0].passed(), "{}", reports[0]);
}
