//! Attributes are the JSON text that they came as, but for what is changed.

use client_tests::{PAYMENT, Service, line};
use payments_client::{
    Error, Json, JsonObject,
    models::{PaymentAttributes, PaymentRequest},
};

const TEXT: &str = r#"{ "b" : 1.10, "amount":"1.00","n":123456789012345678901234567890 ,"a":null, "\u0061z":[ 1,2 ] }"#;

#[tokio::test]
async fn what_was_read_can_be_written_back_without_losing_a_byte() {
    let service = Service::answering_json(200, PAYMENT).await;
    let payment = service.client().get_payment("p").send().await.unwrap().body.data;

    let service = Service::answering_json(200, PAYMENT).await;
    service.client().update_payment("p", &PaymentRequest::new(payment)).send().await.unwrap();
    // All but what is not the payment's, or not of this version of the contract.
    let known = PAYMENT.split(r#","new_in_v1""#).next().unwrap();
    assert_eq!(line(&service.asked().await), format!("PUT /v1/payments/p {known}}}}}"));
}

#[tokio::test]
async fn white_space_within_attributes_survives_the_round_trip() {
    let before = PAYMENT.replace(r#"{"amount":"100.21","#, "{\n\t\"amount\" : \"100.21\" ,\r\n ");
    assert_ne!(before, PAYMENT);
    let service = Service::answering_json(200, &before).await;
    let payment = service.client().get_payment("p").send().await.unwrap().body.data;
    let after = serde_json::to_string(&payment).unwrap();
    assert!(before.contains(payment.attributes.as_json()) && after.contains(payment.attributes.as_json()), "{after}");
}

#[test]
fn a_text_is_kept_as_it_is() {
    let attributes = PaymentAttributes::from_json(TEXT).unwrap();
    assert_eq!((attributes.as_json(), attributes.amount()), (TEXT, "1.00"));
    assert_eq!(serde_json::to_string(&attributes).unwrap(), TEXT);
    assert_eq!(attributes.keys(), ["b", "amount", "n", "a", "az"]);
}

#[test]
fn the_smallest_attributes_are_an_amount() {
    assert_eq!(PaymentAttributes::new("1\"0").as_json(), r#"{"amount":"1\"0"}"#);
    assert_eq!(PaymentAttributes::new("1\"0").amount(), "1\"0");
}

#[test]
fn values_are_read_as_what_is_asked_for() {
    let attributes = PaymentAttributes::from_json(TEXT).unwrap();
    assert_eq!(attributes.get::<Json>("n").unwrap().unwrap().as_str(), "123456789012345678901234567890");
    assert_eq!(attributes.get::<Json>("b").unwrap().unwrap().as_str(), "1.10");
    assert_eq!(attributes.get::<Option<i32>>("a").unwrap().unwrap(), None);
    assert_eq!(attributes.get::<Vec<i32>>("az").unwrap().unwrap(), [1, 2]);
    assert!(matches!(attributes.get::<String>("b"), Some(Err(Error::Json(_)))));
    assert!(attributes.get::<Json>("missing").is_none());
}

#[test]
fn a_change_touches_what_it_changes() {
    let mut attributes = PaymentAttributes::from_json(TEXT).unwrap();
    attributes.set("a", "x").unwrap();
    assert_eq!(attributes.as_json(), TEXT.replace("null", r#""x""#));
    attributes.set("amount", "2.00").unwrap();
    assert_eq!(
        (attributes.amount(), attributes.as_json()),
        ("2.00", &*TEXT.replace("null", r#""x""#).replace("1.00", "2.00"))
    );
    attributes.set("new \"key\"", &[1]).unwrap();
    assert!(attributes.as_json().ends_with(r#""\u0061z":[ 1,2 ],"new \"key\"":[1] }"#), "{}", attributes.as_json());
}

#[test]
fn what_is_removed_goes_with_its_comma() {
    for (text, key, left) in [
        (r#"{ "amount" : "1" , "a" : 2 , "b" : 3 }"#, "a", r#"{ "amount" : "1" , "b" : 3 }"#),
        (r#"{ "amount" : "1" , "a" : 2 , "b" : 3 }"#, "b", r#"{ "amount" : "1" , "a" : 2 }"#),
        (r#"{ "a" : 2 , "amount" : "1" }"#, "a", r#"{ "amount" : "1" }"#),
    ] {
        let mut attributes = PaymentAttributes::from_json(text).unwrap();
        assert!(attributes.remove(key).unwrap());
        assert_eq!(attributes.as_json(), left);
        assert!(!attributes.remove(key).unwrap());
    }
    let mut object = JsonObject::from_text(r#"{ "a": 1 }"#).unwrap();
    assert!(object.remove("a").unwrap());
    assert_eq!(object.as_str(), "{  }");
    object.set("b", &2).unwrap();
    assert_eq!(object.as_str(), r#"{"b":2  }"#);
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts() {
    let mut attributes = PaymentAttributes::from_json(r#"{"amount":"1","a":1,"a":2}"#).unwrap();
    assert_eq!(attributes.get::<i32>("a").unwrap().unwrap(), 2);
    attributes.set("a", &3).unwrap();
    assert_eq!(attributes.as_json(), r#"{"amount":"1","a":1,"a":3}"#);
}

#[test]
fn what_the_contract_requires_cannot_be_lost() {
    let mut attributes = PaymentAttributes::from_json(TEXT).unwrap();
    assert!(matches!(attributes.remove("amount"), Err(Error::Json(_))));
    assert!(matches!(attributes.set("amount", &1), Err(Error::Json(_))));
    assert_eq!(attributes.as_json(), TEXT);
    for text in ["{}", r#"{"amount":1}"#, r#"["1"]"#, r#""1""#, "null", "", "{", r#"{"amount":"1"} x"#] {
        assert!(matches!(PaymentAttributes::from_json(text), Err(Error::Json(_))), "{text}");
    }
}

#[test]
fn attributes_can_be_made_of_anything_that_is_an_object() {
    let value = serde_json::json!({"amount": "1.00", "currency": "GBP"});
    let attributes =
        PaymentAttributes::from_value(&value).unwrap().with("fx", &Json::from_text("1.10").unwrap()).unwrap();
    assert_eq!(attributes.as_json(), r#"{"amount":"1.00","currency":"GBP","fx":1.10}"#);
    assert!(matches!(PaymentAttributes::from_value(&[1]), Err(Error::Json(_))));
}
