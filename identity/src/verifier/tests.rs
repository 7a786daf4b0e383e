//! Time is that of tokio, and stands still but for what the tests wait for; the time of day follows it.

use super::Verifier;
use crate::{
    Caller, Clock, InvalidToken, KeySource, Random, Settings, SettingsError, VerifyError,
    testing::{Issuer, Signer},
};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const BEGIN: u64 = 1_800_000_000;

/// Settings whose clock goes with the time of tokio, and whose pauses are neither shortened nor prolonged.
fn settings() -> Settings {
    let began = Instant::now();
    Settings {
        clock: Clock::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(BEGIN) + began.elapsed()),
        random: Random::new(|| u32::MAX / 2),
        ..Settings::new("https://issuer.example", ["pay"])
    }
}

/// A verifier that has asked the issuer once.
async fn verifier(issuer: &Issuer) -> Verifier {
    let verifier = Verifier::start_with(settings(), issuer.clone(), None).expect("settings");
    sleep(Duration::from_millis(1)).await;
    verifier
}

fn claims(lifetime: Duration) -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "pay", "sub": "alice", "exp": BEGIN + lifetime.as_secs(),
        "scope": "payments:read", "organisation_id": "acme",
    })
}

/// A token that lives for days.
fn token(signer: &Signer) -> String {
    signer.sign(&claims(100 * HOUR))
}

fn unknown_key() -> VerifyError {
    InvalidToken::UnknownKey.into()
}

fn is_no_keys(judged: &Result<Arc<Caller>, VerifyError>) -> bool {
    matches!(judged, Err(VerifyError::NoKeys { .. }))
}

fn fetches(verifier: &Verifier, label: &str) -> u64 {
    let fetches = verifier.statistics().fetches;
    fetches.iter().find(|(known, _)| *known == label).expect("a label").1
}

#[tokio::test(start_paused = true)]
async fn a_good_token_is_verified_once_and_then_recalled() {
    let key = Signer::new("1");
    let verifier = verifier(&Issuer::with([&key])).await;
    let token = token(&key);
    assert_eq!(verifier.recall(&token), None);
    let caller = verifier.verify(&token).await.unwrap();
    assert_eq!((caller.subject(), caller.organisation()), ("alice", Some("acme")));
    assert!(Arc::ptr_eq(&verifier.recall(&token).expect("it was verified"), &caller));
    let counts: Vec<_> = verifier.statistics().verifications.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counts, [("recalled", 1), ("verified", 1)]);
    assert_eq!(verifier.statistics().remembered, 1);
}

#[tokio::test(start_paused = true)]
async fn a_recalled_token_ends_when_a_verified_one_does() {
    let key = Signer::new("1");
    let verifier = verifier(&Issuer::with([&key])).await;
    let short = key.sign(&claims(MINUTE));
    verifier.verify(&short).await.unwrap();
    sleep(MINUTE + Duration::from_secs(28)).await;
    assert!(verifier.recall(&short).is_some(), "the leeway is 30 s");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(verifier.recall(&short), None);
    assert_eq!(verifier.verify(&short).await.unwrap_err(), InvalidToken::Expired.into());

    let long = token(&key);
    verifier.verify(&long).await.unwrap();
    sleep(5 * MINUTE).await;
    assert_eq!(verifier.recall(&long), None, "after 5 minutes a token is verified anew");
    assert!(verifier.verify(&long).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_not_remembered() {
    let (key, other) = (Signer::new("1"), Signer::new("1"));
    let verifier = verifier(&Issuer::with([&key])).await;
    let forged = token(&other);
    assert_eq!(verifier.verify(&forged).await.unwrap_err(), InvalidToken::Signature.into());
    assert_eq!(verifier.recall(&forged), None);
    let good = token(&key);
    verifier.verify(&good).await.unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    for changed in [signed.to_owned(), format!("{signed}."), format!("{good}A"), good.replacen('e', "f", 1)] {
        assert_eq!(verifier.recall(&changed), None, "{changed}");
        assert!(verifier.verify(&changed).await.is_err(), "{changed}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_keys_of_one_id_are_both_tried() {
    let (one, two, stranger) = (Signer::new("k"), Signer::new("k"), Signer::new("k"));
    let verifier = verifier(&Issuer::with([&one, &two])).await;
    assert!(verifier.verify(&token(&one)).await.is_ok());
    assert!(verifier.verify(&token(&two)).await.is_ok());
    assert_eq!(verifier.verify(&token(&stranger)).await.unwrap_err(), InvalidToken::Signature.into());
}

#[tokio::test(start_paused = true)]
async fn without_keys_a_token_is_not_judged_unless_it_is_none() {
    let key = Signer::new("1");
    let issuer = Issuer::with([&key]);
    issuer.set_away(true);
    let verifier = verifier(&issuer).await;
    assert!(!verifier.has_keys());
    let judged = verifier.verify(&token(&key)).await;
    assert_eq!(judged, Err(VerifyError::NoKeys { retry_after: Duration::from_secs(1) }));
    assert_eq!(verifier.verify("rubbish").await.unwrap_err(), InvalidToken::Malformed.into());
    let none = key.sign_with(&json!({"alg": "none"}), &claims(HOUR));
    assert_eq!(verifier.verify(&none).await.unwrap_err(), InvalidToken::Algorithm.into());

    issuer.set_away(false);
    sleep(Duration::from_secs(2)).await;
    assert!(verifier.has_keys(), "{:?}", verifier.statistics());
    assert!(verifier.verify(&token(&key)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_rotation_refuses_no_token() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old]);
    let verifier = verifier(&issuer).await;
    for published in [vec![&old], vec![&old, &new], vec![&new, &old]] {
        issuer.publish(published);
        sleep(12 * MINUTE).await;
        assert!(verifier.verify(&token(&old)).await.is_ok());
    }
    assert!(verifier.verify(&token(&new)).await.is_ok());
    assert_eq!(fetches(&verifier, "ok") as usize, issuer.asked());
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old]);
    let verifier = verifier(&issuer).await;
    sleep(MINUTE).await;
    issuer.publish([&old, &new]);
    assert!(verifier.verify(&token(&new)).await.is_ok(), "{:?}", verifier.statistics());
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_removed_key_dies_with_the_next_fetch_and_so_do_its_tokens() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old, &new]);
    let verifier = verifier(&issuer).await;
    let (removed, kept) = (token(&old), token(&new));
    issuer.publish([&new]);
    sleep(9 * MINUTE).await;
    assert!(verifier.verify(&removed).await.is_ok(), "nobody knows yet");
    assert!(verifier.verify(&kept).await.is_ok());
    sleep(MINUTE + Duration::from_secs(1)).await;
    assert_eq!(verifier.recall(&removed), None);
    assert_eq!(verifier.recall(&kept), None, "it is verified once more");
    assert_eq!(verifier.verify(&removed).await.unwrap_err(), unknown_key());
    assert!(verifier.verify(&kept).await.is_ok());
    assert_eq!(verifier.statistics().remembered, 1, "what cannot be recalled takes no memory");
}

