//! The running service: its store with decorators, its pipeline, its server.

use super::error::StartError;
use crate::{
    config::Serve,
    http::{self, ConnectionTimeouts, HttpMetrics, Limits, Pipeline, Service, Settings, Site, Sources},
    metrics,
    repo::{Backend, Breaker, Metered, TripPolicy},
};
use prometheus::Registry;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// A service that is running. Dropping it does not stop it; [`stop`](Self::stop) does.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl App {
    /// The address that the service listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses new requests, finishes those under way, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server ended by a panic; requests under way may be lost");
        }
    }

    /// Starts the service over `repo`.
    pub(super) fn serve<R: Backend>(listener: TcpListener, repo: R, config: Serve) -> Result<Self, StartError> {
        let address = listener
            .local_addr()
            .map_err(|source| StartError::Listen { address: config.listen.to_string(), source })?;
        let (profiling, drain, timeout) = (config.profiling, config.drain, config.timeout);
        let (service, pipeline) = assemble(repo, config)?;
        let (stop, mut stopped) = watch::channel(false);
        let server = tokio::spawn(async move {
            if profiling {
                http::start_heap_sampling().await;
            }
            let shutdown_signal = async {
                // An error means that the app was dropped without a stop: goes on serving.
                if stopped.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
                service.start_draining();
                pipeline.start_draining();
                tokio::time::sleep(drain).await;
            };
            let timeouts = ConnectionTimeouts::for_requests_within(timeout);
            http::serve(listener, Arc::clone(&pipeline), shutdown_signal, timeout, timeouts).await;
            service.repo().close().await;
        });
        Ok(Self { address, stop, server })
    }
}

/// Puts the service together, and the pipeline that requests go through.
fn assemble<R: Backend>(repo: R, config: Serve) -> Result<(Arc<Guarded<R>>, Arc<Pipeline>), StartError> {
    // Every setting by name, so that a new one does not compile until it is used.
    let Serve {
        admin,
        api_version,
        compress,
        cors,
        drain: _,
        external_url,
        limit,
        listen: _,
        max_body,
        max_results,
        metrics,
        profiling,
        store: _,
        timeout,
        trusted_proxies,
    } = config;
    let registry = metrics.then(metrics::registry).transpose()?;
    let (repo, http_metrics) = guard(repo, timeout, registry.as_ref())?;
    let version = api_version.clone();
    let settings = Settings { admin, api_version, external_url, max_body, max_results, metrics: registry, profiling };
    let service = Arc::new(Service::new(repo, settings, Sources::default()));
    let limits = Limits { rate: limit, timeout, trusted_proxies };
    let pipeline = Pipeline::new(Site::of(&service), &version, limits)
        .with_cors(cors.as_ref())
        .with_compression(compress)
        .with_metrics(http_metrics);
    Ok((service, Arc::new(pipeline)))
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
