//! The checker finds what it is there for: each test plants one fault into a store, lets clients use the service over it, and
//! expects the rule that the fault breaks.

#![cfg(test)]

mod past;
mod store;

use history::{
    check::{Rule, check},
    model::{Call, History},
    report,
    run::{self, Addresses, NoFaults, Settings},
    timeline::Title,
};
use past::PastFault;
use payments::repo::{Sqlite, SqliteOptions};
use std::{collections::BTreeSet, time::Duration};
use store::{Fault, Treacherous};
use test_support::{Service, settings};

/// For how many operations clients use a service with a fault; each fault strikes several times meanwhile.
const OPERATIONS: usize = 1_000;
/// Far longer than that takes.
const PATIENCE: Duration = Duration::from_secs(60);
const SEED: u64 = 7;

async fn history_over(fault: Option<Fault>) -> History {
    let open = async || Sqlite::open(SqliteOptions::default()).await.expect("SQLite opens in memory");
    let store = Treacherous::new(open().await, open().await, fault);
    let service = Service::over(store, settings(["--max-results", "1000"])).await;
    let addresses = Addresses::new(vec![vec![service.url.clone()]]);
    let run = Settings { operations: OPERATIONS, hang_ups: 0, calm: (5, 5), ..Settings::new(SEED, PATIENCE) };
    let history = run::run(&run, &addresses, NoFaults, |_| ()).await;
    service.stop().await;
    history
}

/// Plants a fault, and expects that one of these rules is found broken.
async fn finds(fault: Fault, rules: &[Rule]) {
    let history = history_over(Some(fault)).await;
    let count = history.operations.len();
    let Err(violation) = check(&history) else {
        panic!("{fault:?} was planted, and {count} operations show nothing of it");
    };
    let excerpt = report::excerpt(&history, &violation);
    assert!(
        rules.contains(&violation.rule),
        "expected one of {rules:?} of {fault:?}, got {:?}:\n{excerpt}",
        violation.rule
    );
    assert!(!violation.operations.is_empty(), "the violation names no operation:\n{excerpt}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_fault_keeps_every_rule() {
    let history = history_over(None).await;
    check(&history).unwrap_or_else(|violation| panic!("{}", report::excerpt(&history, &violation)));
    let kinds: BTreeSet<_> = history.operations.iter().map(|operation| operation.call.kind()).collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        history::model::Kind::ALL,
        "the clients do not use every operation"
    );
    let parts = history.operations.iter().filter_map(|it| it.call.follow());
    let parts: Vec<_> = parts.filter(|follow| follow.part > 0).collect();
    assert!(parts.len() > 20, "hardly any walk through the events goes on: {} parts", parts.len());
    let pages = history.operations.iter().filter(|operation| matches!(operation.call, Call::List { page: 1.., .. }));
    assert!(pages.count() > 10, "no list is a walk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_update_is_found() {
    finds(Fault::LosesUpdates, &[Rule::LostUpdate]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_read_from_a_cache_is_found() {
    // A stale version also makes refusals that have no reason, and shows payments that were deleted. Which the check meets first
    // depends on how the clients interleave.
    finds(Fault::ReadsStale, &[Rule::StaleRead, Rule::Refusal, Rule::Resurrected]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_list_is_found() {
    finds(Fault::ListsStale, &[Rule::StaleRead]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_goes_back_is_found() {
    finds(Fault::TurnsTimeBack, &[Rule::Times]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_given_out_again_is_found() {
    finds(Fault::ReusesIds, &[Rule::IdReused]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_rises_from_the_dead_is_found() {
    finds(Fault::Resurrects, &[Rule::Resurrected]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_winners_of_a_version_are_found() {
    finds(Fault::LetsTwoWin, &[Rule::TwoWinners]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_creation_that_is_lost_is_found() {
    // What is lost leaves its id free.
    finds(Fault::LosesCreations, &[Rule::AcknowledgedLost, Rule::IdReused]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_that_a_crash_loses_are_found() {
    // A cursor that leads to what was lost is answered 410, which cannot be while all events are kept.
    let lost =
        [Rule::AcknowledgedLost, Rule::StaleRead, Rule::TwoWinners, Rule::Resurrected, Rule::IdReused, Rule::Answer];
    finds(Fault::CrashLosesWrites, &lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_that_takes_effect_is_found() {
    // If nobody sees the version before it is replaced, there is one that nobody can have written.
    finds(Fault::RefusesAndDoes, &[Rule::RefusedButDone, Rule::VersionSkipped]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_skips_a_payment_is_found() {
    finds(Fault::Skips, &[Rule::ListSkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_repeats_a_payment_is_found() {
    finds(Fault::Repeats, &[Rule::ListRepeats]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_another_order_is_found() {
    finds(Fault::Reorders, &[Rule::ListOrder]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_a_walk_skips_is_found() {
    finds(Fault::Past(PastFault::SkipsEvents), &[Rule::FeedSkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_no_walk_shows_is_found() {
    finds(Fault::Past(PastFault::HidesEvents), &[Rule::FeedSkips, Rule::EventVersions]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_falls_behind_a_cursor_is_found() {
    finds(Fault::Past(PastFault::PassesLateEvents), &[Rule::FeedSkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_shown_twice_is_found() {
    finds(Fault::Past(PastFault::RepeatsEvents), &[Rule::FeedRepeats]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_events_of_a_payment_in_the_wrong_order_are_found() {
    finds(Fault::Past(PastFault::SwapsVersions), &[Rule::FeedOrder, Rule::EventVersions]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_walks_that_disagree_about_the_order_are_found() {
    // A stream that is resumed behind one of the two shows the other again, or never.
    finds(Fault::Past(PastFault::SwapsPayments), &[Rule::FeedOrder, Rule::FeedRepeats, Rule::FeedSkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_another_time_is_found() {
    finds(Fault::Past(PastFault::ShiftsTimes), &[Rule::Times, Rule::Answer]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_lacks_a_version_is_found() {
    finds(Fault::Past(PastFault::SkipsVersions), &[Rule::HistorySkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_ends_too_early_is_found() {
    finds(Fault::Past(PastFault::ForgetsVersions), &[Rule::HistorySkips]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_shows_other_content_is_found() {
    finds(Fault::Past(PastFault::MixesVersions), &[Rule::HistoryContent, Rule::AppliedTwice]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_is_told_and_drawn() {
    let history = history_over(Some(Fault::LetsTwoWin)).await;
    let violation = check(&history).expect_err("a fault was planted");
    let folder = tempfile::tempdir().unwrap();
    let title = Title { what: "A planted fault".to_owned(), seed: SEED, again: "make cargo-test".to_owned() };
    let text = report::failure(&history, &violation, &title, folder.path());
    let page = folder.path().join("a-planted-fault-7.html");
    for part in
        [violation.rule.sentence(), &violation.text, "seed 7", &page.display().to_string(), "→", "make cargo-test"]
    {
        assert!(text.contains(part), "expected {part:?} in what is told, got:\n{text}");
    }
    let page = std::fs::read_to_string(&page).unwrap();
    for number in &violation.operations {
        assert!(
            page.contains(&format!("\"number\":{number},")),
            "expected a bar of #{number} on the page, got:\n{page}"
        );
    }
    assert!(!page.contains("src=") && !page.contains("href="), "expected a page that needs no other file");
}
