//! Orders are corrected: as a whole, or in a part.

use crate::{
    checkout::{Checkout, Trouble, order},
    expected::{ID, PATH, asks, away, faults, payment, problem},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{Exercised, Scenario};
use serde_json::json;
use std::time::Duration;

fn replaces(interaction: &mut InteractionBuilder, amount: &str) {
    let body = json!({"data": {
        "type": "Payment",
        "version": 0,
        "organisation_id": "harbour-lane-bakery",
        "attributes": {"amount": amount, "currency": "GBP"},
    }});
    asks(interaction, "PUT", PATH, "application/json", body);
}

fn refers(interaction: &mut InteractionBuilder) {
    let body = json!({"data": {"attributes": {"reference": "Flour, February"}}});
    asks(interaction, "PATCH", PATH, "application/merge-patch+json", body);
    interaction.request.header("If-Match", "\"0\"");
}

fn raises(interaction: &mut InteractionBuilder) {
    let body = json!([
        {"op": "test", "path": "/data/attributes/amount", "value": "100.21"},
        {"op": "replace", "path": "/data/attributes/amount", "value": "120.00"},
    ]);
    asks(interaction, "PATCH", PATH, "application/json-patch+json", body);
}

pub(crate) async fn a_payment_is_replaced(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("replacing a payment", |i| {
            i.given("there is a payment");
            replaces(i, "120.00");
            payment(i, 200, 1, "120.00");
        })
        .await
        .begins()
        .await;
    let seen = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"1\"", Some(1)));
    assert_eq!(seen.payment.attributes.amount(), "120.00");
    service.ends()
}

pub(crate) async fn a_replacement_with_faults_is_refused(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("replacing a payment by one without money", |i| {
            i.given("there is a payment");
            replaces(i, "0");
            faults(i, PATH, &["/data/attributes/amount"]);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).replace(ID, order("0").version(0)).await.unwrap_err();
    let Trouble::Correct(faults) = trouble else { panic!("{trouble:?}") };
    assert_eq!(faults[0].0, "/data/attributes/amount");
    service.ends()
}

pub(crate) async fn whoever_replaces_an_old_version_is_late(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("replacing an old version of a payment", |i| {
            i.given("the payment has changed");
            replaces(i, "120.00");
            problem(i, 409, "/problems/version-conflict", PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap_err();
    assert_eq!(trouble, Trouble::Late);
    service.ends()
}

pub(crate) async fn a_replacement_of_what_is_missing_is_missing(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("replacing a payment that was deleted", |i| {
            i.given("the payment was deleted");
            replaces(i, "120.00");
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap_err();
    assert_eq!(trouble, Trouble::Missing);
    service.ends()
}

pub(crate) async fn a_part_is_changed(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("changing the reference of a payment", |i| {
            i.given("there is a payment");
            refers(i);
            payment(i, 200, 1, "100.21");
        })
        .await
        .begins()
        .await;
    let seen = Checkout::new(service.client()).refer(ID, "\"0\"", "Flour, February").await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.attributes.amount()), ("\"1\"", "100.21"));
    service.ends()
}

pub(crate) async fn whoever_changes_what_has_changed_is_late(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("changing the reference of a payment that has changed", |i| {
            i.given("the payment has changed");
            refers(i);
            problem(i, 412, "/problems/precondition-failed", PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).refer(ID, "\"0\"", "Flour, February").await.unwrap_err();
    assert_eq!(trouble, Trouble::Late);
    service.ends()
}

pub(crate) async fn an_amount_is_raised_if_it_is_what_it_was(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("raising the amount of a payment", |i| {
            i.given("there is a payment");
            raises(i);
            payment(i, 200, 1, "120.00");
        })
        .await
        .begins()
        .await;
    let seen = Checkout::new(service.client()).raise(ID, "100.21", "120.00").await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.attributes.amount()), ("\"1\"", "120.00"));
    service.ends()
}

pub(crate) async fn an_amount_that_is_another_is_not_raised(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("raising an amount that has changed", |i| {
            i.given("the payment has changed");
            raises(i);
            problem(i, 409, "/problems/patch-test-failed", PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).raise(ID, "100.21", "120.00").await.unwrap_err();
    assert_eq!(trouble, Trouble::Late);
    service.ends()
}

pub(crate) async fn a_change_during_an_outage_is_tried_again(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("changing the reference of a payment during an outage", |i| {
            i.given("the store is away");
            refers(i);
            away(i, PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).refer(ID, "\"0\"", "Flour, February").await.unwrap_err();
    assert_eq!(trouble, Trouble::Later(Duration::from_secs(1)));
    service.ends()
}
