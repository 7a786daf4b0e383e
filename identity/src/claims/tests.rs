use super::{ClaimPath, Rules};
use crate::{Caller, Claim, InvalidToken};
use InvalidToken::{Audience, Expired, Issuer, Malformed, Missing, NotYetValid, Type, WrongType};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;

fn rules(organisation: &str) -> Rules {
    Rules {
        issuer: "https://issuer.example/".into(),
        audiences: vec!["https://pay.example".into(), "pay".into()],
        organisation: ClaimPath::read(organisation).expect("a path"),
        scopes: vec!["scope".into(), "scp".into()],
        leeway: 30,
    }
}

/// Judges good claims, with these changes; null removes.
fn judge_with(rules: &Rules, changes: &Value) -> Result<Caller, InvalidToken> {
    let mut claims = json!({
        "iss": "https://issuer.example/", "aud": "pay", "exp": NOW + 60, "iat": NOW - 60, "nbf": NOW - 60,
        "sub": "alice", "client_id": "shop", "scope": "payments:read payments:write", "organisation_id": "acme",
    });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    rules.judge(claims.to_string().as_bytes(), false, NOW)
}

fn judge(changes: &Value) -> Result<Caller, InvalidToken> {
    judge_with(&rules("organisation_id"), changes)
}

#[track_caller]
fn assert_all(cases: &[(Value, Option<InvalidToken>)]) {
    for (changes, expected) in cases {
        let judged = judge(changes);
        assert_eq!(judged.as_ref().err(), expected.as_ref(), "claims with {changes}: {judged:?}");
    }
}

#[test]
fn good_claims_say_who_the_caller_is() {
    let caller = judge(&json!({})).unwrap();
    assert_eq!((caller.subject(), caller.client(), caller.organisation()), ("alice", Some("shop"), Some("acme")));
    assert_eq!(caller.expires_at(), NOW + 60);
    assert!(caller.scopes().contains("payments:write") && !caller.scopes().contains("admin"), "{caller:?}");
}

#[test]
fn the_issuer_is_ours_letter_for_letter() {
    assert_all(&[
        (json!({"iss": null}), Some(Missing(Claim::Issuer))),
        (json!({"iss": "https://issuer.example"}), Some(Issuer)),
        (json!({"iss": "https://ISSUER.example/"}), Some(Issuer)),
        (json!({"iss": "https://issuer.example//"}), Some(Issuer)),
        (json!({"iss": ""}), Some(Issuer)),
        (json!({"iss": ["https://issuer.example/"]}), Some(WrongType(Claim::Issuer))),
        (json!({"iss": 1}), Some(WrongType(Claim::Issuer))),
    ]);
}

#[test]
fn the_audience_has_one_of_ours() {
    assert_all(&[
        (json!({"aud": "https://pay.example"}), None),
        (json!({"aud": ["other", "pay"]}), None),
        (json!({"aud": null}), Some(Missing(Claim::Audience))),
        (json!({"aud": "other"}), Some(Audience)),
        (json!({"aud": "pay "}), Some(Audience)),
        (json!({"aud": "payments"}), Some(Audience)),
        (json!({"aud": ""}), Some(Audience)),
        (json!({"aud": []}), Some(Audience)),
        (json!({"aud": ["other", "pa", "y"]}), Some(Audience)),
        (json!({"aud": ["pay", 1]}), Some(WrongType(Claim::Audience))),
        (json!({"aud": [["pay"]]}), Some(WrongType(Claim::Audience))),
        (json!({"aud": {"pay": true}}), Some(WrongType(Claim::Audience))),
        (json!({"aud": true}), Some(WrongType(Claim::Audience))),
    ]);
}

