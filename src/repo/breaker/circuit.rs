//! One circuit: closed while calls succeed, open while they are refused, half open while a probe is under way.

use super::{policy::TripPolicy, slow};
use crate::payments::Error;
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
/// The names of all states.
pub(super) const STATES: [&str; 3] = [CLOSED, OPEN, HALF_OPEN];

/// The state of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls pass; so many have failed since the last success.
    Closed { failures: u32 },
    /// Calls are refused; after `until`, one is let through as a probe.
    Open { until: Instant },
    /// The probe is under way; other calls are refused.
    HalfOpen,
}

/// A circuit of a breaker.
#[derive(Debug)]
pub(super) struct Circuit {
    name: &'static str,
    policy: TripPolicy,
    state: Mutex<State>,
    /// The fast path: true while the circuit is closed and nothing has failed since the last success. Calls then take no
    /// lock.
    calm: AtomicBool,
    /// Wakes the calls that hang, when the circuit opens.
    opened: Notify,
}

impl Circuit {
    pub(super) fn new(name: &'static str, policy: TripPolicy) -> Self {
        let state = Mutex::new(State::Closed { failures: 0 });
        Self { name, policy, state, calm: AtomicBool::new(true), opened: Notify::new() }
    }

    /// The name of the current state.
    pub(super) fn state_name(&self) -> &'static str {
        match *self.state() {
            State::Closed { .. } => CLOSED,
            State::Open { .. } => OPEN,
            State::HalfOpen => HALF_OPEN,
        }
    }

    /// The name of the circuit.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Makes the call, unless the circuit is open.
    ///
    /// # Errors
    /// Those of the call, and [`Error::Unavailable`] for a call that is refused, or given up because it hangs while the
    /// circuit is open.
    pub(super) async fn guard<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let permit = self.enter()?;
        let mut call = pin!(call);
        if let Some(outcome) = slow::within(self.policy.slow, call.as_mut()).await {
            match &outcome {
                Err(Error::Unavailable(_)) => permit.record_failure(),
                Ok(_) | Err(_) => permit.record_success(),
            }
            return outcome;
        }
        permit.record_failure();
        tokio::select! {
            biased;
            outcome = call => outcome,
            () = self.refusing() => Err(Error::Unavailable("the store does not answer, and the circuit is open".into())),
        }
    }

    /// Lets the next call be the probe, without waiting for the end of the pause: the store has answered a check.
    pub(super) fn bring_probe_forward(&self) {
        if !self.calm.load(Ordering::Relaxed) {
            let mut state = self.state();
            if let State::Open { until } = &mut *state {
                *until = Instant::now();
            }
        }
    }

    fn enter(&self) -> Result<Permit<'_>, Error> {
        let permit = |is_probe| Ok(Permit { circuit: self, is_probe, is_recorded: false });
        if self.calm.load(Ordering::Relaxed) {
            return permit(false);
        }
        let mut state = self.state();
        match *state {
            State::Closed { .. } => permit(false),
            State::Open { until } if until <= Instant::now() => {
                *state = State::HalfOpen;
                permit(true)
            }
            State::Open { .. } | State::HalfOpen => Err(Error::Unavailable("the circuit is open".into())),
        }
    }

    /// Waits until calls are refused.
    async fn refusing(&self) {
        loop {
            // Registers the waker before the look at the state, so that no change in between is missed.
            let mut opened = pin!(self.opened.notified());
            opened.as_mut().enable();
            if !matches!(*self.state(), State::Closed { .. }) {
                return;
            }
            opened.await;
        }
    }

    fn trip(&self, state: &mut State) {
        *state = State::Open { until: Instant::now() + self.policy.pause };
        self.opened.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is fine: nothing panics while it is held, and every state is valid.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permission to make a call. Its outcome must be recorded.
struct Permit<'a> {
    circuit: &'a Circuit,
    is_probe: bool,
    is_recorded: bool,
}

impl Permit<'_> {
    fn record_success(mut self) {
        self.is_recorded = true;
        let circuit = self.circuit;
        if circuit.calm.load(Ordering::Relaxed) {
            return;
        }
        let mut state = circuit.state();
        match *state {
            State::Closed { .. } => {}
            // Only the probe decides; a call from before the circuit opened does not.
            State::Open { .. } | State::HalfOpen if !self.is_probe => return,
            State::Open { .. } | State::HalfOpen => {
                tracing::info!(circuit = circuit.name, "circuit closed: the store answers again")
            }
        }
        *state = State::Closed { failures: 0 };
        circuit.calm.store(true, Ordering::Relaxed);
    }

    fn record_failure(mut self) {
        self.is_recorded = true;
        let circuit = self.circuit;
        let mut state = circuit.state();
        circuit.calm.store(false, Ordering::Relaxed);
        match &mut *state {
            State::Closed { failures } => {
                *failures += 1;
                if *failures >= circuit.policy.failures {
                    tracing::warn!(
                        circuit = circuit.name,
                        failures,
                        "circuit opened: the store fails or hangs, so calls are refused until a probe succeeds"
                    );
                    circuit.trip(&mut state);
                }
            }
            State::Open { .. } | State::HalfOpen if self.is_probe => circuit.trip(&mut state),
            State::Open { .. } | State::HalfOpen => {}
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        // The caller has gone away, and its call was dropped without an outcome: the next call may be the probe.
        if self.is_probe && !self.is_recorded {
            *self.circuit.state() = State::Open { until: Instant::now() };
        }
    }
}

#[cfg(test)]
mod tests;
