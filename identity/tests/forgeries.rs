//! Tokens that other libraries forged: each is judged as what it is, and never accepted for something else.
#![cfg(test)]

use identity::{KeySource, Settings, Verifier, VerifyError};
use test_issuer::{AUDIENCE, Forgery};

const ISSUER: &str = "https://issuer.example";

/// A verifier that has the forger's keys, in a file of this folder.
async fn verifier(forgery: &Forgery) -> (tempfile::TempDir, Verifier) {
    let dir = tempfile::tempdir().expect("a folder");
    let keys = dir.path().join("keys.json");
    std::fs::write(&keys, &forgery.keys).expect("a file");
    let settings = Settings { keys: KeySource::File(keys), ..Settings::new(ISSUER, [AUDIENCE]) };
    (dir, Verifier::start(settings).await.expect("settings"))
}

async fn judge(forgery: Forgery) {
    let (_dir, verifier) = verifier(&forgery).await;
    let mut faults = Vec::new();
    for (name, token, expected) in &forgery.tokens {
        let judged = match verifier.verify(token).await {
            Ok(_) => "ok".to_owned(),
            Err(VerifyError::Invalid(reason)) => {
                let text = reason.to_string();
                let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
                assert!(text.chars().all(allowed), "{name}: RFC 6750 allows no such error_description: {text}");
                reason.label().to_owned()
            }
            Err(VerifyError::NoKeys { .. }) => "no_keys".to_owned(),
        };
        if judged != *expected {
            faults.push(format!("{name}: judged as {judged}, and not as {expected}"));
        }
        let recalled = verifier.recall(token).is_some();
        if recalled != (expected == "ok") {
            faults.push(format!("{name}: recalled is {recalled}"));
        }
    }
    assert!(faults.is_empty(), "of {} tokens:\n{}", forgery.tokens.len(), faults.join("\n"));
    let good = forgery.tokens.iter().filter(|(_, _, expected)| expected == "ok").count();
    assert!(good >= 8 && forgery.tokens.len() > 2 * good, "{good} good tokens of {}", forgery.tokens.len());
}

/// Changes a token at every place, one after the other.
#[tokio::test]
async fn a_token_of_which_any_character_was_changed_or_taken_is_refused() {
    let forgery = Forgery::by_joserfc(ISSUER).await;
    let (_dir, verifier) = verifier(&forgery).await;
    for algorithm in ["RS256", "ES256", "Ed25519"] {
        let token = forgery.tokens.iter().find(|(name, ..)| name == algorithm).expect("a good token").1.clone();
        verifier.verify(&token).await.expect("a good token");
        for place in 0..token.len() {
            let (before, after) = token.split_at(place);
            let rest = &after[1..];
            for changed in
                [format!("{before}{rest}"), format!("{before}A{rest}"), format!("{before}_{rest}"), before.to_owned()]
            {
                let judged = verifier.verify(&changed).await;
                assert!(changed == token || judged.is_err(), "{algorithm}: {changed} was accepted for {token}");
                assert!(changed == token || verifier.recall(&changed).is_none(), "{algorithm}: {changed} was recalled");
            }
        }
    }
}

#[tokio::test]
async fn what_jose_forges_is_refused() {
    judge(Forgery::by_jose(ISSUER).await).await;
}

#[tokio::test]
async fn what_joserfc_forges_is_refused() {
    judge(Forgery::by_joserfc(ISSUER).await).await;
}
