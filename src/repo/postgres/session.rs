//! Sessions: connections with the settings that the service relies on, and how one is opened.
//!
//! The settings are SQL, and not startup parameters, because poolers such as PgBouncer refuse those that they do not know.
//! They override what the server, the database and the role say.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor, Row, SqlSafeStr, SqlStr};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// The pauses between attempts to connect to a server that is starting: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(160));

/// How long to wait while a session is closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection that was set up.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    pub(super) backend: Backend,
    pub(super) opened: Instant,
    /// False if the session may only read.
    pub(super) is_writable: bool,
    /// Which of the servers it is a session of.
    server: usize,
}

impl Session {
    /// Says goodbye to the server, which closes its side.
    pub(super) async fn close(self) {
        // The server finds the connection closed if this fails.
        let _ = timeout(CLOSE_TIMEOUT, self.connection.close()).await;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("backend", &self.backend).finish_non_exhaustive()
    }
}

/// The process at the server that serves a session. Its start tells it from a later one with the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backend {
    pub(super) pid: i32,
    /// In microseconds since 1970.
    pub(super) started: i64,
}

/// How a session is set up.
#[derive(Debug, Clone)]
pub(super) struct Setup(SqlStr);

impl Setup {
    /// Settings for statements that may take so long. `watches_client` lets the server look every second whether the client
    /// of a statement is still there; not every server can.
    pub(super) fn new(statement: Duration, watches_client: bool) -> Self {
        let (statement, lock) = (statement.as_millis(), (statement / 2).as_millis());
        let watch = if watches_client { ", set_config('client_connection_check_interval', '1000', false)" } else { "" };
        // Read committed: a statement that waits for another transaction goes on with what that has committed, where the
        // other levels let it fail.
        Self::of(&format!(
            ", set_config('default_transaction_isolation', 'read committed', false), \
             set_config('statement_timeout', '{statement}', false), set_config('lock_timeout', '{lock}', false){watch}"
        ))
    }

    /// No settings: those of the server, the database and the role.
    pub(super) fn none() -> Self {
        Self::of("")
    }

    fn of(settings: &str) -> Self {
        let sql = format!(
            "SELECT pid, (extract(epoch FROM backend_start) * 1000000)::bigint, \
             current_setting('transaction_read_only') = 'off'{settings} FROM pg_stat_get_activity(pg_backend_pid())"
        );
        // Safe: it consists of numbers and words of ours.
        Self(AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str())
    }

    async fn apply(&self, connection: &mut PgConnection) -> Result<(Backend, bool), sqlx::Error> {
        let row = connection.fetch_one(self.0.clone()).await?;
        Ok((Backend { pid: row.try_get(0)?, started: row.try_get(1)? }, row.try_get(2)?))
    }
}

/// The servers that the address names. The one that served last is asked first.
#[derive(Debug)]
pub(super) struct Servers {
    all: Box<[PgConnectOptions]>,
    setup: Setup,
    current: AtomicUsize,
}

impl Servers {
    pub(super) fn new(all: Box<[PgConnectOptions]>, setup: Setup) -> Self {
        Self { all, setup, current: AtomicUsize::new(0) }
    }

    /// Whether the session is one of the server that served last: after a failover another one would show what is stale.
    pub(super) fn is_current(&self, session: &Session) -> bool {
        session.server == self.current.load(Ordering::Relaxed)
    }

    /// Opens a session, and tries again until `deadline` while the server seems to be starting. Of several servers it takes
    /// one that can be written to; with a single one it takes what there is, because reads may go on.
    pub(super) async fn open(&self, deadline: Instant) -> Result<Session, sqlx::Error> {
        let (mut pause, longest) = PAUSES;
        loop {
            let error = match self.open_once(deadline).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            if !is_starting(&error) || Instant::now() + pause >= deadline {
                return Err(error);
            }
            sleep(pause).await;
            pause = longest.min(pause * 2);
        }
    }

    /// Opens a session, and asks each server once.
    pub(super) async fn open_once(&self, deadline: Instant) -> Result<Session, sqlx::Error> {
        let (first, count) = (self.current.load(Ordering::Relaxed), self.all.len());
        let mut refused = io(io::ErrorKind::NotConnected, "there is no server");
        for (tried, server) in (first..first + count).map(|server| server % count).enumerate() {
            // Each of those that are left gets the same part of the time that is left.
            let now = Instant::now();
            let left = u32::try_from(count - tried).unwrap_or(1);
            let until = now + deadline.saturating_duration_since(now) / left;
            match timeout_at(until, self.open_at(server)).await {
                Ok(Ok(session)) if session.is_writable || count == 1 => {
                    self.current.store(server, Ordering::Relaxed);
                    return Ok(session);
                }
                Ok(Ok(_)) => refused = io(io::ErrorKind::ReadOnlyFilesystem, "none of the servers takes writes"),
                Ok(Err(error)) => refused = error,
                Err(_) => refused = io(io::ErrorKind::TimedOut, "the server does not answer"),
            }
        }
        Err(refused)
    }

    async fn open_at(&self, server: usize) -> Result<Session, sqlx::Error> {
        let Some(options) = self.all.get(server) else {
            return Err(io(io::ErrorKind::NotConnected, "there is no such server"));
        };
        let mut connection = PgConnection::connect_with(options).await?;
        let (backend, is_writable) = self.setup.apply(&mut connection).await?;
        Ok(Session { connection, backend, opened: Instant::now(), is_writable, server })
    }
}

/// Whether the server refuses connections for now: it is starting, or has too many of them.
fn is_starting(error: &sqlx::Error) -> bool {
    match error.as_database_error() {
        Some(error) => error.is_transient_in_connect_phase(),
        None => matches!(error, sqlx::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused),
    }
}

/// An error of the way to the servers.
fn io(kind: io::ErrorKind, what: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(kind, what))
}
