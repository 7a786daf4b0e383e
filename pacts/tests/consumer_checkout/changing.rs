//! Changing payments: as a whole, or in part.

use crate::{
    checkout::{Checkout, CheckoutError, order},
    expected::{ID, PATH, faults, payment, problem, request, unavailable},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{ConsumerTest, RecordedInteractions};
use serde_json::json;
use std::time::Duration;

fn replace_request(interaction: &mut InteractionBuilder, amount: &str) {
    let body = json!({"data": {
        "type": "Payment",
        "version": 0,
        "organisation_id": "harbour-lane-bakery",
        "attributes": {"amount": amount, "currency": "GBP"},
    }});
    request(interaction, "PUT", PATH, "application/json", body);
}

fn set_reference_request(interaction: &mut InteractionBuilder) {
    let body = json!({"data": {"attributes": {"reference": "Flour, February"}}});
    request(interaction, "PATCH", PATH, "application/merge-patch+json", body);
    interaction.request.header("If-Match", "\"0\"");
}

fn raise_amount_request(interaction: &mut InteractionBuilder) {
    let body = json!([
        {"op": "test", "path": "/data/attributes/amount", "value": "100.21"},
        {"op": "replace", "path": "/data/attributes/amount", "value": "120.00"},
    ]);
    request(interaction, "PATCH", PATH, "application/json-patch+json", body);
}

pub(crate) async fn a_payment_is_replaced(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("replacing a payment", |i| {
            i.given("there is a payment");
            replace_request(i, "120.00");
            payment(i, 200, 1, "120.00");
        })
        .await
        .start()
        .await;
    let seen = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"1\"", Some(1)));
    assert_eq!(seen.payment.attributes.amount(), "120.00");
    service.finish()
}

pub(crate) async fn a_replacement_with_faults_is_refused(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("replacing a payment by one without money", |i| {
            i.given("there is a payment");
            replace_request(i, "0");
            faults(i, PATH, &["/data/attributes/amount"]);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).replace(ID, order("0").version(0)).await.unwrap_err();
    let CheckoutError::Invalid(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults[0].0, "/data/attributes/amount");
    service.finish()
}

pub(crate) async fn replacing_an_old_version_is_a_conflict(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("replacing an old version of a payment", |i| {
            i.given("the payment has changed");
            replace_request(i, "120.00");
            problem(i, 409, "/problems/version-conflict", PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap_err();
    assert_eq!(error, CheckoutError::Conflict);
    service.finish()
}

pub(crate) async fn replacing_a_deleted_payment_is_not_found(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("replacing a payment that was deleted", |i| {
            i.given("the payment was deleted");
            replace_request(i, "120.00");
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).replace(ID, order("120.00").version(0)).await.unwrap_err();
    assert_eq!(error, CheckoutError::NotFound);
    service.finish()
}

pub(crate) async fn a_part_is_changed(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("changing the reference of a payment", |i| {
            i.given("there is a payment");
            set_reference_request(i);
            payment(i, 200, 1, "100.21");
        })
        .await
        .start()
        .await;
    let seen = Checkout::new(service.client()).set_reference(ID, "\"0\"", "Flour, February").await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.attributes.amount()), ("\"1\"", "100.21"));
    service.finish()
}

pub(crate) async fn changing_an_old_version_is_a_conflict(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("changing the reference of a payment that has changed", |i| {
            i.given("the payment has changed");
            set_reference_request(i);
            problem(i, 412, "/problems/precondition-failed", PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).set_reference(ID, "\"0\"", "Flour, February").await.unwrap_err();
    assert_eq!(error, CheckoutError::Conflict);
    service.finish()
}

pub(crate) async fn an_unchanged_amount_is_raised(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("raising the amount of a payment", |i| {
            i.given("there is a payment");
            raise_amount_request(i);
            payment(i, 200, 1, "120.00");
        })
        .await
        .start()
        .await;
    let seen = Checkout::new(service.client()).raise_amount(ID, "100.21", "120.00").await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.attributes.amount()), ("\"1\"", "120.00"));
    service.finish()
}

pub(crate) async fn an_amount_that_has_changed_is_not_raised(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("raising an amount that has changed", |i| {
            i.given("the payment has changed");
            raise_amount_request(i);
            problem(i, 409, "/problems/patch-test-failed", PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).raise_amount(ID, "100.21", "120.00").await.unwrap_err();
    assert_eq!(error, CheckoutError::Conflict);
    service.finish()
}

pub(crate) async fn an_outage_says_when_to_retry(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("changing the reference of a payment during an outage", |i| {
            i.given("the store is away");
            set_reference_request(i);
            unavailable(i, PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).set_reference(ID, "\"0\"", "Flour, February").await.unwrap_err();
    assert_eq!(error, CheckoutError::Unavailable(Duration::from_secs(1)));
    service.finish()
}
