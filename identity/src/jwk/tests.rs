use super::{Key, Unusable};
use crate::algorithm::Algorithm;
use Unusable::{Broken, ForSomethingElse, Secret, Weak};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The example of RFC 7515, appendix A.3.
const P256: (&str, &str, &str) = (
    "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
     DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
);
/// The example of RFC 8037, appendix A.4.
const ED25519: (&str, &str) = (
    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
     hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
);

fn read(key: &Value) -> Result<Key, Unusable> {
    Key::read(key.to_string().as_bytes())
}

fn verifies(key: &Value, algorithm: &str, token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let algorithm = Algorithm::named(algorithm).expect("a known algorithm");
    read(key).expect("a usable key").verify(algorithm, message.as_bytes(), &signature)
}

/// The key of the example, with these changes; null removes.
fn p256(changes: &Value) -> Value {
    with(json!({"kty": "EC", "crv": "P-256", "x": P256.0, "y": P256.1}), changes)
}

/// A key of so many bits, which nobody has the private part of.
fn rsa(bits: usize, changes: &Value) -> Value {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] = u8::try_from((1_u32 << ((bits - 1) % 8 + 1)) - 1).unwrap();
    with(json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB"}), changes)
}

fn with(mut key: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().expect("an object") {
        key[name] = value.clone();
    }
    key.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    key
}

#[test]
fn signatures_of_the_standards_are_right_and_others_are_not() {
    let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": ED25519.0});
    assert!(verifies(&p256(&json!({})), "ES256", P256.2));
    assert!(verifies(&ed25519, "EdDSA", ED25519.1));
    assert!(verifies(&ed25519, "Ed25519", ED25519.1));

    assert!(!verifies(&p256(&json!({})), "ES256", &P256.2.replacen("eyJpc3M", "eyJpc3N", 1)), "other claims");
    assert!(!verifies(&p256(&json!({})), "ES256", P256.2.trim_end_matches("1Q")), "a shorter signature");
    assert!(!verifies(&p256(&json!({})), "ES256", &format!("{}AAAA", P256.2)), "a longer signature");
    assert!(!verifies(&p256(&json!({})), "ES384", P256.2), "another curve");
    assert!(!verifies(&p256(&json!({})), "RS256", P256.2), "another kind of key");
    assert!(!verifies(&ed25519, "ES256", ED25519.1), "another kind of key");
    assert!(!verifies(&rsa(2048, &json!({})), "EdDSA", ED25519.1), "another kind of key");
    for empty in ["", "AAAA"] {
        let (message, _) = P256.2.rsplit_once('.').unwrap();
        assert!(!verifies(&p256(&json!({})), "ES256", &format!("{message}.{empty}")), "the signature {empty:?}");
        assert!(!verifies(&rsa(2048, &json!({})), "RS256", &format!("{message}.{empty}")), "the signature {empty:?}");
    }
    let zeros = "A".repeat(86);
    let (message, _) = P256.2.rsplit_once('.').unwrap();
    assert!(!verifies(&p256(&json!({})), "ES256", &format!("{message}.{zeros}")), "r = s = 0 (CVE-2022-21449)");
}

#[test]
fn a_point_beside_the_curve_verifies_nothing() {
    let beside = p256(&json!({"y": P256.0, "x": P256.1}));
    assert!(!verifies(&beside, "ES256", P256.2));
    let origin = "A".repeat(43);
    assert!(!verifies(&p256(&json!({"x": origin, "y": origin})), "ES256", P256.2));
}

