//! Calls that are repeated when that may help: after `Retry-After`, or with growing pauses; and given up when nobody
//! answers.

use super::clock::Clock;
use crate::synthetic::Draw;
use payments_client::{Error, StatusCode};
use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The first pause, and the longest; each is twice the one before it, and up to half of it is left to chance.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long nobody may have answered before the load is given up. What the service asks to wait comes on top.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often one payment is tried while others get through.
const TRIES: u32 = 10;

/// No `Retry-After` is believed beyond this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the load stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Whoever started it says so.
    Told,
    /// It is no use; the line says why, and what to change.
    Useless(String),
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// This payment, and no other, is refused.
    Refused(Error),
    /// It was tried often, and the last answer was this.
    GivenUp(Error),
    /// The load stops.
    Halted,
}

/// Makes calls.
#[derive(Debug)]
pub(super) struct Calls<C> {
    clock: C,
    url: String,
    state: Mutex<State>,
    halt: watch::Sender<Option<Halt>>,
}

#[derive(Debug)]
struct State {
    /// No call is made before this.
    open: Duration,
    /// When the service last gave an answer that counts, or the load began.
    answered: Duration,
    /// How many answers that count there were.
    answers: u64,
    /// The longest that the service has asked to wait since then.
    asked: Duration,
    /// What went wrong last, if it has not gone right since.
    trouble: Option<String>,
    chance: Draw,
}

/// What to make of an error.
enum Verdict {
    /// It is an answer.
    Answer,
    /// Perhaps it is better next time.
    Again,
    /// The service is busy, and says so: it is there.
    Busy,
    /// Whoever answers may not be the service at all.
    Stranger,
}

impl<C: Clock> Calls<C> {
    pub(super) fn new(clock: C, url: String, chance: u64) -> Self {
        let now = clock.now();
        let state = State {
            open: now,
            answered: now,
            answers: 0,
            asked: Duration::ZERO,
            trouble: None,
            chance: Draw::new(chance, 0),
        };
        Self { clock, url, state: Mutex::new(state), halt: watch::Sender::new(None) }
    }

    /// Makes no more calls.
    pub(super) fn halt(&self, why: Halt) {
        self.halt.send_if_modified(|halt| {
            let first = halt.is_none();
            halt.get_or_insert(why);
            first
        });
    }

    /// Why no more calls are made.
    pub(super) fn halted(&self) -> Option<Halt> {
        self.halt.borrow().clone()
    }

    /// Waits until no more calls are made.
    pub(super) async fn until_halted(&self) {
        // The sender lives in `self`, so that it is not gone before this ends.
        let _ = self.halt.subscribe().wait_for(Option::is_some).await;
    }

    /// What went wrong last, if it has not gone right since.
    pub(super) fn trouble(&self) -> Option<String> {
        self.state().trouble.clone()
    }

    /// Makes a call, again and again if need be.
    pub(super) async fn make<T, F>(&self, call: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let began = self.clock.now();
        let (mut tries, mut pause, mut seen) = (0, PAUSES.0, self.state().answers);
        let answers_before = seen;
        loop {
            self.gate().await?;
            let error = match call().await {
                Ok(answer) => {
                    self.answered();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let verdict = judge(&error);
            match verdict {
                Verdict::Answer => {
                    self.answered();
                    return Err(Failure::Refused(error));
                }
                // It has proved to be the service before: this is about the payment.
                Verdict::Stranger if self.state().answers > 0 => return Err(Failure::Refused(error)),
                Verdict::Stranger => {
                    self.halt(Halt::Useless(format!(
                        "what answers at {} is not the payments service ({error}): name its address with --url, \
                         for example --url http://localhost:8080",
                        self.url
                    )));
                    return Err(Failure::Halted);
                }
                Verdict::Again | Verdict::Busy => {}
            }
            // Being told to wait while others get through is how a limit works, and no failure.
            let answers = self.state().answers;
            if !(matches!(verdict, Verdict::Busy) && answers > seen) {
                tries += 1;
            }
            seen = answers;
            if tries >= TRIES && answers > answers_before {
                return Err(Failure::GivenUp(error));
            }
            self.fail(&error, began);
            if self.halted().is_some() {
                return Err(Failure::Halted);
            }
            if error.retry_after().is_none() {
                self.sleep(self.chance_of(pause)).await?;
                pause = PAUSES.1.min(pause * 2);
            }
        }
    }

    /// Waits as long as the service has asked everyone to.
    async fn gate(&self) -> Result<(), Failure> {
        loop {
            if self.halted().is_some() {
                return Err(Failure::Halted);
            }
            let wait = self.state().open.saturating_sub(self.clock.now());
            if wait.is_zero() {
                return Ok(());
            }
            // Not all at the same moment.
            let spread = self.chance_of(PAUSES.0);
            self.sleep(wait + spread).await?;
        }
    }

    /// Sleeps, but not past a halt.
    async fn sleep(&self, pause: Duration) -> Result<(), Failure> {
        tokio::select! {
            () = self.clock.sleep(pause) => Ok(()),
            () = self.until_halted() => Err(Failure::Halted),
        }
    }

    fn answered(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        state.answered = now;
        state.answers += 1;
        state.asked = Duration::ZERO;
        state.trouble = None;
    }

    /// Notes a failure; halts the load if nobody has answered for too long.
    fn fail(&self, error: &Error, began: Duration) {
        let now = self.clock.now();
        let told = told(error);
        let mut state = self.state();
        if let Some(after) = error.retry_after() {
            let after = after.min(LONGEST);
            state.open = state.open.max(now + after);
            state.asked = state.asked.max(after);
        }
        let silence = now.saturating_sub(state.answered.max(began));
        let enough = silence >= PATIENCE + 2 * state.asked;
        state.trouble = Some(match error.retry_after() {
            Some(after) => format!("{told}; it asks to wait {} s", after.as_secs()),
            None => told.clone(),
        });
        drop(state);
        if enough {
            self.halt(Halt::Useless(format!(
                "the payments service at {} does not answer ({told}), for {} s now: is it running there? Name another \
                 address with --url, for example --url http://localhost:8080",
                self.url,
                silence.as_secs()
            )));
        }
    }

    /// A half of `pause`, and as much of the other half as chance has it.
    fn chance_of(&self, pause: Duration) -> Duration {
        let half = pause / 2;
        let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(self.state().chance.below(micros.saturating_add(1)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(error: &Error) -> Verdict {
    let status = error.status();
    match status {
        Some(StatusCode::TOO_MANY_REQUESTS) => return Verdict::Busy,
        Some(StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) => {
            return Verdict::Again;
        }
        Some(_) | None => {}
    }
    match error {
        // A request that was never made will not be made next time.
        Error::Transport(fault) if fault.is_builder() => Verdict::Answer,
        Error::Transport(_) => Verdict::Again,
        Error::Problem(problem) if problem.body.kind != "/problems/path-not-found" => Verdict::Answer,
        Error::Problem(_) | Error::Declared(_) | Error::Unexpected(_) => Verdict::Stranger,
        // Nothing was sent.
        Error::Request(_) | Error::Json(_) => Verdict::Answer,
        // The enum may grow: what is new is told.
        _ => Verdict::Answer,
    }
}

/// An error in a few words: that of the innermost cause, which says what the matter is.
fn told(error: &Error) -> String {
    let Error::Transport(fault) = error else { return error.to_string() };
    if fault.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = fault;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
