//! The pool of sessions: opened as they are needed, kept while they rest, replaced when they are lost.
//!
//! A pool of our own, because three things need to know a session from the others, and sqlx's pool does not tell:
//!
//! * A statement that was given up is ended at the server, by the number of its process.
//! * A session that turns out to be read-only, or of another server than the current one, goes, and so do those that are
//!   older.
//! * A call that waits for busy connections is told from one that waits for a server that is away.

use super::failure::{failure, is_lost, is_read_only, unavailable};
use super::lanes::{Lane, Lanes, Slot};
use super::session::{Backend, Servers, Session};
use crate::metrics::{OnScrape, integer};
use crate::payments::Error;
use prometheus::{IntGauge, IntGaugeVec, Opts, Registry};
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

/// How long a session may rest and still be used without a ping first: the server may have restarted.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long a session is kept while it rests, and how long in all: settings and memory of the server are renewed now and then.
const MAX_REST: Duration = Duration::from_secs(10 * 60);
const MAX_AGE: Duration = Duration::from_secs(30 * 60);
/// How long a statement may go on after its caller has given it up. Most end by themselves, and their session is kept.
const GRACE: Duration = Duration::from_millis(200);
/// How long a check may take, and the end of a statement that was given up.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// Ends the statement of a session, if the process is still the one that serves it.
const TERMINATE: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_get_activity($1) WHERE (extract(epoch FROM backend_start) * 1000000)::bigint = $2";

/// Sessions, opened and replaced as they are needed.
#[derive(Debug)]
pub(super) struct Pool {
    servers: Servers,
    lanes: Arc<Lanes>,
    resting: Arc<Mutex<Resting>>,
    is_closed: AtomicBool,
    /// One session for checks, so that a busy server does not look like a dead one. It ends statements, too.
    control: tokio::sync::Mutex<Option<Session>>,
}

/// The sessions that nobody uses, those used last at the end.
#[derive(Debug)]
struct Resting {
    sessions: Vec<(Session, Instant)>,
    /// A session was lost then: those that rest since before, or since soon after, are tried before they are used.
    suspected: Option<Instant>,
    /// A session turned out to be read-only then: those opened before are not used any more.
    outdated: Option<Instant>,
}

impl Pool {
    /// A pool that opens a session when one is needed, not yet. Calls wait for no longer than `patience` for each other.
    pub(super) fn new(servers: Servers, max_connections: u32, patience: Duration) -> Self {
        let resting = Resting { sessions: Vec::new(), suspected: None, outdated: None };
        Self {
            servers,
            lanes: Arc::new(Lanes::new(max_connections, patience)),
            resting: Arc::new(Mutex::new(resting)),
            is_closed: AtomicBool::new(false),
            control: tokio::sync::Mutex::new(None),
        }
    }

