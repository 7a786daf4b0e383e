//! The one place that knows both sides: it opens the store, binds, serves, and stops cleanly.

use crate::{
    config::{Listen, Location, Serve, Store},
    http::{self, ConnectionTimeouts, HttpMetrics, Limits, Pipeline, Service, Settings, Site, Sources},
    metrics,
    payments::Repo,
    repo::{Breaker, Metered, OpenError, Postgres, PostgresOptions, Sqlite, SqliteOptions, Trip},
};
use prometheus::Registry;
use std::{
    future::Future,
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket, lookup_host},
    sync::watch,
    task::JoinHandle,
};

/// How many connections may wait to be accepted. The usual 128 are soon there when many clients come at once, and whoever
/// finds no room tries again after a second.
const BACKLOG: u32 = 1024;

/// Why the service does not start. Each is one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings contradict each other.
    #[error("{0}")]
    Config(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// What is to be measured cannot be: our fault.
    #[error("cannot set up metrics: {0}; start without --metrics, and tell us")]
    Metrics(#[from] prometheus::Error),
    /// The address cannot be had.
    #[error("cannot listen at {address}: {source}; choose another with --listen, for example --listen :8081")]
    Listen {
        /// What was asked for.
        address: String,
        /// Why not.
        source: io::Error,
    },
}

/// A service that is running. Dropping it does not stop it; [`stop`](Self::stop) does.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl App {
    /// Starts the service; it answers when this returns.
    ///
    /// # Errors
    /// [`StartError`] says what to change.
    pub async fn start(config: Serve) -> Result<Self, StartError> {
        // Before anything else, so that a wrong setting is what is said to be wrong.
        let location = config.store.location().map_err(StartError::Config)?;
        let listener = bind(&config.listen).await?;
        announce(&config);
        match location {
            Location::SqliteMemory => Self::serve(listener, open_sqlite(&config.store, None).await?, config),
            Location::SqliteFile(path) => Self::serve(listener, open_sqlite(&config.store, Some(path)).await?, config),
            Location::Postgres(url) => Self::serve(listener, connect_postgres(&config.store, url).await?, config),
        }
    }

    /// Starts the service over a store that is open already, such as one that a test has wrapped; `config.store` is not
    /// looked at.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn start_over<R: Backend>(config: Serve, repo: R) -> Result<Self, StartError> {
        Self::serve(bind(&config.listen).await?, repo, config)
    }

    /// Where the service listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops taking requests, finishes those under way, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server did not stop as it should");
        }
    }

    fn serve<R: Backend>(listener: TcpListener, repo: R, config: Serve) -> Result<Self, StartError> {
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
            let told = async {
                // The sender is dropped with the app that nobody stopped: go on serving.
                if stopped.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
                service.start_draining();
                pipeline.start_draining();
                tokio::time::sleep(drain).await;
            };
            let timeouts = ConnectionTimeouts::for_requests_within(timeout);
            http::serve(listener, Arc::clone(&pipeline), told, timeout, timeouts).await;
            service.repo().inner().inner().close().await;
        });
        Ok(Self { address, stop, server })
    }
}