#[test]
fn times_are_numbers_and_clocks_may_differ_by_the_leeway() {
    assert_all(&[
        (json!({"exp": null}), Some(Missing(Claim::Expiry))),
        (json!({"exp": NOW - 29}), None),
        (json!({"exp": NOW - 30}), Some(Expired)),
        (json!({"exp": 0}), Some(Expired)),
        (json!({"exp": -1}), Some(Expired)),
        (json!({"exp": i64::MIN}), Some(Expired)),
        (json!({"exp": u64::MAX}), None),
        (json!({"exp": 1_800_000_000.5}), None),
        (json!({"exp": (NOW + 60).to_string()}), Some(WrongType(Claim::Expiry))),
        (json!({"exp": [NOW + 60]}), Some(WrongType(Claim::Expiry))),
        (json!({"exp": true}), Some(WrongType(Claim::Expiry))),
        (json!({"nbf": null, "iat": null}), None),
        (json!({"nbf": NOW + 30}), None),
        (json!({"nbf": NOW + 31}), Some(NotYetValid)),
        (json!({"nbf": u64::MAX}), Some(NotYetValid)),
        (json!({"nbf": i64::MIN}), None),
        (json!({"nbf": "soon"}), Some(WrongType(Claim::NotBefore))),
        (json!({"iat": NOW + 30}), None),
        (json!({"iat": NOW + 31}), Some(NotYetValid)),
        (json!({"iat": "now"}), Some(WrongType(Claim::IssuedAt))),
    ]);
}

