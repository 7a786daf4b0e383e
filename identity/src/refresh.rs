//! When keys are fetched.
//!
//! The problem: keys rotate, so a token may name a key that is newer than the last fetch. Fetching for each such token lets
//! anybody make us hammer the issuer, by tokens that name keys which do not exist. Not fetching refuses good tokens.
//!
//! The mechanism: one task does all fetching. It fetches at the start, every 10 minutes, and after a failure by exponential
//! back-off with jitter. A token with an unknown key wakes it, unless it began a fetch within the last 30 seconds. Everybody
//! whose key is unknown waits for that one fetch; everybody else goes on with the keys that are there.
//!
//! Why one name cannot spend the fetches of others: a name that was looked for in vain is remembered for 2 minutes, and
//! wakes nobody. Different names can do no more than wake the task every 30 seconds, and each of these fetches finds new keys
//! for everybody. So a new key is known 30 seconds after it was published at the latest, whatever others send; issuers publish
//! it hours before they use it.
//!
//! Keys outlive an issuer that is away, by 24 hours. While its last fetch failed, a token with an unknown key is not refused:
//! it may well be good. It cannot be judged, like every token while there are no keys at all.

use crate::{
    FetchError, InvalidToken, VerifyError, algorithm::Algorithm, clock::Random, fetch::Fetch, keys::KeySet,
    statistics::Counters,
};
use quick_cache::sync::Cache;
use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::{Instant, timeout, timeout_at},
};
use tracing::{debug, error, info, warn};

/// How many unknown keys are remembered.
const UNKNOWN: usize = 1024;

/// When keys are fetched. The defaults suit every issuer; tests are less patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The time after a fetch until the next, give or take a tenth. By default 10 minutes.
    pub refresh: Duration,
    /// The time that one document may take. By default 5 seconds; a fetch takes two documents.
    pub timeout: Duration,
    /// The time after the beginning of a fetch in which unknown keys cause no other. By default 30 seconds.
    pub cooldown: Duration,
    /// The time after a failure until the next fetch, which doubles with each. By default 1 second; a random part of it is
    /// waited for, half of it at least.
    pub first_retry: Duration,
    /// The longest time after a failure. By default 30 seconds.
    pub last_retry: Duration,
    /// The time for which keys are trusted without a fetch that succeeds. By default 24 hours. Keys from a file do not age.
    pub max_age: Duration,
    /// The time for which a key that was not found causes no fetch. By default 2 minutes.
    pub unknown: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(10 * 60),
            timeout: Duration::from_secs(5),
            cooldown: Duration::from_secs(30),
            first_retry: Duration::from_secs(1),
            last_retry: Duration::from_secs(30),
            max_age: Duration::from_secs(24 * 60 * 60),
            unknown: Duration::from_secs(2 * 60),
        }
    }
}

/// The keys that are trusted now.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) keys: Arc<KeySet>,
    /// Counts the changes of the keys.
    pub(crate) generation: u64,
    pub(crate) fetched_at: Option<Instant>,
}

/// What is known of the issuer.
#[derive(Debug, Clone)]
struct State {
    trusted: Keys,
    /// How many fetches have ended.
    ended: u64,
    /// Whether the last one failed.
    failed: bool,
    phase: Phase,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// A fetch is under way.
    Fetching,
    /// The last fetch began at one time, and the next is planned for another.
    Waiting { began: Instant, next: Instant },
}

/// Holds the keys, and the task that fetches them. The task ends when this is dropped.
pub(crate) struct Refresher {
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    pace: Pace,
    random: Random,
    state: watch::Sender<State>,
    /// The generation in `state`, for readers that need nothing else.
    generation: AtomicU64,
    /// Wakes the task for an unknown key.
    wanted: Notify,
    /// Keys that were looked for in vain, by the keyed hash of their name, and until when that is remembered. A collision costs
    /// a fetch that would have been for another name.
    unknown: Cache<u64, Instant>,
    hasher: RandomState,
    fetches: Counters,
    on_change: Box<dyn Fn() + Send + Sync>,
}

