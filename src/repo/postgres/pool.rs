//! The pool of connections, and how long an operation waits for one.

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

/// How long an operation waits for a connection while no other operation gets one either: then the server is away. Clients
/// wait meanwhile, so it is short.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(800);
/// How long a connection may be idle and still be used without a ping first: the server may have restarted.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long a connection may take to return to the pool.
const RETURN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a check may take.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// Connections, opened and replaced as they are needed.
#[derive(Debug)]
pub(super) struct Pool {
    pool: PgPool,
    since: Instant,
    /// When an operation last got a connection, in milliseconds after `since`.
    acquired: AtomicU64,
    /// One connection for checks, so that a busy server does not look like a dead one.
    checks: PgPool,
}

impl Pool {
    /// A pool that connects to `server` when a connection is needed, not yet.
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

    /// Registers the numbers of connections.
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

    /// Runs `work` on a connection.
    pub(super) async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.lease().await?.run(work).await
    }

    /// Waits for a connection, for as long as the queue of those that wait moves.
    pub(super) async fn lease(&self) -> Result<Lease, Error> {
        let started = Instant::now();
        loop {
            let acquired = tokio::select! {
                acquired = self.pool.acquire() => acquired,
                () = self.stalled(started) => Err(sqlx::Error::PoolTimedOut),
            };
            match acquired {
                Ok(connection) => {
                    let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
                    self.acquired.fetch_max(now, Ordering::Relaxed);
                    return Ok(Lease::new(connection));
                }
                Err(sqlx::Error::PoolTimedOut) if Instant::now() < self.deadline(started) => {}
                Err(error) => {
                    // The numbers tell a server that is away from connections that are all busy.
                    tracing::warn!(
                        %error,
                        connections = self.pool.size(),
                        idle = self.pool.num_idle(),
                        "no connection to PostgreSQL: check that the server is up, and what keeps its connections busy"
                    );
                    return Err(failure(error));
                }
            }
        }
    }

    /// Waits until the deadline of an operation that waits since `started` has passed.
    async fn stalled(&self, started: Instant) {
        loop {
            let deadline = self.deadline(started);
            if deadline <= Instant::now() {
                return;
            }
            sleep_until(deadline).await;
        }
    }

    /// Until when an operation that waits since `started` goes on waiting: later each time that another gets a connection.
    fn deadline(&self, started: Instant) -> Instant {
        let acquired = self.since + Duration::from_millis(self.acquired.load(Ordering::Relaxed));
        started.max(acquired) + ACQUIRE_TIMEOUT
    }

    /// Checks that the server answers.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let check = async {
            let connection = self.checks.acquire().await.map_err(failure)?;
            Lease::new(connection).run(async |connection| connection.ping().await.map_err(failure)).await
        };
        timeout(CHECK_TIMEOUT, check).await.unwrap_or_else(|_| Err(unavailable("the server does not answer")))
    }

    /// Waits for the operations under way, and closes every connection.
    pub(super) async fn close(&self) {
        self.checks.close().await;
        self.pool.close().await;
    }
}

/// A connection on loan from the pool. It returns only if the work on it has ended. If the work was dropped, an answer may
/// still be on its way, or never come, and the pool would wait for it without end; so the connection is closed.
pub(super) struct Lease(Option<PoolConnection<sqlx::Postgres>>);

impl Lease {
    fn new(connection: PoolConnection<sqlx::Postgres>) -> Self {
        Self(Some(connection))
    }

    /// Runs `work` on the connection.
    pub(super) async fn run<T>(
        mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some(connection) = self.0.as_mut() else { return Err(unavailable("the connection is gone")) };
        let outcome = work(connection).await;
        if let Some(mut connection) = self.0.take() {
            // As its drop would do, with a timeout: sqlx waits for a connection that hangs until TCP gives up.
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
