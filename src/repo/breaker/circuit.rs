//! One circuit: closed while calls succeed, open while they are refused, half open while a probe is out.

use super::Trip;
use crate::{deadline, payments::Error};
use std::{
    future::Future,
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::Notify, time::Instant};

const CLOSED: &str = "closed";
const OPEN: &str = "open";
const HALF_OPEN: &str = "half_open";
/// Every state by name.
pub(super) const STATES: [&str; 3] = [CLOSED, OPEN, HALF_OPEN];

/// What a circuit is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls pass; so many have failed since the last success.
    Closed { failures: u32 },
    /// Calls are refused; from then on, one is let through.
    Open { until: Instant },
    /// One call has been let through, and nobody knows yet what becomes of it.
    HalfOpen,
}

/// A circuit of a breaker.
#[derive(Debug)]
pub(super) struct Circuit {
    name: &'static str,
    trip: Trip,
    state: Mutex<State>,
    /// Closed, and nothing has failed since the last success: the usual case, which takes no lock.
    calm: AtomicBool,
    /// Wakes calls that hang, when the circuit opens.
    opened: Notify,
}

impl Circuit {
    pub(super) fn new(name: &'static str, trip: Trip) -> Self {
        let state = Mutex::new(State::Closed { failures: 0 });
        Self { name, trip, state, calm: AtomicBool::new(true), opened: Notify::new() }
    }

    /// What it is at, by name.
    pub(super) fn state_name(&self) -> &'static str {
        match *self.state() {
            State::Closed { .. } => CLOSED,
            State::Open { .. } => OPEN,
            State::HalfOpen => HALF_OPEN,
        }
    }

    /// Whose circuit it is.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Makes the call, unless the circuit is open.
    ///
    /// # Errors
    /// Those of the call, and [`Error::Unavailable`] for one that is refused, or given up because it hangs while the
    /// circuit is open.
    pub(super) async fn guard<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let pass = self.enter()?;
        let mut call = pin!(call);
        if let Some(outcome) = deadline::before(|| Instant::now() + self.trip.slow, call.as_mut()).await {
            match &outcome {
                Err(Error::Unavailable(_)) => pass.failed(),
                Ok(_) | Err(_) => pass.succeeded(),
            }
            return outcome;
        }
        pass.failed();
        tokio::select! {
            biased;
            outcome = call => outcome,
            () = self.open() => Err(Error::Unavailable("the store does not answer, and the circuit is open".into())),
        }
    }

    /// The store answers after all: the next call may be the probe, without waiting for the end of the pause.
    pub(super) fn sign_of_life(&self) {
        if !self.calm.load(Ordering::Relaxed) {
            let mut state = self.state();
            if let State::Open { until } = &mut *state {
                *until = Instant::now();
            }
        }
    }

    fn enter(&self) -> Result<Pass<'_>, Error> {
        let pass = |probe| Ok(Pass { circuit: self, probe, judged: false });
        if self.calm.load(Ordering::Relaxed) {
            return pass(false);
        }
        let mut state = self.state();
        match *state {
            State::Closed { .. } => pass(false),
            State::Open { until } if until <= Instant::now() => {
                *state = State::HalfOpen;
                pass(true)
            }
            State::Open { .. } | State::HalfOpen => Err(Error::Unavailable("the circuit is open".into())),
        }
    }

    /// Waits until calls are refused.
    async fn open(&self) {
        loop {
            let mut opened = pin!(self.opened.notified());
            opened.as_mut().enable();
            if !matches!(*self.state(), State::Closed { .. }) {
                return;
            }
            opened.await;
        }
    }

    fn trip(&self, state: &mut State) {
        *state = State::Open { until: Instant::now() + self.trip.pause };
        self.opened.notify_waiters();
    }

    /// Nothing panics while it holds the lock, and the state is whole at any time.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The leave to make a call, and the duty to say what became of it.
struct Pass<'a> {
    circuit: &'a Circuit,
    probe: bool,
    judged: bool,
}

