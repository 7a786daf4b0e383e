//! Attributes come back byte for byte.

use crate::on_every_store;
use crate::stores::{Store, attributes, create, id, list, now, organisation, payment, version};
use crate::view::Repo;
use payments::payments::{Change, Origin, PageStart, Position};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

on_every_store!(keeps_the_bytes, keeps_the_bytes_of_a_change, keeps_any_json, keeps_a_mebibyte);

/// Texts that a store would change if it parsed JSON and wrote it anew.
const TEXTS: [&str; 12] = [
    r#"{"z":1,"a":2,"amount":"1.10"}"#,
    r#"{ "amount" : "1" ,  "b":null }"#,
    "{\n\t\"amount\": \"1\"\r\n}",
    r#"{"amount":"1","n":1.10,"m":100,"k":1e2,"j":1E+2,"i":-0,"h":0.0}"#,
    r#"{"amount":"1","big":123456789012345678901234567890,"small":0.00000000000000000000000000001}"#,
    r#"{"amount":"1","nul":"\u0000","quote":"\"","slash":"\/","escaped":"\u00e9","surrogates":"\ud83d\ude00"}"#,
    r#"{"amount":"1","lone":"\ud800"}"#,
    r#"{"amount":"1","text":"é 支付 💰 "}"#,
    r#"{"amount":"1","a":1,"a":2}"#,
    r#"{"amount":"1","":{"":[[],{},[null]]}}"#,
    r#"{"amount":"1","sql":"'; DROP TABLE payments; --","placeholders":"?1 $1 {payments} %s"}"#,
    r#"{"amount":"1"} "#,
];

async fn keeps_the_bytes<R: Repo>(repo: Store<R>) {
    for (number, text) in TEXTS.into_iter().enumerate() {
        let mut new = payment(&format!("p{number}"));
        new.attributes = attributes(text);
        let created = repo.create(new).await.expect("the store creates a payment with a new id");
        assert_eq!(created.attributes.as_str(), text, "what create returned");
        assert_eq!(
            repo.fetch(&created.id).await.expect("the payment is there").attributes.as_str(),
            text,
            "what fetch returned"
        );
    }
    let page = list(&*repo, PageStart::After(Position::BEGINNING), 99).await;
    let listed: Vec<_> = page.payments.iter().map(|payment| payment.attributes.as_str()).collect();
    assert_eq!(listed, TEXTS, "what list returned");
}

async fn keeps_the_bytes_of_a_change<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    for (number, text) in (0..).zip(TEXTS) {
        let change = Change {
            organisation_id: organisation("o"),
            attributes: attributes(text),
            modified_on: now(),
            origin: Origin::default(),
        };
        let updated = repo
            .update(&id("a"), version(number), change)
            .await
            .expect("the payment is there, at the expected version");
        assert_eq!(updated.attributes.as_str(), text, "what update returned");
        assert_eq!(
            repo.fetch(&id("a")).await.expect("the payment is there").attributes.as_str(),
            text,
            "what fetch returned"
        );
    }
}

async fn keeps_any_json<R: Repo>(repo: Store<R>) {
    let mut runner = TestRunner::deterministic();
    // JSON text has no control characters but white space; a store need know no more of it.
    let texts = "\\{[ -~\n\r\t\u{a0}-\u{2ffff}]{0,200}\\}";
    for number in 0..100 {
        let text = texts.new_tree(&mut runner).unwrap().current();
        let mut new = payment(&format!("p{number}"));
        new.attributes = attributes(&text);
        let created = repo.create(new).await.expect("the store creates a payment with a new id");
        assert_eq!(repo.fetch(&created.id).await.expect("the payment is there").attributes.as_str(), text);
    }
}

async fn keeps_a_mebibyte<R: Repo>(repo: Store<R>) {
    let text = format!(r#"{{"amount":"1","note":"{}"}}"#, "é".repeat(1 << 19));
    let mut new = payment("a");
    new.attributes = attributes(&text);
    repo.create(new).await.expect("the store creates a payment with a new id");
    let fetched = repo.fetch(&id("a")).await.expect("the payment is there");
    let (expected, got) = (text.as_bytes(), fetched.attributes.as_str().as_bytes());
    let different = expected.iter().zip(got).position(|(expected, got)| expected != got);
    assert_eq!((got.len(), different), (expected.len(), None), "length, and the first byte that differs");
}