/// The service over `repo`, and the way of requests to it.
fn assemble<R: Backend>(repo: R, config: Serve) -> Result<(Arc<Guarded<R>>, Arc<Pipeline>), StartError> {
    // Every setting by name: one that is new does not compile until it has its place.
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

/// The service over a store that is behind a circuit breaker, and measured if there is somebody to tell.
type Guarded<R> = Service<Metered<Breaker<R>>>;

/// Says with which settings the service starts.
fn announce(config: &Serve) {
    let Serve {
        admin,
        api_version,
        compress,
        cors,
        drain,
        external_url,
        limit,
        listen,
        max_body,
        max_results,
        metrics,
        profiling,
        store,
        timeout,
        trusted_proxies,
    } = config;
    tracing::info!(
        admin,
        api_version,
        compress,
        cors = cors.as_ref().map(ToString::to_string),
        drain_s = drain.as_secs(),
        external_url,
        limit = limit.as_ref().map(ToString::to_string),
        listen = %listen,
        max_body,
        max_results,
        metrics,
        profiling,
        store = store.location().map_or_else(|fault| fault, |location| location.to_string()),
        table = store.repo_schema_payments.as_str(),
        timeout_s = timeout.as_secs(),
        trusted_proxies = ?trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "settings"
    );
}

/// The store as the service uses it.
fn guard<R: Backend>(
    repo: R,
    timeout: Duration,
    registry: Option<&Registry>,
) -> Result<(Metered<Breaker<R>>, Option<HttpMetrics>), prometheus::Error> {
    // A call that hangs is judged before its request is given up, or nobody would learn from it.
    let trip = Trip { slow: Trip::USUAL.slow.min(timeout / 2), ..Trip::USUAL };
    let repo = Breaker::new(repo, trip);
    if let Some(registry) = registry {
        repo.measure(registry)?;
        repo.inner().measure(registry)?;
    }
    Ok((Metered::new(repo, registry)?, registry.map(HttpMetrics::register).transpose()?))
}

/// Brings the schema of a store up to date.
///
/// # Errors
/// [`StartError`] says what to change.
pub async fn migrate(store: &Store) -> Result<(), StartError> {
    // Opening a store is what brings its schema up to date.
    match store.location().map_err(StartError::Config)? {
        Location::SqliteMemory => Err(StartError::Config(
            "a store in memory has nothing to migrate; name a file, for example --repo-uri sqlite://payments.db"
                .to_owned(),
        )),
        Location::SqliteFile(path) => {
            open_sqlite(store, Some(path)).await?.close().await;
            Ok(())
        }
        Location::Postgres(url) => {
            connect_postgres(store, url).await?.close().await;
            Ok(())
        }
    }
}

/// A store that the service can be started over.
pub trait Backend: Repo {
    /// Gives `registry` what there is to be measured beside the calls.
    ///
    /// # Errors
    /// When the registry has it already.
    fn measure(&self, _registry: &Registry) -> Result<(), prometheus::Error> {
        Ok(())
    }

    /// Waits for what is under way, and lets go of files and connections.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

impl Backend for Sqlite {
    async fn close(&self) {
        Self::close(self).await;
    }
}

impl Backend for Postgres {
    fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        Self::measure(self, registry)
    }

    async fn close(&self) {
        Self::close(self).await;
    }
}

async fn open_sqlite(store: &Store, path: Option<PathBuf>) -> Result<Sqlite, OpenError> {
    let options =
        SqliteOptions { path, table: store.repo_schema_payments.clone(), migrations: store.repo_migrations.clone() };
    Sqlite::open(options).await
}

async fn connect_postgres(store: &Store, url: String) -> Result<Postgres, OpenError> {
    let options = PostgresOptions {
        url,
        table: store.repo_schema_payments.clone(),
        migrations: store.repo_migrations.clone(),
        max_connections: PostgresOptions::MAX_CONNECTIONS,
    };
    Postgres::connect(options).await
}

/// Binds a socket. Without a host it is every address of the machine, over IPv6 and IPv4 where there are both.
async fn bind(listen: &Listen) -> Result<TcpListener, StartError> {
    let addresses: io::Result<Vec<SocketAddr>> = match &listen.host {
        Some(host) => lookup_host((host.as_str(), listen.port)).await.map(Iterator::collect),
        None => Ok(vec![(Ipv6Addr::UNSPECIFIED, listen.port).into(), (Ipv4Addr::UNSPECIFIED, listen.port).into()]),
    };
    let bound = addresses.and_then(|addresses| {
        let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            match listen_at(address) {
                Ok(listener) => return Ok(listener),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    });
    bound.map_err(|source| StartError::Listen { address: listen.to_string(), source })
}

/// Does what [`TcpListener::bind`] does, but for the length of the queue.
fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // Or the port could not be had for a minute after the last process that listened there.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
