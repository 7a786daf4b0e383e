//! Orders are cancelled.

use crate::{
    checkout::{Checkout, Trouble},
    expected::{ID, PATH, faults, problem},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{Exercised, Scenario};

fn deletes(interaction: &mut InteractionBuilder) {
    interaction.request.delete().path(PATH);
}

pub(crate) async fn a_payment_is_deleted(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("deleting a payment", |i| {
            i.given("there is a payment");
            deletes(i);
            i.request.query_param("version", "0");
            i.response.no_content();
        })
        .await
        .begins()
        .await;
    Checkout::new(service.client()).cancel(ID, 0).await.unwrap();
    service.ends()
}

pub(crate) async fn a_deletion_needs_a_version(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("deleting a payment without saying which version", |i| {
            i.given("there is a payment");
            deletes(i);
            faults(i, PATH, &["/query/version"]);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).cancel_whatever_it_is(ID).await.unwrap_err();
    let Trouble::Correct(faults) = trouble else { panic!("{trouble:?}") };
    assert_eq!(faults[0].0, "/query/version");
    service.ends()
}

pub(crate) async fn whoever_deletes_an_old_version_is_late(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("deleting an old version of a payment", |i| {
            i.given("the payment has changed");
            deletes(i);
            i.request.query_param("version", "0");
            problem(i, 409, "/problems/version-conflict", PATH);
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel(ID, 0).await, Err(Trouble::Late));
    service.ends()
}

pub(crate) async fn whoever_deletes_by_an_old_etag_is_late(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("deleting a payment by an old ETag", |i| {
            i.given("the payment has changed");
            deletes(i);
            i.request.header("If-Match", "\"0\"");
            problem(i, 412, "/problems/precondition-failed", PATH);
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel_what_was_seen(ID, "\"0\"").await, Err(Trouble::Late));
    service.ends()
}

pub(crate) async fn a_deletion_of_what_is_missing_is_missing(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("deleting a payment that was deleted", |i| {
            i.given("the payment was deleted");
            deletes(i);
            i.request.query_param("version", "0");
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel(ID, 0).await, Err(Trouble::Missing));
    service.ends()
}
