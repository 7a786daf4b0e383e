//! Every operation, with its first call of the store going wrong, then with its second, and so on; and what a client does
//! that is left in doubt.

use crate::{
    operations::{OPERATIONS, Operation, Repeat, essence, prepare, state},
    service::start_over,
    stalls::try_while_stalled,
};
use payments::repo::{Sqlite, SqliteOptions};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc, time::Duration};
use test_support::{Fault, Faulty, Plan, Service};

/// As many calls as any operation may make while no other client writes.
const MOST_CALLS: usize = 4;
/// `--timeout` where no call hangs.
const PATIENT: Duration = Duration::from_secs(60);
/// `--timeout` where a call hangs.
const IMPATIENT: Duration = Duration::from_secs(1);

/// The outcome of an operation while nothing goes wrong.
struct Reference {
    before: Value,
    answer: Value,
    after: Value,
}

/// A store that is prepared, behind a service.
async fn prepared(path: Option<PathBuf>, plan: &Arc<Plan>) -> (Faulty<Sqlite>, Service) {
    let store = Sqlite::open(SqliteOptions { path, ..SqliteOptions::default() }).await.expect("a fresh store opens");
    let store = Faulty::new(store, Arc::clone(plan));
    let service = start_over(store.clone(), PATIENT).await;
    prepare(&service).await;
    (store, service)
}

async fn reference(operation: &Operation) -> Reference {
    let (_, service) = prepared(None, &Plan::of_call(1, Fault::Fails)).await;
    let before = state(&service).await;
    let answer = essence(&operation.send(&service).await.expect_status(operation.status));
    let after = state(&service).await;
    Reference { before, answer, after }
}

/// Repeats `operation` as a client does that does not know whether it was done. Returns what is not as it should be.
async fn repeat(service: &Service, operation: &Operation, done: bool) -> Result<(), String> {
    let expected = match operation.repeat {
        Repeat::Blindly(status_if_done) if done => status_if_done,
        Repeat::Blindly(_) => operation.status,
        Repeat::IfMissing(path, text) => {
            let found = service.get(path).await;
            if found.status != 200 || found.text().contains(text) != done {
                return Err(format!("what a client reads must tell whether it was done, which is {done}: {found}"));
            }
            if done {
                return Ok(());
            }
            operation.status
        }
    };
    let answer = operation.send(service).await;
    if answer.status == expected { Ok(()) } else { Err(format!("expected {expected}, got {answer}")) }
}

/// Lets the `nth` call of `operation` go wrong, and checks the answer and the store. Returns whether there was such a call.
///
/// # Errors
/// What is not as it should be, and may be due to a stall: an impatient service then gives up calls that do not hang, too.
async fn try_out(
    operation: &Operation,
    reference: &Reference,
    fault: Fault,
    nth: usize,
    path: Option<PathBuf>,
) -> Result<bool, String> {
    let plan = Plan::of_call(nth, fault);
    let (store, service) = prepared(path, &plan).await;
    let hangs = matches!(fault, Fault::HangsBefore | Fault::HangsAfter);
    // The impatient service gets the operation and its repetition only: all else need not be done within a second.
    let impatient = if hangs { Some(start_over(store, IMPATIENT).await) } else { None };
    let tried = impatient.as_ref().unwrap_or(&service);
    let what = format!("{}, whose call {nth} {fault:?}", operation.name);

    plan.arm();
    let answer = operation.send(tried).await;
    let hit = plan.disarm();
    // A call that hangs is released after its client has given up: that must change nothing.
    plan.release();
    let done = plan.has_written();
    let now = state(&service).await;
    if hit {
        let answer = answer.expect_unavailable();
        let is_whole = now == reference.before || now == reference.after;
        assert!(is_whole, "{what}: done by half, or more than was asked for; the answer was {answer}\ngot {now:#}");
        if now != *(if done { &reference.after } else { &reference.before }) {
            return Err(format!("{what}: whether it was done should be {done}; the answer was {answer}\ngot {now:#}"));
        }
        repeat(tried, operation, done).await.map_err(|why| format!("{what}, and then repeated: {why}"))?;
        assert_eq!(state(&service).await, reference.after, "{what}: done other than once after it was repeated");
    } else if essence(&answer) != reference.answer {
        return Err(format!("{what}: nothing went wrong; expected {:#}, got {answer}", reference.answer));
    }
    for service in impatient.into_iter().chain([service]) {
        service.stop().await;
    }
    Ok(hit)
}

async fn try_out_all(operation: &Operation, faults: &[Fault], in_a_file: bool) {
    let reference = reference(operation).await;
    for &fault in faults {
        let mut calls = 0;
        loop {
            let attempt = async || {
                let folder = in_a_file.then(|| tempfile::tempdir().expect("a temporary directory"));
                let path = folder.as_ref().map(|folder| folder.path().join("payments.db"));
                try_out(operation, &reference, fault, calls + 1, path).await
            };
            let hit = match fault {
                Fault::Fails | Fault::LosesItsAnswer => attempt().await.unwrap_or_else(|why| panic!("{why}")),
                Fault::HangsBefore | Fault::HangsAfter => try_while_stalled(attempt).await,
            };
            if !hit {
                break;
            }
            calls += 1;
            assert!(calls <= MOST_CALLS, "{} repeats a call of the store that fails", operation.name);
        }
        assert!(calls > 0, "{} does not call the store: nothing was tried", operation.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_leaves_nothing_half_done_and_nothing_untold() {
    for operation in &OPERATIONS {
        try_out_all(operation, &[Fault::Fails, Fault::LosesItsAnswer], false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_for_a_file() {
    for operation in &OPERATIONS {
        try_out_all(operation, &[Fault::Fails, Fault::LosesItsAnswer], true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_is_given_up_and_never_comes_back() {
    let all =
        OPERATIONS.iter().map(|operation| try_out_all(operation, &[Fault::HangsBefore, Fault::HangsAfter], false));
    futures_util::future::join_all(all).await;
}
