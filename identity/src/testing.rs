//! What unit tests share: a key that signs, and an issuer without a network.

use crate::{FetchError, fetch::Fetch, keys::KeySet};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// A private key of an issuer.
pub(crate) struct Signer {
    kid: String,
    pair: Ed25519KeyPair,
}

impl Signer {
    pub(crate) fn new(kid: &str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("randomness");
        Self { kid: kid.to_owned(), pair: Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key") }
    }

    /// The public key, as a key set has it.
    pub(crate) fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid}), claims)
    }

    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// An issuer whose keys and moods a test sets. Clones are the same issuer.
#[derive(Clone, Default)]
pub(crate) struct Issuer(Arc<Mutex<Mood>>);

#[derive(Default)]
struct Mood {
    keys: Vec<Value>,
    is_away: bool,
    takes: Duration,
    asked: Vec<Instant>,
}

impl Issuer {
    pub(crate) fn with<'a>(signers: impl IntoIterator<Item = &'a Signer>) -> Self {
        let issuer = Self::default();
        issuer.publish(signers);
        issuer
    }

    pub(crate) fn publish<'a>(&self, signers: impl IntoIterator<Item = &'a Signer>) {
        self.0.lock().unwrap().keys = signers.into_iter().map(Signer::jwk).collect();
    }

    pub(crate) fn set_away(&self, is_away: bool) {
        self.0.lock().unwrap().is_away = is_away;
    }

    /// How long an answer takes.
    pub(crate) fn set_slow(&self, takes: Duration) {
        self.0.lock().unwrap().takes = takes;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked.len()
    }

    /// The times between the questions, in seconds.
    pub(crate) fn gaps(&self) -> Vec<u64> {
        let mood = self.0.lock().unwrap();
        mood.asked.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64().round() as u64).collect()
    }
}

impl Fetch for Issuer {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let (keys, is_away, takes) = {
            let mut mood = self.0.lock().unwrap();
            mood.asked.push(Instant::now());
            (json!({ "keys": mood.keys }).to_string(), mood.is_away, mood.takes)
        };
        sleep(takes).await;
        if is_away {
            return Err(FetchError::Unreachable("the test says so".to_owned()));
        }
        KeySet::read(keys.as_bytes()).map_err(FetchError::KeySet)
    }
}
