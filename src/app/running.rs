//! The running service: its store with decorators, its pipeline, its server.

use super::{
    error::StartError,
    limits,
    listen::{Listener, Listeners},
};
use crate::{
    config::Serve,
    http::{
        self, Audience, ConnectionMetrics, ConnectionOptions, ConnectionTimeouts, HttpMetrics, Identity, Limits,
        MemoryBudget, Pipeline, Service, Settings, Site, Sources,
    },
    metrics,
    repo::{Backend, Breaker, Metered, TripPolicy},
};
use prometheus::Registry;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// A service that is running. Dropping it does not stop it; [`stop`](Self::stop) does.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    operator_address: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl App {
    /// The address that the service listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that the service listens on for operators, if they have one of their own.
    #[must_use]
    pub fn operator_address(&self) -> Option<SocketAddr> {
        self.operator_address
    }

    /// Refuses new requests, finishes those under way, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server ended by a panic; requests under way may be lost");
        }
    }

    /// Starts the service over `repo`.
    pub(super) fn serve<R: Backend>(
        listeners: Listeners,
        repo: R,
        identity: Option<Identity>,
        sources: Sources,
        config: Serve,
    ) -> Result<Self, StartError> {
        let Listeners { public, operator } = listeners;
        let (address, operator_address) = (public.address, operator.as_ref().map(|operator| operator.address));
        let (profiling, drain, timeout) = (config.profiling, config.drain, config.timeout);
        let timeouts = ConnectionTimeouts::new(timeout, config.idle_timeout);
        let limits = [limits::of_clients(&config), limits::of_operators()];
        let Parts { service, pipelines } = assemble(repo, identity, sources, config)?;
        let metrics = service.metrics_registry().map(ConnectionMetrics::register).transpose()?.map(Arc::new);
        let options = limits.map(|limits| ConnectionOptions { limits, timeouts, metrics: metrics.clone() });
        let (stop, mut stopped) = watch::channel(false);
        let server = tokio::spawn(async move {
            if profiling {
                http::start_heap_sampling().await;
            }
            let draining = pipelines.clone();
            let listeners = [Some(public), operator].into_iter().flatten().zip(options).zip(pipelines);
            let accepting = AcceptLoops::start(listeners, timeout);
            // An error means that the app was dropped without a stop: goes on serving.
            if stopped.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
            service.start_draining();
            draining.iter().for_each(|pipeline| pipeline.start_draining());
            tokio::time::sleep(drain).await;
            accepting.close().await;
            service.repo().close().await;
        });
        Ok(Self { address, operator_address, stop, server })
    }
}

/// The accept loops of the listeners. Each is a task of its own, so that a flood at one does not delay the other.
struct AcceptLoops {
    tasks: JoinSet<()>,
    close: watch::Sender<bool>,
}

impl AcceptLoops {
    /// Accepts connections on these listeners, each before its pipeline, for requests that may take `timeout`.
    fn start(
        listeners: impl Iterator<Item = ((Listener, ConnectionOptions), Arc<Pipeline>)>,
        timeout: Duration,
    ) -> Self {
        let (close, closed) = watch::channel(false);
        let accept = |((listener, options), pipeline): ((Listener, ConnectionOptions), Arc<Pipeline>)| {
            let mut closed = closed.clone();
            async move {
                // An error means that the loops were dropped: no longer accepts, either.
                let shutdown = async move { drop(closed.wait_for(|closed| *closed).await) };
                http::serve(listener.socket, pipeline, shutdown, timeout, options).await;
            }
        };
        Self { tasks: listeners.map(accept).collect(), close }
    }

    /// Closes all listeners, and waits for the requests under way.
    async fn close(mut self) {
        self.close.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "an accept loop ended by a panic; requests under way may be lost");
            }
        }
    }
}

/// The service, and the pipelines that requests to it go through.
struct Parts<R> {
    service: Arc<Guarded<R>>,
    /// The public one, and that of operators if they have an address of their own.
    pipelines: Vec<Arc<Pipeline>>,
}

/// Puts the service together.
fn assemble<R: Backend>(
    repo: R,
    identity: Option<Identity>,
    sources: Sources,
    config: Serve,
) -> Result<Parts<R>, StartError> {
    let max_streams = limits::streams(&config);
    // Every setting by name, so that a new one does not compile until it is used.
    let Serve {
        admin,
        api_version,
        auth: _,
        compress,
        cors,
        cors_headers,
        drain: _,
        events_keep,
        external_url,
        idle_timeout: _,
        limit,
        listen: _,
        max_body,
        max_client_connections: _,
        max_connections: _,
        max_results,
        max_streams: _,
        memory_budget,
        metrics,
        operator_listen,
        profiling,
        start_timeout: _,
        store: _,
        timeout,
        trusted_proxies,
    } = config;
    let registry = metrics.then(metrics::registry).transpose()?;
    let memory = MemoryBudget::new(limits::memory(memory_budget, max_body)?, registry.as_ref())?;
    let (repo, http_metrics) = guard(repo, timeout, registry.as_ref())?;
    let http_metrics = http_metrics.map(Arc::new);
    let version = api_version.clone();
    if let (Some(registry), Some(identity)) = (&registry, &identity) {
        identity.measure(registry)?;
    }
    let settings = Settings {
        admin,
        api_version,
        events_keep,
        external_url,
        identity: identity.clone(),
        max_body,
        max_results,
        max_streams,
        memory: Arc::clone(&memory),
        metrics: registry,
        profiling,
    };
    let service = Service::new(repo, settings, sources);
    service.measure()?;
    let pipeline = |audience, rate| {
        let limits = Limits { rate, timeout, trusted_proxies: trusted_proxies.clone() };
        let pipeline = Pipeline::new(Site::of(&service, audience), &version, limits)
            .with_identity(identity.clone())
            .with_cors(cors.as_ref(), &cors_headers)
            .with_compression(compress)
            .with_memory_budget(Arc::clone(&memory))
            .with_metrics(http_metrics.clone());
        Arc::new(pipeline)
    };
    let pipelines = match operator_listen {
        Some(_) => vec![pipeline(Audience::Clients, limit), pipeline(Audience::Operators, None)],
        None => vec![pipeline(Audience::Everyone, limit)],
    };
    Ok(Parts { service, pipelines })
}

/// The service over a store with its decorators.
type Guarded<R> = Service<Metered<Breaker<R>>>;

/// Puts the decorators around the store.
fn guard<R: Backend>(
    repo: R,
    timeout: Duration,
    registry: Option<&Registry>,
) -> Result<(Metered<Breaker<R>>, Option<HttpMetrics>), prometheus::Error> {
    // Below the timeout of requests: a call that hangs must count as a failure before its request is given up.
    let slow = TripPolicy::DEFAULT.slow.min(timeout / 2);
    let repo = Breaker::new(repo, TripPolicy { slow, ..TripPolicy::DEFAULT });
    if let Some(registry) = registry {
        repo.measure(registry)?;
    }
    Ok((Metered::new(repo, registry)?, registry.map(HttpMetrics::register).transpose()?))
}
