//! Reading payments.

use crate::{
    checkout::{Checkout, CheckoutError},
    expected::{ID, PATH, payment, problem, unavailable},
};
use pact_consumer::builders::{HttpPartBuilder, InteractionBuilder};
use pacts::consumer::{ConsumerTest, RecordedInteractions};
use std::time::Duration;

fn read_request(interaction: &mut InteractionBuilder) {
    interaction.request.get().path(PATH);
}

pub(crate) async fn a_payment_is_read(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment", |i| {
            i.given("there is a payment");
            read_request(i);
            payment(i, 200, 0, "100.21");
        })
        .await
        .start()
        .await;
    let seen = Checkout::new(service.client()).read(ID).await.unwrap();
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"0\"", Some(0)));
    assert_eq!(seen.payment.attributes.amount(), "100.21");
    assert!(seen.payment.created_on.is_some() && seen.payment.modified_on.is_some());
    service.finish()
}

pub(crate) async fn an_unchanged_payment_is_not_sent_again(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment that is known", |i| {
            i.given("there is a payment");
            read_request(i);
            i.request.header("If-None-Match", "\"0\"");
            i.response.status(304).header("ETag", "\"0\"");
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).read_if_changed(ID, "\"0\"").await, Ok(None));
    service.finish()
}

pub(crate) async fn a_changed_payment_is_sent_again(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment of which an older version is known", |i| {
            i.given("the payment has changed");
            read_request(i);
            i.request.header("If-None-Match", "\"0\"");
            payment(i, 200, 1, "2345.00");
        })
        .await
        .start()
        .await;
    let changed = Checkout::new(service.client()).read_if_changed(ID, "\"0\"").await.unwrap().expect("a newer version");
    assert_eq!((changed.version, changed.attributes.amount()), (Some(1), "2345.00"));
    service.finish()
}

pub(crate) async fn a_payment_that_never_existed_is_not_found(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment that was never there", |i| {
            i.given("there are no payments");
            read_request(i);
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).read(ID).await.unwrap_err(), CheckoutError::NotFound);
    service.finish()
}

pub(crate) async fn a_deleted_payment_is_not_found(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment that was deleted", |i| {
            i.given("the payment was deleted");
            read_request(i);
            problem(i, 404, "/problems/payment-not-found", PATH);
        })
        .await
        .start()
        .await;
    assert_eq!(Checkout::new(service.client()).read(ID).await.unwrap_err(), CheckoutError::NotFound);
    service.finish()
}

pub(crate) async fn an_outage_says_when_to_retry(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("reading a payment during an outage", |i| {
            i.given("the store is away");
            read_request(i);
            unavailable(i, PATH);
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).read(ID).await.unwrap_err();
    assert_eq!(error, CheckoutError::Unavailable(Duration::from_secs(1)));
    service.finish()
}
