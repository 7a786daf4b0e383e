//! How long a token takes to verify, and to recall: `cargo run --release --package identity --example speed`.
//!
//! The tokens are those of `tests/issuer/forge/jose.mjs` that are good, so `make test-tools` has to have been run.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a person reads what it prints")]

use identity::{KeySource, Settings, Verifier};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use test_issuer::{AUDIENCE, Forgery};

const ISSUER: &str = "https://issuer.example";
const ALGORITHMS: [&str; 5] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let forgery = Forgery::by_jose(ISSUER).await;
    let dir = tempfile::tempdir().expect("a folder");
    let keys = dir.path().join("keys.json");
    std::fs::write(&keys, &forgery.keys).expect("a file");
    let settings = Settings { keys: KeySource::File(keys), ..Settings::new(ISSUER, [AUDIENCE]) };
    let verifier = Verifier::start(settings).await.expect("settings");
    for algorithm in ALGORITHMS {
        let token = forgery.tokens.iter().find(|(name, ..)| name == algorithm).map(|(_, token, _)| token);
        let token = token.expect("a good token");
        let began = Instant::now();
        let mut verified = 0_u32;
        while began.elapsed() < Duration::from_secs(1) {
            black_box(verifier.verify(token).await).expect("a good token");
            verified += 1;
        }
        let verify = began.elapsed() / verified;
        let (began, recalled) = (Instant::now(), 1_000_000);
        for _ in 0..recalled {
            black_box(verifier.recall(black_box(token))).expect("a verified token");
        }
        let recall = began.elapsed() / recalled;
        println!(
            "{algorithm}: {} bytes, verify {} ns, recall {} ns",
            token.len(),
            verify.as_nanos(),
            recall.as_nanos()
        );
    }
}
