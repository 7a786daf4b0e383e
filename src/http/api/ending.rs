//! When those have to go who listen for events.

use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// How long anybody listens to a service that is stopping: not at all would make clients ask without a pause.
const WHILE_DRAINING: Duration = Duration::from_secs(1);

/// When a listener has to go: after some time, or when the service stops.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    at: Instant,
    /// Becomes true when the service stops. `None` for a listener that came later than that.
    draining: Option<watch::Receiver<bool>>,
}

impl Ending {
    /// The ending of a listener that comes now, and may stay for so long.
    pub(super) fn new(after: Duration, draining: watch::Receiver<bool>) -> Self {
        let is_draining = *draining.borrow();
        let after = if is_draining { after.min(WHILE_DRAINING) } else { after };
        Self { at: Instant::now() + after, draining: (!is_draining).then_some(draining) }
    }

    /// Waits until the listener has to go.
    pub(super) async fn reached(&mut self) {
        match &mut self.draining {
            None => sleep_until(self.at).await,
            Some(draining) => tokio::select! {
                () = sleep_until(self.at) => {}
                // An error means that the service is gone.
                _ = draining.wait_for(|is_draining| *is_draining) => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Ending, Instant, watch};

    #[tokio::test(start_paused = true)]
    async fn a_listener_goes_when_its_time_is_over_or_the_service_stops() {
        let (began, minute) = (Instant::now(), Duration::from_secs(60));
        let draining = watch::Sender::new(false);
        let listener = || Ending::new(minute, draining.subscribe());
        listener().reached().await;
        assert_eq!(began.elapsed(), minute);
        let mut before = listener();
        draining.send_replace(true);
        before.reached().await;
        assert_eq!(began.elapsed(), minute, "at once");
        listener().reached().await;
        assert_eq!(began.elapsed(), minute + Duration::from_secs(1), "who comes later has a second");
    }
}
