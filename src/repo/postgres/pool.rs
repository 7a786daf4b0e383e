//! The way to the server.

use super::failure::{failure, unavailable};
use crate::metrics::{OnScrape, integer};
use crate::payments::Error;
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long an operation waits for a connection while nobody gets one: then the server is away. Clients wait meanwhile,
/// so it is short.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(800);
/// A connection that rested longer than this is tried before it is used: the server may have gone and come back.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long a connection may take to show that it can be used again.
const RETURN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a sign of life may take.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// Connections, made and replaced as they are needed.
#[derive(Debug)]
pub(super) struct Pool {
    pool: PgPool,
    since: Instant,
    /// When somebody last got a connection: in milliseconds after `since`.
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
            since: Instant::now(),
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

    /// Does `work` with a connection.
    pub(super) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.lease().await?.run(work).await
    }

    /// A connection. Whoever wants one queues up for as long as the queue moves.
    pub(super) async fn lease(&self) -> Result<Lease, Error> {
        let began = Instant::now();
        loop {
            let acquired = tokio::select! {
                acquired = self.pool.acquire() => acquired,
                () = self.stands_still(began) => Err(sqlx::Error::PoolTimedOut),
            };
            match acquired {
                Ok(connection) => {
                    let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
                    self.acquired.fetch_max(now, Ordering::Relaxed);
                    return Ok(Lease::new(connection));
                }
                Err(sqlx::Error::PoolTimedOut) if Instant::now() < self.patience(began) => {}
                Err(error) => {
                    // The error alone does not say whether the server is away or keeps its connections busy.
                    tracing::warn!(%error, connections = self.pool.size(), idle = self.pool.num_idle(), "no connection");
                    return Err(failure(error));
                }
            }
        }
    }

    /// Waits until nobody who waits since `began` has got a connection for too long.
    async fn stands_still(&self, began: Instant) {
        loop {
            let patience = self.patience(began);
            if patience <= Instant::now() {
                return;
            }
            sleep_until(patience).await;
        }
    }

    /// Until when to wait for whoever waits since `began`.
    fn patience(&self, began: Instant) -> Instant {
        let acquired = self.since + Duration::from_millis(self.acquired.load(Ordering::Relaxed));
        began.max(acquired) + ACQUIRE_TIMEOUT
    }

    /// Whether the server answers.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let check = async {
            let connection = self.checks.acquire().await.map_err(failure)?;
            Lease::new(connection).run(async |connection| connection.ping().await.map_err(failure)).await
        };
        timeout(CHECK_TIMEOUT, check).await.unwrap_or_else(|_| Err(unavailable("the server does not answer")))
    }

    /// Waits for what is under way, and closes every connection.
    pub(super) async fn close(&self) {
        self.checks.close().await;
        self.pool.close().await;
    }
}

/// A connection on loan. It goes back to the pool only if what it was borrowed for has ended: if that was given up,
/// an answer may still be on its way, or never come, and the pool would wait for it with no end.
pub(super) struct Lease(Option<PoolConnection<sqlx::Postgres>>);

impl Lease {
    fn new(connection: PoolConnection<sqlx::Postgres>) -> Self {
        Self(Some(connection))
    }

    /// Does `work` with the connection.
    pub(super) async fn run<T>(
        mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(connection) = self.0.as_mut() else { return Err(unavailable("the connection is gone")) };
        let outcome = work(connection).await;
        if let Some(mut connection) = self.0.take() {
            // What dropping it would do, but for the timeout: sqlx waits for a connection that hangs until TCP gives up.
            tokio::spawn(async move { timeout(RETURN_TIMEOUT, connection.return_to_pool()).await });
        }
        outcome
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}