#[test]
fn a_key_that_names_an_algorithm_is_for_that_one() {
    let fits = |key: &Value, algorithm| read(key).unwrap().fits(Algorithm::named(algorithm).unwrap());
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        assert!(fits(&rsa(2048, &json!({})), algorithm), "{algorithm}");
        assert_eq!(fits(&rsa(2048, &json!({"alg": "RS256"})), algorithm), algorithm == "RS256", "{algorithm}");
    }
    for algorithm in ["ES256", "ES384", "EdDSA", "Ed25519"] {
        assert!(!fits(&rsa(2048, &json!({})), algorithm), "{algorithm}");
        assert_eq!(fits(&p256(&json!({})), algorithm), algorithm == "ES256", "{algorithm}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_told_apart() {
    for (key, expected) in [
        (rsa(2048, &json!({})), None),
        (rsa(8192, &json!({"use": "sig", "key_ops": ["verify"], "alg": "PS512", "kid": "1", "x5c": ["…"]})), None),
        (rsa(2048, &json!({"e": "Aw"})), None),
        (rsa(2047, &json!({})), Some(Weak)),
        (rsa(1024, &json!({})), Some(Weak)),
        (rsa(8200, &json!({})), Some(Weak)),
        (rsa(2048, &json!({"n": ""})), Some(Weak)),
        (rsa(2048, &json!({"n": null})), Some(Broken)),
        (rsa(2048, &json!({"e": null})), Some(Broken)),
        (rsa(2048, &json!({"e": ""})), Some(Broken)),
        (rsa(2048, &json!({"e": "AQ"})), Some(Broken)),
        (rsa(2048, &json!({"e": "AQAA"})), Some(Broken)),
        (rsa(2048, &json!({"e": "AgAAAAE"})), Some(Broken)),
        (rsa(2048, &json!({"e": 65537})), Some(Broken)),
        (rsa(2048, &json!({"n": "not base64url!"})), Some(Broken)),
        (rsa(2048, &json!({"d": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"p": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"q": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"dp": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"dq": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"qi": "AQAB"})), Some(Secret)),
        (rsa(2048, &json!({"oth": []})), Some(Secret)),
        (rsa(2048, &json!({"use": "enc"})), Some(ForSomethingElse)),
        (rsa(2048, &json!({"key_ops": ["sign", "wrapKey"]})), Some(ForSomethingElse)),
        (rsa(2048, &json!({"key_ops": []})), Some(ForSomethingElse)),
        (rsa(2048, &json!({"alg": "RSA-OAEP"})), Some(ForSomethingElse)),
        (rsa(2048, &json!({"alg": "HS256"})), Some(ForSomethingElse)),
        (rsa(2048, &json!({"alg": "ES256"})), Some(Broken)),
        (rsa(2048, &json!({"kid": 1})), Some(Broken)),
        (p256(&json!({"y": null})), Some(Broken)),
        (p256(&json!({"x": "AA"})), Some(Broken)),
        (p256(&json!({"crv": "P-384"})), Some(Broken)),
        (p256(&json!({"crv": "secp256k1"})), Some(ForSomethingElse)),
        (p256(&json!({"crv": null})), Some(Broken)),
        (p256(&json!({"alg": "ES384"})), Some(Broken)),
        (json!({"kty": "oct", "k": "c2VjcmV0"}), Some(Secret)),
        (json!({"kty": "OKP", "crv": "X25519", "x": ED25519.0}), Some(ForSomethingElse)),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}), Some(Broken)),
        (json!({"kty": "LWE"}), Some(ForSomethingElse)),
        (json!({"kid": "1"}), Some(Broken)),
        (json!([]), Some(Broken)),
        (json!("key"), Some(Broken)),
    ] {
        assert_eq!(read(&key).err(), expected, "{key}");
    }
    assert_eq!(Key::read(br#"{"kty":"RSA","kty":"EC"}"#).err(), Some(Broken), "a name twice");
}

#[test]
fn zeros_before_a_modulus_are_no_part_of_it() {
    let plain = rsa(2048, &json!({}));
    let n = URL_SAFE_NO_PAD.decode(plain["n"].as_str().unwrap()).unwrap();
    let padded = with(plain.clone(), &json!({"n": URL_SAFE_NO_PAD.encode([&[0, 0], &n[..]].concat())}));
    assert_eq!(read(&padded), read(&plain));
    let short = with(plain, &json!({"n": URL_SAFE_NO_PAD.encode([&[0; 128], &n[..128]].concat())}));
    assert_eq!(read(&short), Err(Weak), "zeros make no key longer");
}
