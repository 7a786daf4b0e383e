//! Orders are paid.

use crate::{
    checkout::{Checkout, Trouble, order},
    expected::{ID, PATH, asks, away, faults, payment, problem},
};
use pact_consumer::{
    builders::{HttpPartBuilder, InteractionBuilder},
    json_pattern, json_pattern_internal, matching_regex, term,
};
use pacts::consumer::{Exercised, Scenario};
use serde_json::{Value, json};
use std::time::Duration;

const UUID: &str = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

fn creates(interaction: &mut InteractionBuilder, data: Value) {
    asks(interaction, "POST", "/v1/payments", "application/json", json!({"data": data}));
}

fn flour(amount: &str) -> Value {
    json!({
        "id": ID,
        "type": "Payment",
        "organisation_id": "harbour-lane-bakery",
        "attributes": {"amount": amount, "currency": "GBP"},
    })
}

pub(crate) async fn a_payment_is_created(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment", |i| {
            i.given("there are no payments");
            creates(i, flour("100.21"));
            payment(i, 201, 0, "100.21");
            i.response.header(
                "Location",
                term!("^https?://.+/v1/payments/faster-payment$", "http://localhost:8080/v1/payments/faster-payment"),
            );
        })
        .await
        .begins()
        .await;
    let (location, seen) = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap();
    assert!(location.ends_with(PATH), "{location}");
    assert_eq!((seen.etag.as_str(), seen.payment.version), ("\"0\"", Some(0)));
    service.ends()
}

pub(crate) async fn a_payment_without_an_id_is_given_one(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment without an id", |i| {
            i.given("there are no payments");
            let mut data = flour("100.21");
            data.as_object_mut().unwrap().remove("id");
            creates(i, data);
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
        .begins()
        .await;
    let (location, seen) = Checkout::new(service.client()).pay(order("100.21")).await.unwrap();
    let id = seen.payment.id.expect("an id");
    assert!(location.ends_with(&id), "{location} {id}");
    service.ends()
}

pub(crate) async fn every_fault_is_shown_to_the_shopper(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment with two faults", |i| {
            i.given("there are no payments");
            let mut data = flour("0.00");
            data["organisation_id"] = "".into();
            creates(i, data);
            faults(i, "/v1/payments", &["/data/organisation_id", "/data/attributes/amount"]);
        })
        .await
        .begins()
        .await;
    let mut wrong = order("0.00").id(ID);
    wrong.organisation_id.clear();
    let Err(Trouble::Correct(faults)) = Checkout::new(service.client()).pay(wrong).await else { panic!("accepted") };
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/organisation_id", "/data/attributes/amount"]);
    service.ends()
}

pub(crate) async fn an_id_that_is_taken_is_an_order_that_was_paid(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment that is there", |i| {
            i.given("there is a payment");
            creates(i, flour("100.21"));
            problem(i, 409, "/problems/payment-exists", "/v1/payments");
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(trouble, Trouble::Taken);
    service.ends()
}

pub(crate) async fn a_deleted_id_stays_taken(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment that was deleted", |i| {
            i.given("the payment was deleted");
            creates(i, flour("100.21"));
            problem(i, 409, "/problems/payment-exists", "/v1/payments");
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(trouble, Trouble::Taken);
    service.ends()
}

pub(crate) async fn a_store_that_is_away_is_tried_again(scenario: Scenario) -> Exercised {
    let service = scenario
        .expects("creating a payment during an outage", |i| {
            i.given("the store is away");
            creates(i, flour("100.21"));
            away(i, "/v1/payments");
        })
        .await
        .begins()
        .await;
    let trouble = Checkout::new(service.client()).pay(order("100.21").id(ID)).await.unwrap_err();
    assert_eq!(trouble, Trouble::Later(Duration::from_secs(1)));
    service.ends()
}
