use super::KeySet;
use crate::{InvalidToken, algorithm::Algorithm};
use InvalidToken::{AmbiguousKey, KeyMismatch, UnknownKey};
use serde_json::{Value, json};

fn set(keys: &Value) -> KeySet {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).expect("a key set")
}

/// A key of this id; `point` tells keys apart.
fn ed25519(kid: Option<&str>, point: &str) -> Value {
    let mut key = json!({"kty": "OKP", "crv": "Ed25519", "x": format!("{point:A<43}")});
    if let Some(kid) = kid {
        key["kid"] = json!(kid);
    }
    key
}

fn p256(kid: &str) -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43), "kid": kid})
}

fn found(set: &KeySet, kid: Option<&str>, algorithm: &str) -> Result<usize, InvalidToken> {
    set.candidates(kid, Algorithm::named(algorithm).unwrap()).map(|keys| keys.len())
}

#[test]
fn a_token_is_held_to_the_key_that_it_names() {
    let set = set(&json!([ed25519(Some("a"), "1"), ed25519(Some("b"), "2"), p256("c"), ed25519(None, "3")]));
    assert_eq!(found(&set, Some("a"), "EdDSA"), Ok(1));
    assert_eq!(found(&set, Some("c"), "ES256"), Ok(1));
    assert_eq!(found(&set, Some("c"), "EdDSA"), Err(KeyMismatch));
    assert_eq!(found(&set, Some("A"), "EdDSA"), Err(UnknownKey));
    for hostile in ["", "../../dev/null", "a' OR '1'='1", "a\0", "a ", &"a".repeat(8000)] {
        assert_eq!(found(&set, Some(hostile), "EdDSA"), Err(UnknownKey), "{hostile:?}");
    }
}

#[test]
fn a_token_that_names_no_key_needs_one_that_alone_fits() {
    let set = set(&json!([ed25519(Some("a"), "1"), ed25519(Some("b"), "2"), p256("c")]));
    assert_eq!(found(&set, None, "ES256"), Ok(1));
    assert_eq!(found(&set, None, "EdDSA"), Err(AmbiguousKey));
    assert_eq!(found(&set, None, "RS256"), Err(UnknownKey));
}

#[test]
fn keys_of_one_id_are_all_tried_that_fit() {
    let set = set(&json!([ed25519(Some("a"), "1"), p256("a"), ed25519(Some("a"), "2")]));
    assert_eq!(found(&set, Some("a"), "EdDSA"), Ok(2));
    assert_eq!(found(&set, Some("a"), "ES256"), Ok(1));
    assert_eq!(found(&set, Some("a"), "RS256"), Err(KeyMismatch));
}

#[test]
fn a_broken_key_does_no_harm_to_the_others() {
    let set = set(&json!([1, {}, {"kty": "oct", "k": "eA"}, {"kty": "RSA", "use": "enc"}, p256("a")]));
    assert_eq!((set.len(), set.faults().len()), (1, 3));
}

#[test]
fn a_key_set_is_bounded_and_well_formed() {
    let many = |count: usize| {
        let keys: Vec<Value> = (0..count).map(|n| ed25519(Some(&n.to_string()), "1")).collect();
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).map(|set| set.len())
    };
    assert_eq!(many(32), Ok(32));
    assert_eq!(many(33), Err("has more than 32 keys"));
    for bad in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#, "<html>"] {
        assert!(KeySet::read(bad.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn the_order_of_keys_is_no_difference() {
    let (a, b) = (ed25519(Some("a"), "1"), ed25519(Some("b"), "2"));
    assert!(set(&json!([a, b])).has_same_keys(&set(&json!([b, a]))));
    assert!(!set(&json!([a, b])).has_same_keys(&set(&json!([a]))));
    assert!(!set(&json!([a])).has_same_keys(&set(&json!([ed25519(Some("a"), "2")]))), "another key of the same id");
}
