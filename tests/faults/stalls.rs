//! Notices when this machine stands still. What took long then, or failed because it took too long, says nothing about the
//! service.
//!
//! A thread that has next to nothing to do wakes up every few milliseconds. By how much later than it should it does, so long
//! did the machine run nothing of this process, which is test and service at once.

use std::{
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long the thread sleeps.
const PAUSE: Duration = Duration::from_millis(5);
/// By so much it is late now and then on any machine.
const USUAL: Duration = Duration::from_millis(20);
/// A stall that may be the reason of a failure.
const LONG: Duration = Duration::from_millis(100);
/// How often something is tried at most: a machine that stands still all the time can run no test.
const ATTEMPTS: usize = 20;

/// What the thread has seen.
#[derive(Debug)]
struct Clock {
    /// When it woke up last.
    woke: Instant,
    /// By how much it was late in all.
    late: Duration,
}

static CLOCK: LazyLock<Mutex<Clock>> = LazyLock::new(|| {
    thread::spawn(watch);
    Mutex::new(Clock { woke: Instant::now(), late: Duration::ZERO })
});

fn watch() {
    loop {
        thread::sleep(PAUSE);
        let mut clock = clock();
        clock.late = clock.late_by_now();
        clock.woke = Instant::now();
    }
}

fn clock() -> MutexGuard<'static, Clock> {
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clock {
    /// By how much the thread was late in all, with a stall that has not ended, or that it does not know of yet.
    fn late_by_now(&self) -> Duration {
        let overdue = self.woke.elapsed().saturating_sub(PAUSE);
        if overdue > USUAL { self.late + overdue } else { self.late }
    }
}

/// A moment from which on stalls are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(Duration);

impl Mark {
    pub(crate) fn now() -> Self {
        Self(clock().late_by_now())
    }

    /// For how long the machine has stood still since.
    pub(crate) fn stalled(self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }

    /// Whether the machine has stood still since for long enough to be the reason of a failure.
    pub(crate) fn excuses(self) -> bool {
        self.stalled() > LONG
    }
}

/// Tries again what failed while the machine stood still.
///
/// # Panics
/// When it fails and the machine does not stand still.
pub(crate) async fn try_while_stalled<T>(mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let mark = Mark::now();
        match attempt().await {
            Ok(value) => return value,
            Err(why) => assert!(attempts < ATTEMPTS && mark.excuses(), "{why}"),
        }
    }
}
