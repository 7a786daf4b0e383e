//! Time, which tests replace.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

/// A clock.
pub trait Clock: Send + Sync + 'static {
    /// How long it has been running.
    fn now(&self) -> Duration;

    /// Waits.
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

/// The clock on the wall.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Begins at nought.
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
