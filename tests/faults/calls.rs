//! Every operation, with its first call of the store going wrong, then with its second, and so on; and what a client does
//! that is left in doubt.

use crate::{
    operations::{OPERATIONS, Operation, Repeat, essence, prepare, state},
    service::start_over,
};
use payments::repo::{Sqlite, SqliteOptions};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc, time::Duration};
use test_support::{Fault, Faulty, Plan, Service};

/// As many calls as any operation may make while no other client writes.
const MOST_CALLS: usize = 4;
/// `--timeout` where no call hangs.
const PATIENT: Duration = Duration::from_secs(60);
/// `--timeout` where a call hangs. Every other request must be answered within that, on a busy machine, too.
const IMPATIENT: Duration = Duration::from_secs(1);

/// The outcome of an operation while nothing goes wrong.
struct Reference {
    before: Value,
    answer: Value,
    after: Value,
}

async fn service(path: Option<PathBuf>, plan: &Arc<Plan>, timeout: Duration) -> Service {
    let store = Sqlite::open(SqliteOptions { path, ..SqliteOptions::default() }).await.expect("a fresh store opens");
    let service = start_over(Faulty::new(store, Arc::clone(plan)), timeout).await;
    prepare(&service).await;
    service
}

async fn reference(operation: &Operation) -> Reference {
    let service = service(None, &Plan::of_call(1, Fault::Fails), PATIENT).await;
    let before = state(&service).await;
    let answer = essence(&operation.send(&service).await.expect_status(operation.status));
    let after = state(&service).await;
    Reference { before, answer, after }
}

/// Repeats `operation` as a client does that does not know whether it was done.
async fn repeat(service: &Service, operation: &Operation, done: bool) {
    match operation.repeat {
        Repeat::Blindly(status_if_done) => {
            operation.send(service).await.expect_status(if done { status_if_done } else { operation.status });
        }
        Repeat::IfMissing(path, text) => {
            let found = service.get(path).await.expect_status(200);
            assert_eq!(found.text().contains(text), done, "what a client reads must tell whether it was done: {found}");
            if !done {
                operation.send(service).await.expect_status(operation.status);
            }
        }
    }
}

/// Lets the `nth` call of `operation` go wrong, and checks the answer and the store. Returns whether there was such a call.
async fn try_out(
    operation: &Operation,
    reference: &Reference,
    fault: Fault,
    nth: usize,
    path: Option<PathBuf>,
) -> bool {
    let hangs = matches!(fault, Fault::HangsBefore | Fault::HangsAfter);
    let plan = Plan::of_call(nth, fault);
    let service = service(path, &plan, if hangs { IMPATIENT } else { PATIENT }).await;
    let what = format!("{}, whose call {nth} {fault:?}", operation.name);

    plan.arm();
    let answer = operation.send(&service).await;
    let hit = plan.disarm();
    // A call that hangs is released after its client has given up: that must change nothing.
    plan.release();
    let done = plan.has_written();
    let now = state(&service).await;
    if hit {
        let answer = answer.expect_unavailable();
        let expected = if done { &reference.after } else { &reference.before };
        assert_eq!(&now, expected, "{what}: done by half, or more than was asked for; the answer was {answer}");
    } else {
        assert_eq!(essence(&answer), reference.answer, "{what}: nothing went wrong");
    }
    if hit {
        repeat(&service, operation, done).await;
        assert_eq!(state(&service).await, reference.after, "{what}: done other than once after it was repeated");
    }
    service.stop().await;
    hit
}

async fn try_out_all(operation: &Operation, faults: &[Fault], in_a_file: bool) {
    let reference = reference(operation).await;
    for &fault in faults {
        let mut calls = 0;
        loop {
            let folder = in_a_file.then(|| tempfile::tempdir().expect("a temporary directory"));
            let path = folder.as_ref().map(|folder| folder.path().join("payments.db"));
            if !try_out(operation, &reference, fault, calls + 1, path).await {
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
