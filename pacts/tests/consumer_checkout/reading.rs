//! Orders are looked up.

use crate::{
    checkout::{Checkout, Trouble},
    expected::{ID, PATH, away, payment, problem},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{Exercised, Scenario};
use std::time::Duration;

fn reads(interaction: &mut InteractionBuilder) {
    interaction.request.get().path(PATH);
}

pub(crate) async fn a_payment_is_read(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment", |i| {
            i.given("there is a payment");
            reads(i);
            payment(i, 200, 0, "100.21");
        })
        .await
        .begins()
        .await;
    let seen = Checkout::new(service.client()).look_up(ID).await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"0\"", Some(0)));
    assert_eq!(seen.payment.attributes.amount(), "100.21");
    assert!(seen.payment.created_on.is_some() && seen.payment.modified_on.is_some());
    service.ends()
}

pub(crate) async fn a_payment_that_is_known_is_not_sent_again(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment that is known", |i| {
            i.given("there is a payment");
            reads(i);
            i.request.header("If-None-Match", "\"0\"");
            i.response.status(304).header("ETag", "\"0\"");
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).news(ID, "\"0\"").await, Ok(None));
    service.ends()
}

pub(crate) async fn a_payment_that_has_changed_is_sent_again(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment of which an older version is known", |i| {
            i.given("the payment has changed");
            reads(i);
            i.request.header("If-None-Match", "\"0\"");
            payment(i, 200, 1, "2345.00");
        })
        .await
        .begins()
        .await;
    let news = Checkout::new(service.client()).news(ID, "\"0\"").await.unwrap().expect("news");
    assert_eq!((news.version, news.attributes.amount()), (Some(1), "2345.00"));
    service.ends()
}

pub(crate) async fn a_payment_that_was_never_there_is_missing(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment that was never there", |i| {
            i.given("there are no payments");
            reads(i);
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).look_up(ID).await.unwrap_err(), Trouble::Missing);
    service.ends()
}

pub(crate) async fn a_payment_that_was_deleted_is_missing(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment that was deleted", |i| {
            i.given("the payment was deleted");
            reads(i);
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .begins()
        .await;
    assert_eq!(Checkout::new(service.client()).look_up(ID).await.unwrap_err(), Trouble::Missing);
    service.ends()
}

pub(crate) async fn a_store_that_is_away_is_tried_again(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("reading a payment during an outage", |i| {
            i.given("the store is away");
            reads(i);
            away(i, PATH);
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).look_up(ID).await.unwrap_err();
    assert_eq!(trouble, Trouble::Later(Duration::from_secs(1)));
    service.ends()
}