impl Pass<'_> {
    fn succeeded(mut self) {
        self.judged = true;
        let circuit = self.circuit;
        if circuit.calm.load(Ordering::Relaxed) {
            return;
        }
        let mut state = circuit.state();
        match *state {
            State::Closed { .. } => {}
            // The probe decides, and no straggler from the time before.
            State::Open { .. } | State::HalfOpen if !self.probe => return,
            State::Open { .. } | State::HalfOpen => {
                tracing::info!(circuit = circuit.name, "the circuit is closed again")
            }
        }
        *state = State::Closed { failures: 0 };
        circuit.calm.store(true, Ordering::Relaxed);
    }

    fn failed(mut self) {
        self.judged = true;
        let circuit = self.circuit;
        let mut state = circuit.state();
        circuit.calm.store(false, Ordering::Relaxed);
        match &mut *state {
            State::Closed { failures } => {
                *failures += 1;
                if *failures >= circuit.trip.failures {
                    tracing::warn!(circuit = circuit.name, failures, "the circuit is open: the store fails or hangs");
                    circuit.trip(&mut state);
                }
            }
            State::Open { .. } | State::HalfOpen if self.probe => circuit.trip(&mut state),
            State::Open { .. } | State::HalfOpen => {}
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        // Whoever asked has gone away, and the call with it: the next one may be the probe.
        if self.probe && !self.judged {
            *self.circuit.state() = State::Open { until: Instant::now() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Circuit, Trip};
    use crate::payments::Error;
    use std::{future::pending, sync::Arc, time::Duration};
    use tokio::time::{advance, sleep};

    const TRIP: Trip = Trip { failures: 3, slow: Duration::from_secs(5), pause: Duration::from_secs(1) };

    fn circuit() -> Arc<Circuit> {
        Arc::new(Circuit::new("test", TRIP))
    }

    fn away<T>() -> Result<T, Error> {
        Err(Error::Unavailable("away".into()))
    }

    /// Makes a call that ends so, and tells whether it was let through.
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
        for _ in 0..TRIP.failures {
            assert!(passes(circuit, away()).await);
        }
        assert_eq!(circuit.state_name(), "open");
    }

    #[tokio::test(start_paused = true)]
    async fn failure_after_failure_opens_it() {
        let circuit = circuit();
        open(&circuit).await;
        assert!(!passes(&circuit, Ok(())).await, "an open circuit refuses");
        assert!(matches!(circuit.guard(async { Ok(()) }).await, Err(Error::Unavailable(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_in_between_keeps_it_closed() {
        let circuit = circuit();
        for _ in 0..10 {
            passes(&circuit, away()).await;
            passes(&circuit, away()).await;
            passes(&circuit, Ok(())).await;
        }
        assert_eq!(circuit.state_name(), "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_store_refuses_for_good_reason_is_no_failure() {
        let circuit = circuit();
        for _ in 0..10 {
            passes(&circuit, Err(Error::NotFound)).await;
            passes(&circuit, Err(Error::AlreadyExists)).await;
        }
        assert_eq!(circuit.state_name(), "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn after_the_pause_one_probe_is_let_through_and_closes_it() {
        let circuit = circuit();
        open(&circuit).await;
        advance(TRIP.pause - Duration::from_millis(1)).await;
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
        advance(TRIP.pause).await;
        assert!(passes(&circuit, away()).await);
        assert_eq!(circuit.state_name(), "open");
        assert!(!passes(&circuit, Ok(())).await);
        advance(TRIP.pause).await;
        assert!(passes(&circuit, Ok(())).await);
        assert_eq!(circuit.state_name(), "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_client_goes_away_leaves_room_for_the_next() {
        let circuit = circuit();
        open(&circuit).await;
        advance(TRIP.pause).await;
        let given_up =
            tokio::time::timeout(Duration::from_secs(1), circuit.guard(pending::<Result<(), Error>>())).await;
        assert!(given_up.is_err());
        assert!(passes(&circuit, Ok(())).await, "the next call is the probe");
        assert_eq!(circuit.state_name(), "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_hang_open_it_and_are_given_up() {
        let circuit = circuit();
        let hanging: Vec<_> = (0..TRIP.failures)
            .map(|_| {
                let circuit = Arc::clone(&circuit);
                tokio::spawn(async move { circuit.guard(pending::<Result<(), Error>>()).await })
            })
            .collect();
        let began = tokio::time::Instant::now();
        for call in hanging {
            assert!(matches!(call.await.unwrap(), Err(Error::Unavailable(_))));
        }
        assert_eq!(began.elapsed(), TRIP.slow);
        assert_eq!(circuit.state_name(), "open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_slow_alone_is_answered() {
        let circuit = circuit();
        let slow = circuit.guard(take(Duration::from_secs(30))).await;
        assert!(slow.is_ok());
        assert_eq!(circuit.state_name(), "closed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_straggler_does_not_close_it() {
        let circuit = circuit();
        let straggler = {
            let circuit = Arc::clone(&circuit);
            tokio::spawn(async move { circuit.guard(take(Duration::from_millis(500))).await })
        };
        tokio::task::yield_now().await;
        open(&circuit).await;
        assert!(straggler.await.unwrap().is_ok());
        assert_eq!(circuit.state_name(), "open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_of_life_brings_the_probe_forward() {
        let circuit = circuit();
        open(&circuit).await;
        circuit.sign_of_life();
        assert!(passes(&circuit, Ok(())).await);
        assert_eq!(circuit.state_name(), "closed");
    }
}
