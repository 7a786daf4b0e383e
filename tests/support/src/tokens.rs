//! Access tokens of an issuer that is nothing but a key: for tests of what the service does with tokens. Whether tokens are
//! valid, the crate `identity` tests with issuers that others wrote.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

/// The issuer, as its tokens name it. Nothing listens there.
pub const ISSUER: &str = "https://issuer.test";

/// For whom the tokens are.
pub const AUDIENCE: &str = "https://payments.test";

const KEY: &str = "test";

/// The flags of a service that takes the tokens.
///
/// # Panics
/// When the file with the key cannot be written.
#[must_use]
pub fn flags() -> Vec<String> {
    let file = key_file().display().to_string();
    let flags = ["--auth-issuer", ISSUER, "--auth-audience", AUDIENCE, "--auth-jwks"].map(str::to_owned);
    flags.into_iter().chain([file]).collect()
}

/// A token for an organisation, with scopes between spaces, for an hour.
#[must_use]
pub fn token(organisation: &str, scopes: &str) -> String {
    token_with(&json!({"organisation_id": organisation, "scope": scopes}))
}

/// A token with these claims in place of the usual ones of the same name, or beside them. A claim that is null is left out.
///
/// # Panics
/// When the claims are no object.
#[must_use]
pub fn token_with(claims: &Value) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut all = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user", "client_id": "till", "iat": now, "exp": now + 3600,
    });
    let claims = claims.as_object().unwrap_or_else(|| panic!("claims are an object, not {claims}"));
    for (name, value) in claims {
        all[name] = value.clone();
    }
    if let Some(all) = all.as_object_mut() {
        all.retain(|_, value| !value.is_null());
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": KEY})), part(&all));
    let signature = URL_SAFE_NO_PAD.encode(key().sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn key() -> &'static Ed25519KeyPair {
    static PAIR: OnceLock<Ed25519KeyPair> = OnceLock::new();
    // The seed is public, as the key of a test may be.
    PAIR.get_or_init(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap_or_else(|error| panic!("{error}")))
}

/// The file with the public key, written once by each process.
fn key_file() -> &'static PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let public = URL_SAFE_NO_PAD.encode(key().public_key());
        let keys =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": KEY, "use": "sig", "alg": "EdDSA", "x": public}]});
        let file = std::env::temp_dir().join(format!("payments-test-keys-{}.json", std::process::id()));
        std::fs::write(&file, keys.to_string()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        file
    })
}
