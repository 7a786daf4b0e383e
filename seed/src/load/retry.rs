//! Retries calls with exponential backoff and jitter, honours `Retry-After` across all workers, and stops the load when
//! the service stays unreachable.

use super::clock::Clock;
use crate::synthetic::SplitMix64;
use payments_client::{Error, StatusCode};
use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The first backoff pause. Each further one is twice as long, and up to half of each is jitter.
const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// After how long without a response the load is given up. Twice the longest `Retry-After` comes on top.
const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

/// How often one payment is tried while other payments get through.
const MAX_ATTEMPTS: u32 = 10;

/// The longest `Retry-After` that is honoured.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the load stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The caller of [`load`](super::load) asked for it.
    Requested,
    /// The service cannot be used. The text is one line that says why, and what to change.
    Unusable(String),
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// The service refuses this payment.
    Refused(Error),
    /// Every attempt failed in a way that a retry might have cured.
    RetriesExhausted { attempts: u32, last: Error },
    /// The load was stopped.
    Stopped,
}

/// Makes calls, and shares between them what the service said about when to call again.
#[derive(Debug)]
pub(super) struct Retrier<C> {
    clock: C,
    url: String,
    state: Mutex<State>,
    stop: watch::Sender<Option<StopReason>>,
}

#[derive(Debug)]
struct State {
    /// When the last `Retry-After` ends. No call is made before.
    not_before: Duration,
    /// When the service last gave a final response, or else when the load began.
    last_response: Duration,
    /// How many final responses there were.
    responses: u64,
    /// The longest `Retry-After` since the last final response.
    longest_retry_after: Duration,
    /// The last error since the last final response.
    last_error: Option<String>,
    jitter: SplitMix64,
}

/// A class of errors, by what they mean for the call.
enum ErrorClass {
    /// The service has decided: no retry.
    Final,
    /// A retry may succeed.
    Transient,
    /// The service limits the rate: a retry will succeed.
    RateLimited,
    /// The response is none that the payments service gives.
    Foreign,
    /// No token can be had, or none that the service takes: all other payments would be refused for it, too.
    Unauthorised,
}

impl<C: Clock> Retrier<C> {
    pub(super) fn new(clock: C, url: String, jitter_seed: u64) -> Self {
        let now = clock.now();
        let state = State {
            not_before: now,
            last_response: now,
            responses: 0,
            longest_retry_after: Duration::ZERO,
            last_error: None,
            jitter: SplitMix64::new(jitter_seed, 0),
        };
        Self { clock, url, state: Mutex::new(state), stop: watch::Sender::new(None) }
    }

    /// Lets no further call begin. The first reason stays.
    pub(super) fn stop(&self, reason: StopReason) {
        self.stop.send_if_modified(|stop| {
            let first = stop.is_none();
            stop.get_or_insert(reason);
            first
        });
    }

    pub(super) fn stop_reason(&self) -> Option<StopReason> {
        self.stop.borrow().clone()
    }

    /// Waits until the load is stopped.
    pub(super) async fn until_stopped(&self) {
        // Never an error: the sender lives in `self`.
        let _ = self.stop.subscribe().wait_for(Option::is_some).await;
    }

    /// The last error, unless the service has responded since.
    pub(super) fn last_error(&self) -> Option<String> {
        self.state().last_error.clone()
    }

