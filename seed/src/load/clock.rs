//! Tells and waits for time. Tests replace the clock, so that no test waits.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

/// A monotonic clock.
pub trait Clock: Send + Sync + 'static {
    /// The time since the clock was started.
    fn now(&self) -> Duration;

    /// Waits for `pause`.
    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send;
}

impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn sleep(&self, pause: Duration) -> impl Future<Output = ()> + Send {
        (**self).sleep(pause)
    }
}

/// The clock of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Starts a clock at zero.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}
