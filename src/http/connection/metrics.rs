//! Prometheus metrics of connections: how many are open, and why some were not admitted or had to end.

use super::{admission::Refused, watchdog::Reason};
use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// The metrics of the connections of all listeners.
#[derive(Debug)]
pub struct ConnectionMetrics {
    open: IntGauge,
    max: IntGauge,
    refused: IntCounterVec,
    made_room: IntCounter,
    idle: IntCounter,
    slow_readers: IntCounter,
}

impl ConnectionMetrics {
    /// Creates the metrics and registers them.
    ///
    /// # Errors
    /// When `registry` has them already.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let open = IntGauge::new("http_connections", "Connections that are open.")?;
        let max = IntGauge::new("http_max_connections", "Connections that may be open, by --max-connections.")?;
        let refused = Opts::new(
            "http_connections_refused_total",
            "Connections beyond a limit: closed at once (total, client), or open for health checks only (probes_only).",
        );
        let refused = IntCounterVec::new(refused, &["reason"])?;
        let ended = Opts::new(
            "http_connections_ended_total",
            "Connections that the service ended: to make room, because they were idle, or not read.",
        );
        let ended = IntCounterVec::new(ended, &["reason"])?;
        registry.register(Box::new(open.clone()))?;
        registry.register(Box::new(max.clone()))?;
        registry.register(Box::new(refused.clone()))?;
        registry.register(Box::new(ended.clone()))?;
        for reason in ["total", "client", "probes_only"] {
            refused.with_label_values(&[reason]);
        }
        let [made_room, idle, slow_readers] =
            ["made_room", "idle", "slow_reader"].map(|reason| ended.with_label_values(&[reason]));
        Ok(Self { open, max, refused, made_room, idle, slow_readers })
    }

    /// Shows the limit of one more listener.
    pub(super) fn add_max(&self, max: usize) {
        self.max.add(crate::metrics::integer(max));
    }

    /// Counts a connection that was admitted, perhaps for probes only, or refused.
    pub(super) fn count_admission(&self, is_for_probes: Result<bool, Refused>) {
        let reason = match is_for_probes {
            Ok(false) => None,
            Ok(true) => Some("probes_only"),
            Err(Refused::Total) => Some("total"),
            Err(Refused::Client) => Some("client"),
        };
        if is_for_probes.is_ok() {
            self.open.inc();
        }
        if let Some(reason) = reason {
            self.refused.with_label_values(&[reason]).inc();
        }
    }

    pub(super) fn count_closed(&self) {
        self.open.dec();
    }

    pub(super) fn count_made_room(&self) {
        self.made_room.inc();
    }

    pub(super) fn count_ended(&self, reason: Reason) {
        match reason {
            Reason::Idle => self.idle.inc(),
            Reason::SlowReader => self.slow_readers.inc(),
        }
    }
}
