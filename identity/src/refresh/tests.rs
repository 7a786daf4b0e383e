//! Time is that of tokio, and stands still but for what the tests wait for.

use super::{Pace, Refresher};
use crate::{
    InvalidToken, VerifyError,
    algorithm::Algorithm,
    clock::Random,
    testing::{Issuer, Signer},
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout};

const MINUTE: Duration = Duration::from_secs(60);

fn start(issuer: &Issuer, draw: u32) -> Arc<Refresher> {
    Arc::new(Refresher::start(Pace::default(), Random::new(move || draw), issuer.clone(), None, || ()))
}

/// Half of what can be drawn: pauses are what they are called after a success, and three quarters after a failure.
async fn started(issuer: &Issuer) -> Arc<Refresher> {
    let refresher = start(issuer, u32::MAX / 2);
    sleep(Duration::from_millis(1)).await;
    refresher
}

async fn look_for(refresher: &Refresher, id: &str) -> Result<(), VerifyError> {
    refresher.fetch_for(Some(id), Algorithm::Ed25519).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_every_ten_minutes_give_or_take_one() {
    for (draw, expected) in [(0, 540), (u32::MAX / 2, 600), (u32::MAX, 660)] {
        let issuer = Issuer::with([&Signer::new("1")]);
        let _refresher = start(&issuer, draw);
        sleep(34 * MINUTE).await;
        assert_eq!(issuer.gaps()[..3], [expected; 3], "drawn {draw}");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_are_followed_by_longer_and_longer_pauses() {
    for (draw, expected) in [(u32::MAX, [1, 2, 4, 8, 16, 30, 30, 30]), (0, [1, 1, 2, 4, 8, 15, 15, 15])] {
        let issuer = Issuer::default();
        issuer.set_away(true);
        let _refresher = start(&issuer, draw);
        sleep(3 * MINUTE).await;
        assert_eq!(issuer.gaps()[..8], expected, "drawn {draw}");
    }
}

#[tokio::test(start_paused = true)]
async fn pauses_are_short_again_after_a_success() {
    let issuer = Issuer::with([&Signer::new("1")]);
    issuer.set_away(true);
    let refresher = start(&issuer, u32::MAX);
    sleep(3 * MINUTE).await;
    issuer.set_away(false);
    sleep(MINUTE).await;
    assert!(!refresher.current().keys.is_empty());
    issuer.set_away(true);
    let before = issuer.gaps().len();
    sleep(12 * MINUTE).await;
    assert_eq!(issuer.gaps()[before..before + 4], [660, 1, 2, 4]);
}

#[tokio::test(start_paused = true)]
async fn everybody_whose_key_is_unknown_waits_for_one_fetch_and_nobody_else_waits() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old]);
    let refresher = started(&issuer).await;
    sleep(MINUTE).await;
    issuer.publish([&old, &new]);
    issuer.set_slow(Duration::from_secs(3));
    let began = Instant::now();
    let waiting: Vec<_> = (0..1000)
        .map(|number| {
            let refresher = Arc::clone(&refresher);
            let id = if number % 2 == 0 { "new".to_owned() } else { number.to_string() };
            tokio::spawn(async move { (number, look_for(&refresher, &id).await) })
        })
        .collect();
    sleep(Duration::from_secs(1)).await;
    let known = refresher.current().keys.candidates(Some("old"), Algorithm::Ed25519).map(|keys| keys.len());
    assert_eq!(known, Ok(1), "known keys stay while others are fetched");
    for task in waiting {
        let (number, found) = task.await.unwrap();
        let expected = if number % 2 == 0 { Ok(()) } else { Err(InvalidToken::UnknownKey.into()) };
        assert_eq!(found, expected, "{number}");
    }
    assert_eq!(began.elapsed().as_secs(), 3);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_unknown_keys_costs_a_fetch_every_thirty_seconds() {
    let key = Signer::new("1");
    let issuer = Issuer::with([&key]);
    let refresher = started(&issuer).await;
    for number in 0..36_000 {
        let id = format!("../../{number}");
        assert_eq!(look_for(&refresher, &id).await, Err(InvalidToken::UnknownKey.into()), "{id}");
        sleep(Duration::from_millis(100)).await;
    }
    assert!((100..=121).contains(&issuer.asked()), "asked {} times within an hour", issuer.asked());
    assert!(issuer.gaps().iter().all(|gap| *gap >= 30), "{:?}", issuer.gaps());
    assert!(refresher.shared.unknown.len() <= super::UNKNOWN, "{} names", refresher.shared.unknown.len());
}

#[tokio::test(start_paused = true)]
async fn a_flood_delays_no_new_key_by_more_than_thirty_seconds() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old]);
    let refresher = started(&issuer).await;
    for number in 0..1000 {
        let _ = look_for(&refresher, &number.to_string()).await;
        sleep(Duration::from_millis(100)).await;
    }
    issuer.publish([&old, &new]);
    let published = Instant::now();
    while look_for(&refresher, "new").await.is_err() {
        let _ = look_for(&refresher, &published.elapsed().as_millis().to_string()).await;
        sleep(Duration::from_millis(100)).await;
    }
    assert!(published.elapsed() <= Duration::from_secs(31), "known after {:?}", published.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_unknown_key_costs_a_fetch_every_two_minutes() {
    let issuer = Issuer::with([&Signer::new("1")]);
    let refresher = started(&issuer).await;
    for _ in 0..(5 * 60) {
        let _ = look_for(&refresher, "unknown").await;
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(issuer.gaps(), [30, 120, 120]);
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_too_early_to_see_a_key_is_not_held_against_it() {
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let issuer = Issuer::with([&old]);
    issuer.set_slow(Duration::from_secs(3));
    let refresher = started(&issuer).await;
    issuer.publish([&old, &new]);
    let joined = look_for(&refresher, "new").await;
    assert_eq!(joined, Err(InvalidToken::UnknownKey.into()), "the fetch had begun before");
    sleep(Duration::from_secs(31)).await;
    assert_eq!(look_for(&refresher, "new").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_key_is_not_refused_while_the_issuer_is_away() {
    let issuer = Issuer::with([&Signer::new("1")]);
    let refresher = started(&issuer).await;
    issuer.set_away(true);
    sleep(MINUTE).await;
    for _ in 0..3 {
        let Err(VerifyError::NoKeys { retry_after }) = look_for(&refresher, "2").await else {
            panic!("a key was found, or refused, that nobody can know")
        };
        assert!((1..=30).contains(&retry_after.as_secs()), "{retry_after:?}");
        sleep(Duration::from_secs(10)).await;
    }
    issuer.set_away(false);
    sleep(MINUTE).await;
    assert_eq!(look_for(&refresher, "2").await, Err(InvalidToken::UnknownKey.into()));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_hangs_is_given_up() {
    let issuer = Issuer::with([&Signer::new("1")]);
    let refresher = started(&issuer).await;
    issuer.set_slow(Duration::from_secs(15 * 60));
    sleep(MINUTE).await;
    let began = Instant::now();
    let found = timeout(MINUTE, look_for(&refresher, "2")).await.expect("an answer within a minute");
    assert!(matches!(found, Err(VerifyError::NoKeys { .. })), "{found:?}");
    assert!(began.elapsed() <= Duration::from_secs(12), "{:?}", began.elapsed());
    let timeouts = refresher.fetches().into_iter().find(|(label, _)| *label == "timeout");
    assert_eq!(timeouts, Some(("timeout", 1)));
}
