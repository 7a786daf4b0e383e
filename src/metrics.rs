//! The Prometheus registry, and metrics of the process and of the runtime. HTTP and the stores add their own.
//!
//! Names follow <https://prometheus.io/docs/practices/naming/>.

use prometheus::{
    Counter, IntGauge, IntGaugeVec, Opts, Registry,
    core::{Collector, Desc},
    process_collector::ProcessCollector,
    proto::MetricFamily,
};
use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::runtime::{Handle, RuntimeMetrics};

/// Creates a registry with the metrics of the process and the runtime.
///
/// # Errors
/// When a metric is registered twice, which is a bug.
pub fn registry() -> Result<Registry, prometheus::Error> {
    let registry = Registry::new();
    registry.register(Box::new(ProcessCollector::for_self()))?;
    let build = IntGaugeVec::new(Opts::new("payments_build_info", "The version that runs; always 1."), &["version"])?;
    build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
    registry.register(Box::new(build))?;
    register_runtime(&registry)?;
    Ok(registry)
}

/// Registers metrics of tokio's worker threads. Under overload they are busy all the time.
fn register_runtime(registry: &Registry) -> Result<(), prometheus::Error> {
    let runtime = Handle::current();
    let gauge = |name, help, read: fn(&RuntimeMetrics) -> usize| {
        let runtime = runtime.clone();
        OnScrape::register(registry, IntGauge::new(name, help)?, move |gauge| {
            gauge.set(integer(read(&runtime.metrics())))
        })
    };
    gauge("tokio_workers", "The threads that run tasks.", RuntimeMetrics::num_workers)?;
    gauge("tokio_alive_tasks", "The tasks that have not ended.", RuntimeMetrics::num_alive_tasks)?;
    gauge("tokio_global_queue_tasks", "The tasks that wait for a thread.", RuntimeMetrics::global_queue_depth)?;
    let busy = Counter::new("tokio_workers_busy_seconds_total", "How long threads were running tasks.")?;
    OnScrape::register(registry, busy, move |busy| {
        let metrics = runtime.metrics();
        let total: Duration = (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker)).sum();
        busy.reset();
        busy.inc_by(total.as_secs_f64());
    })
}

/// Converts a count to the value of a gauge.
pub fn integer(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

type Update<M> = Box<dyn Fn(&M) + Send>;

/// A metric that is updated at each scrape.
pub struct OnScrape<M> {
    metric: M,
    /// Locked, so that two scrapes at once do not update the metric at once.
    update: Mutex<Update<M>>,
}

impl<M: Collector + 'static> OnScrape<M> {
    /// Registers `metric`, which `update` updates at each scrape.
    ///
    /// # Errors
    /// When the metric is registered twice.
    pub fn register(
        registry: &Registry,
        metric: M,
        update: impl Fn(&M) + Send + 'static,
    ) -> Result<(), prometheus::Error> {
        registry.register(Box::new(Self { metric, update: Mutex::new(Box::new(update)) }))
    }
}

impl<M: Collector> Collector for OnScrape<M> {
    fn desc(&self) -> Vec<&Desc> {
        self.metric.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let update = self.update.lock().unwrap_or_else(PoisonError::into_inner);
        update(&self.metric);
        self.metric.collect()
    }
}

impl<M> fmt::Debug for OnScrape<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnScrape").finish_non_exhaustive()
    }
}