impl Refresher {
    /// Starts with `keys`, if there are some already, and else with a fetch. `on_change` is called when keys have changed.
    pub(crate) fn start(
        pace: Pace,
        random: Random,
        source: impl Fetch,
        keys: Option<KeySet>,
        on_change: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let now = Instant::now();
        let phase = match keys {
            Some(_) => Phase::Waiting { began: now, next: later(now, pace.refresh) },
            None => Phase::Fetching,
        };
        let fetched_at = keys.is_some().then_some(now);
        let trusted = Keys { keys: Arc::new(keys.unwrap_or_default()), generation: 0, fetched_at };
        let shared = Arc::new(Shared {
            pace,
            random,
            state: watch::Sender::new(State { trusted, ended: 0, failed: false, phase }),
            generation: AtomicU64::new(0),
            wanted: Notify::new(),
            unknown: Cache::new(UNKNOWN),
            hasher: RandomState::new(),
            fetches: Counters::of_fetches(),
            on_change: Box::new(on_change),
        });
        let task = tokio::spawn(Arc::clone(&shared).run(source)).abort_handle();
        Self { shared, task }
    }

    pub(crate) fn current(&self) -> Keys {
        self.shared.state.borrow().trusted.clone()
    }

    pub(crate) fn generation(&self) -> u64 {
        self.shared.generation.load(Ordering::Acquire)
    }

    pub(crate) fn fetches(&self) -> Vec<(&'static str, u64)> {
        self.shared.fetches.read()
    }

    /// The time until the next fetch, in whole seconds, and at least one.
    pub(crate) fn retry_after(&self) -> Duration {
        let state = self.shared.state.borrow();
        let wait = match state.phase {
            Phase::Fetching => Duration::ZERO,
            Phase::Waiting { next, .. } => next.saturating_duration_since(Instant::now()),
        };
        Duration::from_secs(wait.as_secs() + 1)
    }

    /// The keys, once the key that this token was signed with is among them. Waits for a fetch, if one may begin or has begun.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::UnknownKey`] if the key is not among them, [`VerifyError::NoKeys`] if nobody knows because the last
    /// fetch failed.
    pub(crate) async fn fetch_for(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Keys, VerifyError> {
        let shared = &self.shared;
        let name = shared.hasher.hash_one(id);
        let waited = if shared.is_unknown(name) { Waited::Not } else { shared.wait_for_fetch().await };
        let State { trusted, failed, .. } = shared.state.borrow().clone();
        match trusted.keys.candidates(id, algorithm) {
            Err(InvalidToken::UnknownKey) if failed => Err(VerifyError::NoKeys { retry_after: self.retry_after() }),
            Err(InvalidToken::UnknownKey) => {
                if waited == Waited::ForWholeFetch {
                    shared.unknown.insert(name, later(Instant::now(), shared.pace.unknown));
                }
                Err(InvalidToken::UnknownKey.into())
            }
            Ok(_) | Err(_) => Ok(trusted),
        }
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresher").field("state", &*self.shared.state.borrow()).finish_non_exhaustive()
    }
}

/// What somebody waited for whose key is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    /// For nothing: it is too early for another fetch.
    Not,
    /// For the rest of a fetch, which may have been too early to see a key that is new.
    ForRest,
    /// For a fetch from its beginning.
    ForWholeFetch,
}

impl Shared {
    fn is_unknown(&self, name: u64) -> bool {
        self.unknown.get(&name).is_some_and(|until| Instant::now() < until)
    }

    /// Wakes the task if a fetch may begin, and waits for the end of the fetch.
    async fn wait_for_fetch(&self) -> Waited {
        let mut states = self.state.subscribe();
        let state = states.borrow_and_update().clone();
        let waited = match state.phase {
            Phase::Fetching => Waited::ForRest,
            Phase::Waiting { began, .. } if Instant::now() < later(began, self.pace.cooldown) => return Waited::Not,
            Phase::Waiting { .. } => {
                self.wanted.notify_one();
                Waited::ForWholeFetch
            }
        };
        // The end of any fetch will do: if another one began since the look above, it is the one that was to be woken.
        let patience = self.longest_fetch().saturating_add(Duration::from_secs(1));
        let ended = timeout(patience, states.wait_for(|now| now.ended != state.ended)).await;
        if matches!(ended, Ok(Ok(_))) { waited } else { Waited::Not }
    }

    /// A fetch takes two documents; the rest is for a machine that is busy.
    fn longest_fetch(&self) -> Duration {
        self.pace.timeout.saturating_mul(2).saturating_add(Duration::from_secs(1))
    }