#[test]
fn numbers_beyond_all_bounds_are_no_trouble() {
    for (exp, expected) in [
        ("1e400", None),
        ("-1e400", Some(Expired)),
        ("1e-400", Some(Expired)),
        ("18e8", None),
        (&"9".repeat(400), None),
        (&format!("-{}", "9".repeat(400)), Some(Expired)),
        ("0x7fffffffffffffff", Some(Malformed)),
        ("+1800000060", Some(Malformed)),
        ("NaN", Some(Malformed)),
        ("Infinity", Some(Malformed)),
        ("null", Some(WrongType(Claim::Expiry))),
    ] {
        let json = format!(r#"{{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":{exp}}}"#);
        let judged = rules("org").judge(json.as_bytes(), false, NOW);
        assert_eq!(judged.as_ref().err(), expected.as_ref(), "{exp}: {judged:?}");
    }
    let forever =
        rules("org").judge(br#"{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":1e400}"#, false, i64::MAX);
    assert_eq!(forever, Err(Expired), "the end of time is an end");
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    for json in [
        r#"{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":1,"exp":1900000000}"#,
        r#"{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":1900000000,"\u0065xp":1}"#,
        r#"{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":1900000000,"x":1,"x":1}"#,
        "[]",
        "",
        "\u{feff}{}",
    ] {
        assert_eq!(rules("org").judge(json.as_bytes(), false, NOW), Err(Malformed), "{json}");
    }
}

#[test]
fn the_subject_is_the_client_where_there_is_no_user() {
    let named =
        |changes| judge(&changes).map(|caller| (caller.subject().to_owned(), caller.client().map(str::to_owned)));
    let shop = Some("shop".to_owned());
    assert_eq!(named(json!({"sub": null})), Ok(("shop".into(), shop.clone())));
    assert_eq!(named(json!({"sub": null, "client_id": null, "azp": "till"})), Ok(("till".into(), Some("till".into()))));
    assert_eq!(named(json!({"azp": "till"})), Ok(("alice".into(), shop)));
    assert_eq!(named(json!({"client_id": null})), Ok(("alice".into(), None)));
    assert_eq!(named(json!({"sub": null, "client_id": null})), Err(Missing(Claim::Subject)));
}

#[test]
fn names_are_texts_that_a_log_and_a_key_can_have() {
    for (claim, which) in
        [("sub", Claim::Subject), ("client_id", Claim::Client), ("organisation_id", Claim::Organisation)]
    {
        for wrong in [json!(""), json!("a\nb"), json!("a\0"), json!(7), json!(["a"]), json!({"id": "a"}), json!(false)]
        {
            assert_eq!(judge(&json!({claim: wrong})), Err(WrongType(which)), "{claim}: {wrong}");
        }
    }
    assert_eq!(judge(&json!({"organisation_id": "Æther & Söhne"})).unwrap().organisation(), Some("Æther & Söhne"));
    assert_eq!(judge(&json!({"organisation_id": null})).unwrap().organisation(), None);
}

#[test]
fn scopes_are_a_text_or_a_list() {
    for (changes, expected) in [
        (json!({"scope": null}), ""),
        (json!({"scope": null, "scp": "a b"}), "a b"),
        (json!({"scope": null, "scp": ["a", "b"]}), "a b"),
        (json!({"scope": ["a", "b"]}), "a b"),
        (json!({"scope": "a", "scp": ["admin"]}), "a"),
        (json!({"scope": "", "scp": ["admin"]}), ""),
        (json!({"scope": null, "roles": ["admin"]}), ""),
    ] {
        let caller = judge(&changes).unwrap();
        assert_eq!(caller.scopes().iter().collect::<Vec<_>>().join(" "), expected, "{changes}");
    }
    for wrong in [json!({"scope": 1}), json!({"scope": ["a", 1]}), json!({"scope": {"a": true}})] {
        assert_eq!(judge(&wrong), Err(WrongType(Claim::Scope)), "{wrong}");
    }
    let roles = Rules { scopes: vec!["roles".into()], ..rules("organisation_id") };
    let caller = judge_with(&roles, &json!({"roles": ["admin"]})).unwrap();
    assert!(caller.scopes().contains("admin") && !caller.scopes().contains("payments:read"), "{caller:?}");
}

#[test]
fn the_organisation_is_a_name_or_inside_another_claim() {
    for (path, changes, expected) in [
        ("https://example.com/org", json!({"https://example.com/org": "acme"}), Ok(Some("acme"))),
        ("a.b", json!({"a.b": "acme", "a": {"b": "other"}}), Ok(Some("acme"))),
        ("/org/id", json!({"org": {"id": "acme"}}), Ok(Some("acme"))),
        ("/org/x~1y~0", json!({"org": {"x/y~": "acme"}}), Ok(Some("acme"))),
        ("/org", json!({"org": "acme"}), Ok(Some("acme"))),
        ("/org/id", json!({}), Ok(None)),
        ("/org/id", json!({"org": {}}), Ok(None)),
        ("/org/id", json!({"org": "acme"}), Err(WrongType(Claim::Organisation))),
        ("/org/0", json!({"org": ["acme"]}), Err(WrongType(Claim::Organisation))),
        ("org", json!({"org": {"id": "acme"}}), Err(WrongType(Claim::Organisation))),
    ] {
        let judged = judge_with(&rules(path), &changes);
        let organisation = judged.as_ref().map(Caller::organisation).map_err(|reason| *reason);
        assert_eq!(organisation, expected, "{path} in {changes}");
    }
    let twice = r#"{"iss":"https://issuer.example/","aud":"pay","sub":"a","exp":1900000000,"o":{"i":"a","i":"b"}}"#;
    let judged = rules("/o/i").judge(twice.as_bytes(), false, NOW);
    assert_eq!(judged, Err(WrongType(Claim::Organisation)), "which of two organisations is it?");
    for nothing in ["", "/", "/org/", "//id"] {
        assert_eq!(ClaimPath::read(nothing), None, "{nothing:?}");
    }
}

#[test]
fn an_id_token_is_no_access_token() {
    for changes in [
        json!({"at_hash": "x"}),
        json!({"c_hash": "x"}),
        json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
        json!({"typ": "ID"}),
        json!({"typ": "Refresh"}),
    ] {
        assert_eq!(judge(&changes), Err(Type), "{changes}");
    }
    assert!(judge(&json!({"typ": "Bearer", "nonce": "1"})).is_ok(), "Keycloak's access tokens are as good as others");
}