    /// Makes a call, and repeats it while that may help.
    pub(super) async fn call<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let started = self.clock.now();
        let (mut attempts, mut backoff) = (0, MIN_BACKOFF);
        let responses_at_start = self.state().responses;
        let mut responses_seen = responses_at_start;
        loop {
            self.wait_for_retry_after().await?;
            let error = match call().await {
                Ok(answer) => {
                    self.record_response();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let class = classify(&error);
            match class {
                ErrorClass::Final => {
                    self.record_response();
                    return Err(CallError::Refused(error));
                }
                // The service has responded before, so this response is about the payment.
                ErrorClass::Foreign if self.state().responses > 0 => return Err(CallError::Refused(error)),
                ErrorClass::Foreign => {
                    self.stop(StopReason::Unusable(format!(
                        "what answers at {} is not the payments service ({error}): name its address with --url, \
                         for example --url http://localhost:8080",
                        self.url
                    )));
                    return Err(CallError::Stopped);
                }
                ErrorClass::Unauthorised => {
                    self.stop(StopReason::Unusable(format!(
                        "the service at {} asks for a token that allows payments:read and payments:write ({error}): \
                         give one with --token, or credentials with --client-id, --client-secret and --token-url",
                        self.url
                    )));
                    return Err(CallError::Stopped);
                }
                ErrorClass::Transient | ErrorClass::RateLimited => {}
            }
            // A rate limit that lets other payments through is no failed attempt.
            let responses = self.state().responses;
            if !(matches!(class, ErrorClass::RateLimited) && responses > responses_seen) {
                attempts += 1;
            }
            responses_seen = responses;
            if attempts >= MAX_ATTEMPTS && responses > responses_at_start {
                return Err(CallError::RetriesExhausted { attempts, last: error });
            }
            self.record_error(&error, started);
            if self.stop_reason().is_some() {
                return Err(CallError::Stopped);
            }
            if error.retry_after().is_none() {
                self.sleep(self.jittered(backoff)).await?;
                backoff = MAX_BACKOFF.min(backoff * 2);
            }
        }
    }

    /// Waits until the last `Retry-After` has ended. It holds for all workers.
    async fn wait_for_retry_after(&self) -> Result<(), CallError> {
        loop {
            if self.stop_reason().is_some() {
                return Err(CallError::Stopped);
            }
            let wait = self.state().not_before.saturating_sub(self.clock.now());
            if wait.is_zero() {
                return Ok(());
            }
            // Jitter, so that the workers do not all call at the same moment.
            let jitter = self.jittered(MIN_BACKOFF);
            self.sleep(wait + jitter).await?;
        }
    }

    /// Sleeps for `pause`, or until the load is stopped.
    async fn sleep(&self, pause: Duration) -> Result<(), CallError> {
        tokio::select! {
            () = self.clock.sleep(pause) => Ok(()),
            () = self.until_stopped() => Err(CallError::Stopped),
        }
    }

    fn record_response(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        state.last_response = now;
        state.responses += 1;
        state.longest_retry_after = Duration::ZERO;
        state.last_error = None;
    }

    /// Records an error, and stops the load if there was no response for too long.
    fn record_error(&self, error: &Error, started: Duration) {
        let now = self.clock.now();
        let cause = root_cause(error);
        let mut state = self.state();
        if let Some(after) = error.retry_after() {
            let after = after.min(MAX_RETRY_AFTER);
            state.not_before = state.not_before.max(now + after);
            state.longest_retry_after = state.longest_retry_after.max(after);
        }
        let silence = now.saturating_sub(state.last_response.max(started));
        let give_up = silence >= GIVE_UP_AFTER + 2 * state.longest_retry_after;
        state.last_error = Some(match error.retry_after() {
            Some(after) => format!("{cause}; the service asks to wait {} s", after.as_secs()),
            None => cause.clone(),
        });
        drop(state);
        if give_up {
            let proxy = proxy_hint(&self.url, |name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
            self.stop(StopReason::Unusable(format!(
                "the payments service at {} does not answer ({cause}), for {} s now: is it running there? Name another \
                 address with --url, for example --url http://localhost:8080{proxy}",
                self.url,
                silence.as_secs()
            )));
        }
    }

    /// Between half of `pause` and all of it, at random.
    fn jittered(&self, pause: Duration) -> Duration {
        let half = pause / 2;
        let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
        half + Duration::from_micros(self.state().jitter.below(micros.saturating_add(1)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names the variable that sends requests through a proxy, if one is set: then it is the proxy that does not answer, perhaps.
/// The client asks no proxy for the machine that it runs on.
fn proxy_hint(url: &str, is_set: impl Fn(&str) -> bool) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    if ["localhost", "127.", "[::1]"].iter().any(|loopback| host.starts_with(loopback)) {
        return String::new();
    }
    let variables = if url.starts_with("https:") {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let hint = |name: &&str| {
        format!(". Requests go through the proxy that {name} names: unset it, or add the host to NO_PROXY")
    };
    variables.iter().find(|name| is_set(name)).map(hint).unwrap_or_default()
}

fn classify(error: &Error) -> ErrorClass {
    let status = error.status();
    match status {
        Some(StatusCode::TOO_MANY_REQUESTS) => return ErrorClass::RateLimited,
        Some(StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) => {
            return ErrorClass::Transient;
        }
        Some(_) | None => {}
    }
    match error {
        // The request cannot be built, now or later.
        Error::Transport(fault) if fault.is_builder() => ErrorClass::Final,
        Error::Transport(_) | Error::Timeout(_) => ErrorClass::Transient,
        Error::Problem(problem)
            if matches!(&*problem.body.kind, "/problems/unauthenticated" | "/problems/insufficient-scope") =>
        {
            ErrorClass::Unauthorised
        }
        Error::Problem(problem) if problem.body.kind != "/problems/path-not-found" => ErrorClass::Final,
        Error::Problem(_) | Error::Declared(_) | Error::Unexpected(_) => ErrorClass::Foreign,
        // Nothing was sent.
        Error::Token(fault) if fault.is_transient() => ErrorClass::Transient,
        Error::Token(_) => ErrorClass::Unauthorised,
        Error::Request(_) | Error::Json(_) => ErrorClass::Final,
        // The enum may grow: an unknown error is reported, not retried.
        _ => ErrorClass::Final,
    }
}

/// The innermost cause of an error, which for a transport error is the system's message.
fn root_cause(error: &Error) -> String {
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

#[cfg(test)]
mod tests {
    use super::proxy_hint;

    #[test]
    fn the_variable_that_names_a_proxy_is_named() {
        for (url, set, expected) in [
            ("http://payments.example", "HTTP_PROXY", true),
            ("http://payments.example", "all_proxy", true),
            ("http://payments.example", "HTTPS_PROXY", false),
            ("https://payments.example", "HTTPS_PROXY", true),
            ("http://localhost:8080", "HTTP_PROXY", false),
            ("http://127.0.0.1:8080", "HTTP_PROXY", false),
            ("http://payments.example", "NO_PROXY", false),
        ] {
            let hint = proxy_hint(url, |name| name == set);
            assert_eq!(hint.contains(&format!("the proxy that {set} names")), expected, "{url}, {set}: {hint:?}");
        }
    }
}