    async fn run(self: Arc<Self>, source: impl Fetch) {
        let mut failures = 0;
        if matches!(self.state.borrow().phase, Phase::Waiting { .. }) {
            self.wait().await;
        }
        loop {
            let began = Instant::now();
            self.state.send_modify(|state| state.phase = Phase::Fetching);
            let fetched = timeout(self.longest_fetch(), source.fetch()).await.unwrap_or(Err(FetchError::Timeout));
            self.conclude(began, fetched, &mut failures);
            self.wait().await;
        }
    }

    /// Waits for the next fetch: until its time, or until an unknown key wakes the task and the cooldown is over.
    async fn wait(&self) {
        let Phase::Waiting { began, next } = self.state.borrow().phase else { return };
        while timeout_at(next, self.wanted.notified()).await.is_ok() {
            if Instant::now() >= later(began, self.pace.cooldown) {
                info!("fetching the issuer's keys, because a token names one that is not known");
                return;
            }
        }
    }

    /// Publishes the outcome of a fetch, and plans the next.
    fn conclude(&self, began: Instant, fetched: Result<KeySet, FetchError>, failures: &mut u32) {
        let now = Instant::now();
        let before = self.state.borrow().trusted.clone();
        // An issuer that answers with no keys has withdrawn them all. One that does not answer has withdrawn none.
        let (keys, error) = match fetched {
            Ok(keys) if keys.is_empty() => (Some(keys), Some(FetchError::NoKeys)),
            Ok(keys) => (Some(keys), None),
            Err(error) => (None, Some(error)),
        };
        self.fetches.count(error.as_ref().map_or("ok", FetchError::label));
        *failures = if error.is_some() { failures.saturating_add(1) } else { 0 };
        let wait = self.pause(*failures);
        let too_old = before.fetched_at.is_some_and(|at| now.saturating_duration_since(at) >= self.pace.max_age);
        let fetched_at = if keys.is_some() { Some(now) } else { before.fetched_at };
        let keys = keys.or_else(|| too_old.then(KeySet::default));
        log(&before.keys, keys.as_ref(), error.as_ref(), wait);
        let changed = keys.filter(|keys| !keys.has_same_keys(&before.keys));
        let has_changed = changed.is_some();
        self.state.send_modify(|state| {
            state.phase = Phase::Waiting { began, next: later(now, wait) };
            state.ended += 1;
            state.failed = error.is_some();
            state.trusted.fetched_at = fetched_at;
            if let Some(keys) = changed {
                state.trusted.keys = Arc::new(keys);
                state.trusted.generation += 1;
            }
        });
        if has_changed {
            self.generation.store(before.generation + 1, Ordering::Release);
            (self.on_change)();
        }
    }

    /// The time until the next fetch, after so many failures in a row.
    fn pause(&self, failures: u32) -> Duration {
        let (base, least, most) = match failures.checked_sub(1) {
            None => (self.pace.refresh, 900, 1100),
            Some(doublings) => {
                let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
                (self.pace.first_retry.saturating_mul(factor).min(self.pace.last_retry), 500, 1000)
            }
        };
        base.saturating_mul(self.random.between(least, most)) / 1000
    }
}

/// Tells an operator what a fetch brought, if it is news or bad.
fn log(before: &KeySet, keys: Option<&KeySet>, error: Option<&FetchError>, wait: Duration) {
    let after = keys.unwrap_or(before);
    let retry = wait.as_millis();
    match error {
        Some(error) if after.is_empty() => {
            error!("the issuer's keys are missing, no token can be verified: {error}; trying again in {retry} ms");
        }
        Some(error) => {
            warn!(
                "the issuer's keys could not be fetched, those from before are used: {error}; trying again in {retry} ms"
            );
        }
        None if !after.has_same_keys(before) => {
            info!("tokens are verified with {} keys of the issuer, before with {}", after.len(), before.len());
            for reason in after.faults() {
                warn!("a key of the issuer is not used: {reason}");
            }
        }
        None => debug!("the issuer's keys are the same as before"),
    }
}

/// A moment so much later. A year is as good as never, and does not overflow.
fn later(moment: Instant, wait: Duration) -> Instant {
    moment + wait.min(Duration::from_secs(365 * 24 * 60 * 60))
}

#[cfg(test)]
mod tests;