    /// Registers the numbers of connections.
    pub(super) fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let help = "The connections to the database that are open.";
        let connections = IntGaugeVec::new(Opts::new("payments_repo_pool_connections", help), &["state"])?;
        let (lanes, resting) = (Arc::clone(&self.lanes), Arc::clone(&self.resting));
        OnScrape::register(registry, connections, move |connections| {
            connections.with_label_values(&["idle"]).set(integer(lock(&resting).sessions.len()));
            connections.with_label_values(&["in_use"]).set(integer(lanes.in_use()));
        })?;
        let most = IntGauge::new("payments_repo_pool_max_connections", "The most connections that may be open.")?;
        most.set(integer(self.lanes.most()));
        registry.register(Box::new(most))
    }

    /// Runs `work` on a connection.
    pub(super) async fn run<T>(
        self: &Arc<Self>,
        lane: Lane,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.lease(lane).await?.run(work).await
    }

    /// Waits for a connection.
    pub(super) async fn lease(self: &Arc<Self>, lane: Lane) -> Result<Lease, Error> {
        let started = Instant::now();
        let slot = self.lanes.slot(lane, started).await?;
        if self.is_closed.load(Ordering::Relaxed) {
            return Err(unavailable("the store is closed"));
        }
        let deadline = self.lanes.stalls_at(started);
        let session = timeout_at(deadline, self.session(deadline)).await;
        let session = session.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut)).map_err(|error| {
            tracing::warn!(%error, "no connection to PostgreSQL: check that the server is up, and takes connections");
            failure(error)
        })?;
        self.lanes.begin_work(lane);
        Ok(Lease { pool: Arc::clone(self), lane, held: Some((session, slot)) })
    }

    /// A session that rests and still works, or else a new one.
    async fn session(&self, deadline: Instant) -> Result<Session, sqlx::Error> {
        while let Some((mut session, is_trusted)) = self.take() {
            if is_trusted || session.connection.ping().await.is_ok() {
                return Ok(session);
            }
        }
        self.servers.open(deadline).await
    }

    /// Takes a session that rests, and whether it can be used without a ping.
    fn take(&self) -> Option<(Session, bool)> {
        let mut resting = self.resting();
        loop {
            let (session, since) = resting.sessions.pop()?;
            if self.is_useful(&session, &resting) {
                // A session whose answer came before its connection was lost too may be put back a little later.
                let is_suspect = resting.suspected.is_some_and(|then| since <= then + TRUSTED_FOR);
                let is_trusted = since.elapsed() < TRUSTED_FOR && !is_suspect;
                return Some((session, is_trusted));
            }
            // Dropped, which closes it: nothing is under way on it.
        }
    }

    fn is_useful(&self, session: &Session, resting: &Resting) -> bool {
        self.servers.is_current(session) && resting.outdated.is_none_or(|then| session.opened > then)
    }

    /// Puts a session back, or closes it if it has served for long.
    fn release(&self, session: Session) {
        let mut resting = self.resting();
        let is_kept = session.opened.elapsed() < MAX_AGE && self.is_useful(&session, &resting);
        let mut outworn = None;
        if is_kept {
            resting.sessions.push((session, Instant::now()));
            // The one that has rested for longest is the first.
            if resting.sessions.first().is_some_and(|(_, since)| since.elapsed() > MAX_REST) {
                outworn = Some(resting.sessions.remove(0).0);
            }
        } else {
            outworn = Some(session);
        }
        drop(resting);
        if let Some(session) = outworn {
            tokio::spawn(session.close());
        }
    }

    /// Does with a session what its last statement calls for.
    fn give_back(&self, session: Session, failed: Option<&Error>) {
        match failed {
            Some(error) if is_lost(error) => self.resting().suspected = Some(Instant::now()),
            // A primary that was demoted, or a server that was set to read only: the settings of a session stay as they are.
            Some(error) if is_read_only(error) => self.resting().outdated = Some(Instant::now()),
            Some(_) | None => self.release(session),
        }
    }

    /// Waits a little for a statement that was given up, and then ends it at the server. Holds the slot of its call meanwhile,
    /// so that such statements are no more than the connections.
    async fn reclaim(self: Arc<Self>, mut session: Session, slot: Slot) {
        match timeout(GRACE, session.connection.ping()).await {
            Ok(Ok(())) => self.release(session),
            _ => {
                let backend = session.backend;
                // The server would notice by itself, but not while the statement waits for a lock.
                drop(session);
                if let Err(error) = self.terminate(backend).await {
                    tracing::warn!(
                        ?error,
                        pid = backend.pid,
                        "cannot end a statement that was given up; it ends by its timeout"
                    );
                }
            }
        }
        drop(slot);
    }

    async fn terminate(&self, backend: Backend) -> Result<(), Error> {
        self.control(async |connection| {
            let terminate = sqlx::query(TERMINATE).bind(backend.pid).bind(backend.started);
            terminate.execute(connection).await.map(drop).map_err(failure)
        })
        .await
    }

    /// Checks that the server answers, and takes writes.
    pub(super) async fn check(&self) -> Result<(), Error> {
        self.control(async |connection| {
            let setting = sqlx::query_scalar("SELECT current_setting('transaction_read_only')");
            let is_read_only: String = setting.fetch_one(connection).await.map_err(failure)?;
            if is_read_only == "off" { Ok(()) } else { Err(unavailable("the server is read-only")) }
        })
        .await
    }

    /// Runs `work` on the session for checks. It is replaced if `work` fails.
    pub(super) async fn control<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + CHECK_TIMEOUT;
        let attempt = async {
            let mut held = self.control.lock().await;
            if self.is_closed.load(Ordering::Relaxed) {
                return Err(unavailable("the store is closed"));
            }
            // Taken, so that it goes if the time is up.
            let mut session = match held.take().filter(|session| self.servers.is_current(session)) {
                Some(rested) => self.revive(rested, deadline).await,
                None => self.servers.open(deadline).await,
            }
            .map_err(failure)?;
            let done = work(&mut session.connection).await?;
            *held = Some(session);
            Ok(done)
        };
        timeout_at(deadline, attempt).await.unwrap_or_else(|_| Err(unavailable("the server does not answer")))
    }

    /// The session, if it still works, or else a new one.
    async fn revive(&self, mut session: Session, deadline: Instant) -> Result<Session, sqlx::Error> {
        if session.connection.ping().await.is_ok() { Ok(session) } else { self.servers.open(deadline).await }
    }

    /// Waits for the operations under way, and closes every session.
    pub(super) async fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.lanes.close().await;
        let sessions = mem::take(&mut self.resting().sessions);
        let control = self.control.lock().await.take();
        let all = sessions.into_iter().map(|(session, _)| session).chain(control);
        futures_util::future::join_all(all.map(Session::close)).await;
    }

    fn resting(&self) -> MutexGuard<'_, Resting> {
        lock(&self.resting)
    }
}

fn lock(resting: &Mutex<Resting>) -> MutexGuard<'_, Resting> {
    // A poisoned lock is fine: nothing panics while it is held.
    resting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection on loan from the pool.
///
/// If the work on it is dropped, because its caller has gone away or ran out of time, its statement is ended: nothing that was
/// given up takes effect much later.
pub(super) struct Lease {
    pool: Arc<Pool>,
    lane: Lane,
    held: Option<(Session, Slot)>,
}

impl Lease {
    /// Runs `work` on the connection.
    pub(super) async fn run<T>(
        mut self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Some((session, _)) = self.held.as_mut() else { return Err(unavailable("the connection is gone")) };
        let outcome = work(&mut session.connection).await;
        if let Some((session, slot)) = self.held.take() {
            self.pool.give_back(session, outcome.as_ref().err());
            drop(slot);
        }
        outcome
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.lanes.end_work(self.lane);
        // Without a runtime the process is at its end, and the server notices that.
        if let (Some((session, slot)), Ok(runtime)) = (self.held.take(), Handle::try_current()) {
            runtime.spawn(Arc::clone(&self.pool).reclaim(session, slot));
        }
    }
}
