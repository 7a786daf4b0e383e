//! How a circuit opens, probes and closes.

use super::{Circuit, TripPolicy};
use crate::{payments::Error, repo::turn};
use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{advance, sleep};

const POLICY: TripPolicy = TripPolicy { failures: 3, slow: Duration::from_secs(5), pause: Duration::from_secs(1) };

fn circuit() -> Arc<Circuit> {
    Arc::new(Circuit::new("test", POLICY))
}

fn unavailable<T>() -> Result<T, Error> {
    Err(Error::Unavailable("the test says so".into()))
}

/// Makes a call with this outcome. Says whether it was let through.
async fn passes(circuit: &Circuit, outcome: Result<(), Error>) -> bool {
    let mut called = false;
    let _ = circuit
        .guard(async {
            called = true;
            outcome
        })
        .await;
    called
}

async fn take(time: Duration) -> Result<(), Error> {
    sleep(time).await;
    Ok(())
}

async fn open(circuit: &Circuit) {
    for _ in 0..POLICY.failures {
        assert!(passes(circuit, unavailable()).await);
    }
    assert_eq!(circuit.state_name(), "open");
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_it() {
    let circuit = circuit();
    open(&circuit).await;
    assert!(!passes(&circuit, Ok(())).await, "an open circuit refuses");
    assert!(matches!(circuit.guard(async { Ok(()) }).await, Err(Error::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_success_in_between_keeps_it_closed() {
    let circuit = circuit();
    for _ in 0..10 {
        passes(&circuit, unavailable()).await;
        passes(&circuit, unavailable()).await;
        passes(&circuit, Ok(())).await;
    }
    assert_eq!(circuit.state_name(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_the_rules_is_no_failure() {
    let circuit = circuit();
    for _ in 0..10 {
        passes(&circuit, Err(Error::NotFound)).await;
        passes(&circuit, Err(Error::AlreadyExists)).await;
    }
    assert_eq!(circuit.state_name(), "closed");
}

#[tokio::test(start_paused = true)]
async fn load_of_our_own_is_no_failure() {
    let circuit = circuit();
    for _ in 0..10 {
        passes(&circuit, Err(Error::Overloaded)).await;
    }
    assert_eq!(circuit.state_name(), "closed");
}

/// Makes as many calls as open the circuit if they are slow. Each waits for its turn for `queued`, and then takes `taken`.
async fn call_in_turn(circuit: &Arc<Circuit>, queued: Duration, taken: Duration) {
    let calls: Vec<_> = (0..POLICY.failures)
        .map(|_| {
            let circuit = Arc::clone(circuit);
            tokio::spawn(async move {
                let call = async {
                    turn::wait(sleep(queued), || true).await;
                    take(taken).await
                };
                circuit.guard(call).await
            })
        })
        .collect();
    for call in calls {
        let _ = call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_turn_is_not_slow() {
    let circuit = circuit();
    call_in_turn(&circuit, 10 * POLICY.slow, POLICY.slow - Duration::from_millis(1)).await;
    assert_eq!(circuit.state_name(), "closed");
    call_in_turn(&circuit, 10 * POLICY.slow, POLICY.slow + Duration::from_millis(1)).await;
    assert_eq!(circuit.state_name(), "open", "the clock starts when the turn has come");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_another_task_takes_its_turn_for_is_slow_from_about_then_on() {
    let circuit = circuit();
    let queued = Arc::new(AtomicBool::new(true));
    let hanging: Vec<_> = (0..POLICY.failures)
        .map(|_| {
            let (circuit, queued) = (Arc::clone(&circuit), Arc::clone(&queued));
            let call = async move { turn::wait(pending(), || queued.load(Ordering::Relaxed)).await };
            tokio::spawn(async move { circuit.guard::<()>(call).await })
        })
        .collect();
    sleep(3 * POLICY.slow).await;
    assert_eq!(circuit.state_name(), "closed", "they wait for their turn");
    let began = tokio::time::Instant::now();
    queued.store(false, Ordering::Relaxed);
    for call in hanging {
        assert!(matches!(call.await.unwrap(), Err(Error::Unavailable(_))));
    }
    let late = began.elapsed() - POLICY.slow;
    assert!(late <= POLICY.slow / 8 + Duration::from_millis(1), "the clock started {late:?} late");
    assert_eq!(circuit.state_name(), "open");
}

#[tokio::test(start_paused = true)]
async fn after_the_pause_one_probe_is_let_through_and_closes_it() {
    let circuit = circuit();
    open(&circuit).await;
    advance(POLICY.pause - Duration::from_millis(1)).await;
    assert!(!passes(&circuit, Ok(())).await, "the pause is not over");
    advance(Duration::from_millis(1)).await;
    let probe = {
        let circuit = Arc::clone(&circuit);
        tokio::spawn(async move { circuit.guard(take(Duration::from_secs(2))).await })
    };
    sleep(Duration::from_secs(1)).await;
    assert_eq!(circuit.state_name(), "half_open");
    assert!(!passes(&circuit, Ok(())).await, "one probe at a time");
    assert!(probe.await.unwrap().is_ok());
    assert_eq!(circuit.state_name(), "closed");
    assert!(passes(&circuit, Ok(())).await);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_it_again() {
    let circuit = circuit();
    open(&circuit).await;
    advance(POLICY.pause).await;
    assert!(passes(&circuit, unavailable()).await);
    assert_eq!(circuit.state_name(), "open");
    assert!(!passes(&circuit, Ok(())).await);
    advance(POLICY.pause).await;
    assert!(passes(&circuit, Ok(())).await);
    assert_eq!(circuit.state_name(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_caller_goes_away_makes_room_for_the_next() {
    let circuit = circuit();
    open(&circuit).await;
    advance(POLICY.pause).await;
    let given_up = tokio::time::timeout(Duration::from_secs(1), circuit.guard(pending::<Result<(), Error>>())).await;
    assert!(given_up.is_err());
    assert!(passes(&circuit, Ok(())).await, "the next call is the probe");
    assert_eq!(circuit.state_name(), "closed");
}

#[tokio::test(start_paused = true)]
async fn calls_that_hang_open_it_and_are_ended() {
    let circuit = circuit();
    let hanging: Vec<_> = (0..POLICY.failures)
        .map(|_| {
            let circuit = Arc::clone(&circuit);
            tokio::spawn(async move { circuit.guard(pending::<Result<(), Error>>()).await })
        })
        .collect();
    let began = tokio::time::Instant::now();
    for call in hanging {
        assert!(matches!(call.await.unwrap(), Err(Error::Unavailable(_))));
    }
    assert_eq!(began.elapsed(), POLICY.slow);
    assert_eq!(circuit.state_name(), "open");
}

#[tokio::test(start_paused = true)]
async fn one_slow_call_is_answered() {
    let circuit = circuit();
    let slow = circuit.guard(take(Duration::from_secs(30))).await;
    assert!(slow.is_ok());
    assert_eq!(circuit.state_name(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_success_from_before_it_opened_does_not_close_it() {
    let circuit = circuit();
    let slow = {
        let circuit = Arc::clone(&circuit);
        tokio::spawn(async move { circuit.guard(take(Duration::from_millis(500))).await })
    };
    tokio::task::yield_now().await;
    open(&circuit).await;
    assert!(slow.await.unwrap().is_ok());
    assert_eq!(circuit.state_name(), "open");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_succeeds_brings_the_probe_forward() {
    let circuit = circuit();
    open(&circuit).await;
    circuit.bring_probe_forward();
    assert!(passes(&circuit, Ok(())).await);
    assert_eq!(circuit.state_name(), "closed");
}
