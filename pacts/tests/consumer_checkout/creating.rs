//! Creating payments.

use crate::{
    checkout::{Checkout, CheckoutError, order},
    expected::{ID, PATH, faults, payment, problem, request, unavailable},
};
use pact_consumer::{
    builders::{HttpPartBuilder, InteractionBuilder},
    json_pattern, json_pattern_internal, matching_regex, term,
};
use pacts::consumer::{ConsumerTest, RecordedInteractions};
use serde_json::{Value, json};
use std::time::Duration;

const UUID: &str = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

fn create_request(interaction: &mut InteractionBuilder, data: Value) {
    request(interaction, "POST", "/v1/payments", "application/json", json!({"data": data}));
}

fn payment_data(amount: &str) -> Value {
    json!({
        "id": ID,
        "type": "Payment",
        "organisation_id": "harbour-lane-bakery",
        "attributes": {"amount": amount, "currency": "GBP"},
    })
}

pub(crate) async fn a_payment_is_created(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment", |i| {
            i.given("there are no payments");
            create_request(i, payment_data("100.21"));
            payment(i, 201, 0, "100.21");
            i.response.header(
                "Location",
                term!("^https?://.+/v1/payments/faster-payment$", "http://localhost:8080/v1/payments/faster-payment"),
            );
        })
        .await
        .start()
        .await;
    let (location, seen) = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap();
    assert!(location.ends_with(PATH), "{location}");
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"0\"", Some(0)));
    service.finish()
}

pub(crate) async fn a_payment_without_an_id_is_given_one(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment without an id", |i| {
            i.given("there are no payments");
            let mut data = payment_data("100.21");
            data.as_object_mut().unwrap().remove("id");
            create_request(i, data);
            let id = "019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20";
            i.response
                .created()
                .header("ETag", "\"0\"")
                .header("Content-Type", "application/json")
                .header("Location", term!(format!("^https?://.+/v1/payments/{UUID}$"), format!("http://localhost:8080/v1/payments/{id}")))
                .json_body(json_pattern!({
                    "data": {
                        "id": matching_regex!(format!("^{UUID}$"), id),
                        "type": "Payment",
                        "version": 0,
                        "organisation_id": "harbour-lane-bakery",
                        "attributes": {"amount": "100.21", "currency": "GBP"},
                    },
                    "links": {"self": matching_regex!(format!("^https?://.+/v1/payments/{UUID}$"), format!("http://localhost:8080/v1/payments/{id}"))},
                }));
        })
        .await
        .start()
        .await;
    let (location, seen) = Checkout::new(service.client()).pay(order("100.21")).await.unwrap();
    let id = seen.payment.id.expect("an id");
    assert!(location.ends_with(&id), "{location} {id}");
    service.finish()
}

pub(crate) async fn every_fault_is_shown_to_the_shopper(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment with two faults", |i| {
            i.given("there are no payments");
            let mut data = payment_data("0.00");
            data["organisation_id"] = "".into();
            create_request(i, data);
            faults(i, "/v1/payments", &["/data/organisation_id", "/data/attributes/amount"]);
        })
        .await
        .start()
        .await;
    let mut wrong = order("0.00").id(ID);
    wrong.organisation_id.clear();
    let Err(CheckoutError::Invalid(faults)) = Checkout::new(service.client()).pay(wrong).await else {
        panic!("accepted")
    };
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/organisation_id", "/data/attributes/amount"]);
    service.finish()
}

pub(crate) async fn a_taken_id_means_that_the_order_was_paid(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment that is there", |i| {
            i.given("there is a payment");
            create_request(i, payment_data("100.21"));
            problem(i, 409, "/problems/payment-exists", "/v1/payments");
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(error, CheckoutError::AlreadyPaid);
    service.finish()
}

pub(crate) async fn a_deleted_id_stays_taken(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment that was deleted", |i| {
            i.given("the payment was deleted");
            create_request(i, payment_data("100.21"));
            problem(i, 409, "/problems/payment-exists", "/v1/payments");
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(error, CheckoutError::AlreadyPaid);
    service.finish()
}

pub(crate) async fn an_outage_says_when_to_retry(test: ConsumerTest) -> RecordedInteractions {
    let service = test
        .expects("creating a payment during an outage", |i| {
            i.given("the store is away");
            create_request(i, payment_data("100.21"));
            unavailable(i, "/v1/payments");
        })
        .await
        .start()
        .await;
    let error = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(error, CheckoutError::Unavailable(Duration::from_secs(1)));
    service.finish()
}
