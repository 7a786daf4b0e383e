//! Deleting payments.

use crate::{
    checkout::{Checkout, CheckoutError},
    expected::{ID, PATH, faults, problem},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{ConsumerTest, RecordedInteractions};

fn delete_request(interaction: &mut InteractionBuilder) {
    interaction.request.delete().path(PATH);
}

pub(crate) async fn a_payment_is_deleted(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("deleting a payment", |i| {
            i.given("there is a payment");
            delete_request(i);
            i.request.query_param("version", "0");
            i.response.no_content();
        })
        .await
        .start()
        .await;
    Checkout::new(service.client()).cancel(ID, 0).await.unwrap();
    service.finish()
}

pub(crate) async fn a_deletion_needs_a_version(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("deleting a payment without saying which version", |i| {
            i.given("there is a payment");
            delete_request(i);
            faults(i, PATH, &["/query/version"]);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).cancel_any_version(ID).await.unwrap_err();
    let CheckoutError::Invalid(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults[0].0, "/query/version");
    service.finish()
}

pub(crate) async fn deleting_an_old_version_is_a_conflict(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("deleting an old version of a payment", |i| {
            i.given("the payment has changed");
            delete_request(i);
            i.request.query_param("version", "0");
            problem(i, 409, "/problems/version-conflict", PATH);
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel(ID, 0).await, Err(CheckoutError::Conflict));
    service.finish()
}

pub(crate) async fn deleting_by_an_old_etag_is_a_conflict(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("deleting a payment by an old ETag", |i| {
            i.given("the payment has changed");
            delete_request(i);
            i.request.header("If-Match", "\"0\"");
            problem(i, 412, "/problems/precondition-failed", PATH);
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel_at_etag(ID, "\"0\"").await, Err(CheckoutError::Conflict));
    service.finish()
}

pub(crate) async fn deleting_a_deleted_payment_is_not_found(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("deleting a payment that was deleted", |i| {
            i.given("the payment was deleted");
            delete_request(i);
            i.request.query_param("version", "0");
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).cancel(ID, 0).await, Err(CheckoutError::NotFound));
    service.finish()
}
