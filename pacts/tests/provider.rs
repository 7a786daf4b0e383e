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

#[tokio::test]
async fn every_pact_passes_with_identity() {
    let store = Sqlite::open(SqliteOptions::default()).await.unwrap();
    passes_every_pact(&Provider::start_with_identity(store).await).await;
}

async fn passes_every_pact<R: Repo>(provider: &Arc<Provider<R>>) {
    let reports = verify_folder(provider, committed::folder()).await.unwrap_or_else(|reason| panic!("{reason}"));
    let consumers: Vec<&str> = reports.iter().map(|report| report.consumer.as_str()).collect();
    assert_eq!(consumers, ["checkout", "ledger", "reporting"], "the consumers whose pacts are committed");
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

/// Verifies an interaction in these states, which expects this status.
async fn verify_in_states(states: &Value, path: &str, status: u16) -> VerificationReport {
    let mut interaction = read_interaction("", &json!({"status": status}));
    interaction["providerStates"] = states.clone();
    interaction["request"] = json!({"method": "GET", "path": path});
    verify_interaction(interaction).await.unwrap().remove(0)
}

#[tokio::test]
async fn the_states_of_one_interaction_add_up() {
    let one = json!({"name": "there is a payment"});
    let other = json!({"name": "there is a payment", "params": {"id": "only-an-amount"}});
    let (changed, away) = (json!({"name": "the payment has changed"}), json!({"name": "the store is away"}));
    for (states, path, status) in [
        (json!([one, other]), "/v1/payments/faster-payment", 200),
        (json!([one, other]), "/v1/payments/only-an-amount", 200),
        (json!([other]), "/v1/payments/faster-payment", 404),
        (json!([changed, one, other]), "/v1/payments/faster-payment", 200),
        (json!([one, {"name": "there are three payments"}]), "/v1/payments/bacs-direct-credit", 200),
        (json!([{"name": "there are no payments"}, one]), "/v1/payments/faster-payment", 200),
        (json!([one, away]), "/v1/payments/faster-payment", 503),
        (json!([away, one]), "/v1/payments/faster-payment", 503),
    ] {
        let report = verify_in_states(&states, path, status).await;
        assert!(report.passed(), "{states}, {path}:\n{report}");
    }
}

#[tokio::test]
async fn each_interaction_begins_with_an_empty_store() {
    let read = |states: Value, status: u16| {
        let mut interaction = read_interaction("", &json!({"status": status}));
        interaction["description"] = format!("reading in {states}").into();
        interaction["providerStates"] = states;
        interaction
    };
    let (payment, unknown) = (json!({"name": "there is a payment"}), json!({"name": "the moon is full"}));
    let other = json!({"name": "there is a payment", "params": {"id": "only-an-amount"}});
    let interactions = [
        (json!([payment, other]), 200),
        (json!([other]), 404),
        (json!([unknown, payment]), 200),
        (json!([]), 404),
        (json!([{"name": "the store is away"}]), 503),
        (json!([other, payment]), 200),
        (json!([{"name": "there are no payments"}]), 404),
    ];
    let pact = json!({
        "consumer": {"name": "shop"},
        "provider": {"name": "payments"},
        "interactions": interactions.map(|(states, status)| read(states, status)),
        "metadata": {"pactSpecification": {"version": "4.0"}},
    });
    let report = verify_pact(&pact).await.unwrap().remove(0);
    let failed: Vec<bool> = report.interactions.iter().map(|each| each.failure.is_some()).collect();
    assert_eq!(failed, [false, false, true, false, false, false, false], "{report}");
    assert!(report.to_string().contains("unknown provider state \"the moon is full\""), "{report}");
}

#[tokio::test]
async fn a_state_that_contradicts_an_earlier_one_fails() {
    let one = json!({"name": "there is a payment"});
    for (states, why) in [
        (
            json!([one, {"name": "there are no payments"}]),
            "\"there are no payments\" comes after one that has payments",
        ),
        (json!([{"name": "the payment was deleted"}, one]), "the store refused"),
    ] {
        let report = verify_in_states(&states, "/v1/payments/faster-payment", 404).await;
        assert!(!report.passed() && report.to_string().contains(why), "{states}:\n{report}");
    }
}

#[tokio::test]
async fn a_parameter_that_a_state_does_not_take_fails() {
    for (state, params, why) in [
        ("there is a payment", json!({"amount": "5"}), "takes no parameter \"amount\"; it takes id"),
        (
            "there is a payment",
            json!({"id": 7}),
            "\"id\" of the provider state \"there is a payment\" must be a string, not 7",
        ),
        ("there is a payment", json!({"id": "no-such"}), "seed/payments.json has no payment \"no-such\""),
        ("there are no payments", json!({"id": "x"}), "takes no parameter \"id\"; it takes none"),
        ("the payment has changed", json!({"times": 2}), "takes no parameter \"times\"; it takes none"),
        ("the payment was deleted", json!({"id": "x"}), "takes no parameter"),
        ("there are three payments", json!({"count": 4}), "takes no parameter"),
        ("the store is away", json!({"for": 1}), "takes no parameter"),
    ] {
        let report = verify_in_states(&json!([{"name": state, "params": params}]), "/v1/payments", 200).await;
        let text = report.to_string();
        assert!(!report.passed() && text.contains(why), "{state} {params}:\n{text}");
        let (name, value) = params.as_object().unwrap().iter().next().unwrap();
        assert!(text.contains(&format!("given {state:?} {name}={value}\n")), "{text}");
    }
}

#[tokio::test]
async fn an_interaction_without_a_state_runs_over_an_empty_store() {
    let mut stateless = read_interaction("", &json!({"status": 404}));
    stateless.as_object_mut().unwrap().remove("providerStates");
    let reports = verify_interaction(stateless).await.unwrap();
    assert!(reports[0].passed(), "{}", reports[0]);
}
