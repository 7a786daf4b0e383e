//! Real issuers: their tokens are accepted, and their keys followed, whatever they do.
#![cfg(test)]

use identity::{InvalidToken, Pace, Settings, Statistics, Verifier, VerifyError};
use std::time::{Duration, Instant};
use test_issuer::{AUDIENCE, Issuer};
use tokio::time::sleep;

const SCOPES: &str = "payments:read payments:write";

/// How long an issuer may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Verifies tokens of this issuer, with less patience between fetches than in production, and more for each.
async fn verifier(issuer: &str) -> Verifier {
    let mut settings = Settings::new(issuer, [AUDIENCE]);
    settings.pace = Pace {
        refresh: Duration::from_secs(3600),
        timeout: PATIENCE,
        cooldown: Duration::ZERO,
        first_retry: Duration::from_millis(50),
        last_retry: Duration::from_millis(100),
        ..Pace::default()
    };
    Verifier::start(settings).await.expect("settings")
}

/// Waits until the verifier has keys, or has none.
async fn until_keys(verifier: &Verifier, wanted: bool) {
    let began = Instant::now();
    while verifier.has_keys() != wanted {
        let Statistics { fetches, .. } = verifier.statistics();
        assert!(began.elapsed() < PATIENCE, "has keys is still {}: {fetches:?}", !wanted);
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_certified_issuer_is_understood() {
    let issuer = Issuer::start().await;
    let verifier = verifier(&issuer.url).await;
    until_keys(&verifier, true).await;
    for key in ["rs256-1", "ps256-1", "es256-1", "es384-1", "eddsa-1"] {
        issuer.command(&format!("keys {key}")).await;
        let token = issuer.token("acme", SCOPES).await;
        let caller = verifier.verify(&token).await.unwrap_or_else(|error| panic!("signed with {key}: {error}"));
        assert_eq!((caller.client(), caller.organisation()), (Some("acme"), Some("acme")), "signed with {key}");
        assert!(caller.scopes().contains("payments:write") && !caller.scopes().contains("admin"), "{caller:?}");
        assert_eq!(verifier.recall(&token), Some(caller), "signed with {key}");
    }
    let reading = verifier.verify(&issuer.token("globex", "payments:read").await).await.expect("a good token");
    assert_eq!(reading.organisation(), Some("globex"));
    assert!(!reading.scopes().contains("payments:write"), "{reading:?}");
}

#[tokio::test]
async fn another_issuer_is_understood() {
    let issuer =
        Issuer::start_with(&["--issuer", "oauth2-mock", "--organisation-claim", "https://example.com/org"]).await;
    let mut settings = Settings::new(&issuer.url, [AUDIENCE]);
    settings.organisation_claim = "https://example.com/org".to_owned();
    let verifier = Verifier::start(settings).await.expect("settings");
    until_keys(&verifier, true).await;
    let caller = verifier.verify(&issuer.token("globex", SCOPES).await).await.expect("a good token");
    assert_eq!((caller.client(), caller.organisation()), (Some("globex"), Some("globex")), "{caller:?}");
    assert!(caller.scopes().contains("payments:read"), "{caller:?}");
}

#[tokio::test]
async fn tokens_are_for_one_audience_and_from_one_issuer() {
    let issuer = Issuer::start_with(&["--audience", "https://other.example"]).await;
    let own = verifier(&issuer.url).await;
    until_keys(&own, true).await;
    let token = issuer.token("acme", SCOPES).await;
    assert_eq!(own.verify(&token).await.unwrap_err(), InvalidToken::Audience.into());
    // The same keys under another name: the discovery document does not agree with it.
    let other = verifier(&issuer.url.replace("127.0.0.1", "localhost")).await;
    let refused = || other.statistics().fetches.into_iter().any(|(label, count)| label == "issuer" && count > 0);
    let began = Instant::now();
    while !refused() {
        assert!(began.elapsed() < PATIENCE, "nothing was refused: {:?}", other.statistics());
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!other.has_keys(), "keys of another issuer were taken: {:?}", other.statistics());
    assert!(matches!(other.verify(&token).await, Err(VerifyError::NoKeys { .. })));
}

#[tokio::test]
async fn keys_rotate_without_a_lost_request_until_the_old_one_is_gone() {
    let issuer = Issuer::start().await;
    issuer.command("keys rs256-old").await;
    let verifier = verifier(&issuer.url).await;
    until_keys(&verifier, true).await;
    let old = issuer.token("acme", SCOPES).await;
    assert!(verifier.verify(&old).await.is_ok());

    issuer.command("keys rs256-old rs256-new").await;
    assert!(verifier.verify(&issuer.token("acme", SCOPES).await).await.is_ok(), "the new key is the last one");
    issuer.command("keys rs256-new rs256-old").await;
    let new = issuer.token("acme", SCOPES).await;
    assert!(verifier.verify(&new).await.is_ok(), "the new key is the first one");
    assert!(verifier.verify(&old).await.is_ok(), "the old key is the last one");

    issuer.command("keys rs256-new").await;
    assert!(verifier.recall(&old).is_some(), "nobody has asked the issuer since");
    issuer.command("keys rs256-new es256-next").await;
    issuer.command("keys es256-next rs256-new").await;
    assert!(verifier.verify(&issuer.token("acme", SCOPES).await).await.is_ok(), "a key that nobody announced");
    assert_eq!(verifier.recall(&old), None);
    assert_eq!(verifier.verify(&old).await.unwrap_err(), InvalidToken::UnknownKey.into());
    assert!(verifier.verify(&new).await.is_ok());
}

#[tokio::test]
async fn an_issuer_may_be_away_and_come_back() {
    let issuer = Issuer::start().await;
    let known = verifier(&issuer.url).await;
    until_keys(&known, true).await;
    let before = issuer.token("acme", SCOPES).await;
    issuer.command("keys es256-after").await;
    let after = issuer.token("acme", SCOPES).await;
    issuer.command("away").await;

    assert!(known.verify(&before).await.is_ok(), "keys that are there are enough");
    let judged = known.verify(&after).await;
    assert!(matches!(judged, Err(VerifyError::NoKeys { .. })), "its key may be a new one: {judged:?}");

    let fresh = verifier(&issuer.url).await;
    assert!(!fresh.has_keys());
    assert!(matches!(fresh.verify(&after).await, Err(VerifyError::NoKeys { .. })));

    issuer.command("back").await;
    until_keys(&fresh, true).await;
    assert!(fresh.verify(&after).await.is_ok());
    let began = Instant::now();
    while known.verify(&after).await.is_err() {
        assert!(began.elapsed() < PATIENCE, "{:?}", known.statistics());
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_start_does_not_wait_for_an_issuer_that_hangs() {
    // Connections are taken by the system, and answered by nobody.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let issuer = format!("http://{}", silent.local_addr().expect("an address"));
    let began = Instant::now();
    let verifier = verifier(&issuer).await;
    assert!(!verifier.has_keys());
    assert!(began.elapsed() < PATIENCE / 2, "the start took {:?}; the timeout is {PATIENCE:?}", began.elapsed());
}

#[tokio::test]
async fn a_restarted_issuer_has_new_keys_of_the_same_id() {
    let issuer = Issuer::start().await;
    let address = issuer.url.clone();
    let verifier = verifier(&address).await;
    until_keys(&verifier, true).await;
    let old = issuer.token("acme", SCOPES).await;
    assert!(verifier.verify(&old).await.is_ok());
    drop(issuer);

    let port = address.rsplit_once(':').expect("a port").1;
    let issuer = Issuer::start_with(&["--port", port]).await;
    let new = issuer.token("acme", SCOPES).await;
    let judged = verifier.verify(&new).await;
    assert_eq!(judged.unwrap_err(), InvalidToken::Signature.into(), "its id is known, so nobody asks");
    issuer.command("keys rs256-1 rs256-2").await;
    issuer.command("keys rs256-2 rs256-1").await;
    assert!(verifier.verify(&issuer.token("acme", SCOPES).await).await.is_ok());
    assert!(verifier.verify(&new).await.is_ok());
    assert_eq!(verifier.recall(&old), None);
    assert_eq!(verifier.verify(&old).await.unwrap_err(), InvalidToken::Signature.into());
}
