//! Every operation, with another write getting in between two of its calls of the store.
//!
//! The outcome must be that of the two writes sent one after the other, in one order or the other (linearizability). Any other
//! outcome is a lost update.

use crate::{
    operations::{OPERATIONS, Operation, essence, prepare, state},
    service::{payment, start_over},
};
use payments::repo::{Sqlite, SqliteOptions};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use test_support::{Fault, Faulty, Plan, Service};

/// As many calls as any operation may make while one other write gets in between.
const MOST_CALLS: usize = 8;

/// The other write.
#[derive(Debug, Clone, Copy)]
enum Rival {
    Creates,
    Replaces,
    Deletes,
}

impl Rival {
    async fn send(self, service: &Service) -> Value {
        let answer = match self {
            Self::Creates => service.post(&payment("new", 0, "99")).await,
            Self::Replaces => service.put("p-1", &payment("p-1", 0, "99")).await,
            Self::Deletes => service.send("DELETE", "/v1/payments/p-1?version=0", &[], "").await,
        };
        essence(&answer)
    }
}

async fn service(plan: &Arc<Plan>) -> Service {
    let store = Sqlite::open(SqliteOptions::default()).await.expect("SQLite opens in memory");
    let service = start_over(Faulty::new(store, Arc::clone(plan)), Duration::from_secs(60)).await;
    prepare(&service).await;
    service
}

/// The outcome of both, one after the other.
async fn in_order(operation: &Operation, rival: Rival, rival_is_first: bool) -> Value {
    let service = service(&Plan::of_call(1, Fault::Fails)).await;
    let (answer, rivals) = if rival_is_first {
        let rivals = rival.send(&service).await;
        (essence(&operation.send(&service).await), rivals)
    } else {
        (essence(&operation.send(&service).await), rival.send(&service).await)
    };
    json!({"answer": answer, "rival's": rivals, "state": state(&service).await})
}

/// The outcome of both, with the rival at call `nth`; none, if there is no such call.
async fn in_between(operation: &Operation, rival: Rival, fault: Fault, nth: usize) -> Option<Value> {
    let plan = Plan::of_call(nth, fault);
    let service = service(&plan).await;
    plan.arm();
    let interfere = async {
        plan.reached().await;
        let rivals = rival.send(&service).await;
        plan.release();
        rivals
    };
    let sent = async {
        let answer = operation.send(&service).await;
        plan.disarm().then_some(answer)
    };
    let (mut interfere, mut sent) = (std::pin::pin!(interfere), std::pin::pin!(sent));
    let (answer, rivals) = tokio::select! {
        rivals = &mut interfere => (sent.await?, rivals),
        // Without such a call the rival never starts.
        answer = &mut sent => (answer?, interfere.await),
    };
    Some(json!({"answer": essence(&answer), "rival's": rivals, "state": state(&service).await}))
}

async fn meet(rival: Rival) {
    for operation in &OPERATIONS {
        let orders = [in_order(operation, rival, true).await, in_order(operation, rival, false).await];
        for fault in [Fault::HangsBefore, Fault::HangsAfter] {
            let mut calls = 0;
            while let Some(outcome) = in_between(operation, rival, fault, calls + 1).await {
                calls += 1;
                assert!(
                    orders.contains(&outcome),
                    "{}, while another {rival:?} before or after call {calls} ({fault:?}), comes to what no order of the \
                     two explains:\n{outcome:#}\nis neither\n{:#}\nnor\n{:#}",
                    operation.name,
                    orders[0],
                    orders[1]
                );
                assert!(calls <= MOST_CALLS, "{} repeats itself without end", operation.name);
            }
            assert!(calls > 0, "{} does not call the store: nothing was tried", operation.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_in_between_is_before_or_after() {
    meet(Rival::Creates).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_in_between_is_before_or_after() {
    meet(Rival::Replaces).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_in_between_is_before_or_after() {
    meet(Rival::Deletes).await;
}
