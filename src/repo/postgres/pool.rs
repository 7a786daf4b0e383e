//! The way to the server.

use super::failure::{failure, unavailable};
use crate::metrics::{OnScrape, integer};
use crate::payments::Error;
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long an operation waits for a connection while nobody gets one: then the server is away. Clients wait meanwhile,
/// so it is short.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(900);
/// A connection that rested longer than this is tried before it is used: the server may have gone and come back.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long a sign of life may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// Connections, made and replaced as they are needed.
#[derive(Debug)]
pub(super) struct Pool {
    pool: PgPool,
    /// How often somebody got a connection.
    acquired: AtomicU64,
    /// One connection for signs of life, so that a busy server does not look like a dead one.
    checks: PgPool,
}

impl Pool {
    /// Connects to `server` when somebody asks for a connection, not yet.
    pub(super) fn new(server: &PgConnectOptions, max_connections: u32) -> Self {
        let options = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false).before_acquire(
            |connection, seen| {
                Box::pin(async move {
                    if seen.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            },
        );
        Self {
            pool: options.clone().max_connections(max_connections).connect_lazy_with(server.clone()),
            acquired: AtomicU64::new(0),
            checks: options.max_connections(1).connect_lazy_with(server.clone()),
        }
    }

    /// Gives `registry` the numbers of connections.
    pub(super) fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let help = "The connections to the database that are open.";
        let connections = IntGaugeVec::new(Opts::new("payments_repo_pool_connections", help), &["state"])?;
        let pool = self.pool.clone();
        OnScrape::register(registry, connections, move |connections| {
            let (size, idle) = (integer(pool.size()), integer(pool.num_idle()));
            connections.with_label_values(&["idle"]).set(idle);
            connections.with_label_values(&["in_use"]).set(size.saturating_sub(idle).max(0));
        })?;
        let most = IntGauge::new("payments_repo_pool_max_connections", "The most connections that may be open.")?;
        most.set(integer(self.pool.options().get_max_connections()));
        registry.register(Box::new(most))
    }

    /// A connection. Whoever wants one queues up for as long as the queue moves.
    pub(super) async fn acquire(&self) -> Result<PoolConnection<sqlx::Postgres>, Error> {
        loop {
            let acquired = self.acquired.load(Ordering::Relaxed);
            match self.pool.acquire().await {
                Ok(connection) => {
                    self.acquired.fetch_add(1, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(sqlx::Error::PoolTimedOut) if acquired != self.acquired.load(Ordering::Relaxed) => {}
                Err(error) => {
                    // The error alone does not say whether the server is away or keeps its connections busy.
                    tracing::warn!(%error, connections = self.pool.size(), idle = self.pool.num_idle(), "no connection");
                    return Err(failure(error));
                }
            }
        }
    }

    /// Whether the server answers.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let check = async { self.checks.acquire().await?.ping().await };
        match tokio::time::timeout(CHECK_TIMEOUT, check).await {
            Ok(answer) => answer.map_err(failure),
            Err(_) => Err(unavailable("the server does not answer")),
        }
    }

    /// Waits for what is under way, and closes every connection.
    pub(super) async fn close(&self) {
        self.checks.close().await;
        self.pool.close().await;
    }
}