#[tokio::test(start_paused = true)]
async fn keys_that_stay_keep_what_is_remembered() {
    let (a, b) = (Signer::new("a"), Signer::new("b"));
    let issuer = Issuer::with([&a, &b]);
    let verifier = verifier(&issuer).await;
    sleep(9 * MINUTE).await;
    let token = token(&a);
    verifier.verify(&token).await.unwrap();
    issuer.publish([&b, &a]);
    sleep(2 * MINUTE).await;
    assert_eq!(issuer.asked(), 2);
    assert!(verifier.recall(&token).is_some());
}

#[tokio::test(start_paused = true)]
async fn an_issuer_without_keys_has_withdrawn_them() {
    let key = Signer::new("1");
    let issuer = Issuer::with([&key]);
    let verifier = verifier(&issuer).await;
    let token = token(&key);
    verifier.verify(&token).await.unwrap();
    issuer.publish([]);
    sleep(11 * MINUTE).await;
    assert!(!verifier.has_keys());
    assert_eq!(verifier.recall(&token), None);
    assert!(is_no_keys(&verifier.verify(&token).await));
    assert!(fetches(&verifier, "no_usable_keys") > 3, "an issuer in that state is asked again soon");
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_an_issuer_that_is_away_by_a_day() {
    let (key, new) = (Signer::new("1"), Signer::new("2"));
    let issuer = Issuer::with([&key]);
    let verifier = verifier(&issuer).await;
    issuer.set_away(true);
    for hours in 1..=23 {
        sleep(HOUR).await;
        assert!(verifier.verify(&token(&key)).await.is_ok(), "after {hours} h");
        assert!(is_no_keys(&verifier.verify(&token(&new)).await), "nobody can say that its key is unknown");
    }
    sleep(HOUR + MINUTE).await;
    assert!(!verifier.has_keys());
    assert_eq!(verifier.recall(&token(&key)), None);
    assert!(is_no_keys(&verifier.verify(&token(&key)).await));
    issuer.set_away(false);
    sleep(MINUTE).await;
    assert!(verifier.verify(&token(&key)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_verifier_that_is_gone_asks_nobody() {
    let issuer = Issuer::with([&Signer::new("1")]);
    let verifier = verifier(&issuer).await;
    let other = verifier.clone();
    drop(verifier);
    sleep(11 * MINUTE).await;
    assert_eq!(issuer.asked(), 2, "a clone is left");
    drop(other);
    sleep(HOUR).await;
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_set_in_a_file_is_there_from_the_start_and_read_again() {
    let dir = std::env::temp_dir().join(format!("identity-verifier-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("keys.json");
    let write = |keys: &[&Signer]| {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        std::fs::write(&file, json!({ "keys": keys }).to_string()).unwrap();
    };
    let mut settings = settings();
    settings.keys = KeySource::File(file.clone());
    let error = Verifier::start(settings.clone()).await.expect_err("there is no file");
    assert!(matches!(&error, SettingsError::Keys(_)) && error.to_string().contains("keys.json"), "{error}");
    write(&[]);
    let error = Verifier::start(settings.clone()).await.expect_err("there are no keys");
    assert!(error.to_string().contains("no usable key"), "{error}");

    let (old, new) = (Signer::new("old"), Signer::new("new"));
    write(&[&old]);
    settings.pace.cooldown = Duration::ZERO;
    let verifier = Verifier::start(settings).await.unwrap();
    assert!(verifier.has_keys());
    assert!(verifier.verify(&token(&old)).await.is_ok());
    write(&[&new]);
    assert!(verifier.verify(&token(&new)).await.is_ok(), "{:?}", verifier.statistics());
    assert_eq!(verifier.recall(&token(&old)), None);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[tokio::test]
async fn settings_that_cannot_be_used_say_what_would_be_better() {
    let usual = || Settings::new("https://issuer.example", ["pay"]);
    for (settings, example) in [
        (Settings { issuer: "issuer".into(), ..usual() }, "https://login.example.com/realms/shop"),
        (Settings { audiences: vec![], ..usual() }, "https://pay.example.com"),
        (Settings { audiences: vec![String::new()], ..usual() }, "https://pay.example.com"),
        (Settings { organisation_claim: String::new(), ..usual() }, "organisation_id"),
    ] {
        let error = Verifier::start(settings).await.expect_err("bad settings").to_string();
        assert!(error.contains(example), "{error}");
    }
}
