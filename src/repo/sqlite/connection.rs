//! Connections: how they are set up, who shares them, what their errors mean.

use super::{OpenError, lock};
use crate::payments::Error;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::borrow::Borrow;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The most connections for reading. Each is a thread.
const MAX_READERS: usize = 4;

/// A connection, and the lock on the file for as long as it is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) sqlite: SqliteConnection,
    /// After the connection, so that it is given back last.
    _lock: Option<File>,
}

/// A connection that several use in turn; none once it is closed.
pub(super) type Shared = Arc<Mutex<Option<Open>>>;

/// What it takes to open the connections that read, which is possible only once the file is there.
pub(super) struct ReadOnly {
    options: SqliteConnectOptions,
}

/// The write connection of the file at `path`, and how to open those that read.
pub(super) async fn open_file(path: &Path) -> Result<(Shared, Option<ReadOnly>), OpenError> {
    // In full, because SQLite gives names like `:memory:` and `file:x` a meaning of their own.
    let (lock, resolved) = lock::take(path)?;
    let options = settings().filename(resolved).create_if_missing(true);
    let write = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // With anything less, a commit that was acknowledged can be lost when the power goes.
        .synchronous(SqliteSynchronous::Full)
        // In pages of 4 KiB: fold the log into the database every 16 MB or so. Each time all who write wait for the disk, and
        // the more of it the longer; but the pages of an index change many times in between, and are folded once. What stays in
        // the log is read from there.
        .pragma("wal_autocheckpoint", "4000")
        // In KiB: ids may be random, so each insert may touch another page of their index. Let it stay in memory.
        .pragma("cache_size", "-65536");
    let sqlite = write.connect().await.map_err(|source| refuse(path, source))?;
    // In KiB: room for the inner pages of the tables and indexes of some millions of payments.
    let read = options.create_if_missing(false).read_only(true).pragma("cache_size", "-8192");
    let readers = ReadOnly { options: read };
    Ok((share(sqlite, Some(lock)), Some(readers)))
}

/// The only connection of a database in memory: a second one would either see another database, or share a cache whose
/// table locks fail instead of waiting.
pub(super) async fn open_memory() -> Result<(Shared, Option<ReadOnly>), OpenError> {
    let sqlite = settings().in_memory(true).connect().await.map_err(|source| OpenError::Memory(source.into()))?;
    Ok((share(sqlite, None), None))
}

impl ReadOnly {
    /// Opens one connection for each processor, within reason.
    pub(super) async fn open(self) -> Result<Box<[Shared]>, OpenError> {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_READERS);
        let mut readers = Vec::with_capacity(count);
        for _ in 0..count {
            let sqlite = self.options.connect().await.map_err(|source| refuse(self.options.get_filename(), source))?;
            readers.push(share(sqlite, None));
        }
        Ok(readers.into())
    }
}

/// Closes `shared` and waits until it is closed.
pub(super) async fn close(shared: &Shared) {
    if let Some(Open { sqlite, _lock }) = shared.lock().await.take()
        && let Err(error) = sqlite.close().await
    {
        tracing::warn!(%error, "a SQLite connection did not close cleanly");
    }
}

fn settings() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        // We have none; checking costs.
        .foreign_keys(false)
        .disable_statement_logging()
}

fn share(sqlite: SqliteConnection, lock: Option<File>) -> Shared {
    Arc::new(Mutex::new(Some(Open { sqlite, _lock: lock })))
}

fn refuse(path: &Path, source: sqlx::Error) -> OpenError {
    OpenError::File { path: path.to_owned(), source: source.into() }
}

/// What an error of SQLite means to the caller.
pub(super) fn failure(error: impl Borrow<sqlx::Error> + std::error::Error + Send + Sync + 'static) -> Error {
    if is_about_the_database(error.borrow()) {
        Error::Unavailable(Box::new(error))
    } else {
        Error::Internal(Box::new(error))
    }
}

/// Whether `error` is the database's trouble (a full disk, a failing one, no memory, a dead thread) and may pass, and
/// not the fault of one statement.
pub(super) fn is_about_the_database(error: &sqlx::Error) -> bool {
    // https://www.sqlite.org/rescode.html; the low byte of an extended code is the primary one.
    const PASSING: [i32; 10] = [
        5,  // BUSY
        6,  // LOCKED
        7,  // NOMEM
        8,  // READONLY
        9,  // INTERRUPT
        10, // IOERR
        13, // FULL
        14, // CANTOPEN
        15, // PROTOCOL
        22, // NOLFS
    ];
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
        Some(code) => code.parse::<i32>().is_ok_and(|code| PASSING.contains(&(code & 0xff))),
        None => matches!(error, sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)),
    }
}

/// Whether `error` says that a text is longer than SQLite can have.
pub(super) fn is_too_big(error: &Error) -> bool {
    // https://www.sqlite.org/rescode.html#toobig
    const TOOBIG: &str = "18";
    match error {
        Error::Internal(source) => {
            let database = source.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
            database.and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == TOOBIG)
        }
        Error::NotFound | Error::AlreadyExists | Error::VersionConflict { .. } | Error::Unavailable(_) => false,
    }
}

pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}
