//! Connections to the database: their settings, and how they are shared and closed.

use super::identity::Identity;
use super::ownership::Ownership;
use crate::repo::OpenError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The most connections for fetches. Each is a thread.
const MAX_READERS: usize = 4;

/// A connection, and the ownership of the file for as long as it is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) sqlite: SqliteConnection,
    /// Declared after the connection, so that it is given up last.
    _ownership: Option<Ownership>,
}

/// A connection that several tasks use in turn; `None` once it is closed.
pub(super) type Shared = Arc<Mutex<Option<Open>>>;

/// The options of the connections that read. They can be opened only once the file exists.
pub(super) struct ReadOnly {
    options: SqliteConnectOptions,
}

/// The connection that writes to a file, and what is needed to read from it, and to watch it.
pub(super) struct OpenFile {
    pub(super) write: Shared,
    pub(super) read: ReadOnly,
    /// In full.
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
}

/// Opens the connection that writes to the file at `path`, which is created if there is none, unless it `must_exist`.
pub(super) async fn open_file(path: &Path, must_exist: bool) -> Result<OpenFile, OpenError> {
    // In full, because SQLite gives names like `:memory:` and `file:x` a meaning of their own.
    let (ownership, resolved, identity) = Ownership::take(path, must_exist)?;
    let options = settings().filename(&resolved).create_if_missing(true);
    let write = options
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        // With anything less, a power loss can lose a commit that was acknowledged.
        .synchronous(SqliteSynchronous::Full)
        // In pages of 4 KiB: a checkpoint every 16 MB or so. Writers wait for the disk during a checkpoint, the longer the
        // more it copies; but the pages of an index change many times in between, and are copied once. Readers find pages
        // that were not copied yet in the log.
        .pragma("wal_autocheckpoint", "4000")
        // In KiB: ids may be random, so each insert may touch another page of their index, which should stay in memory.
        .pragma("cache_size", "-65536");
    let sqlite = match write.connect().await {
        Ok(sqlite) => sqlite,
        Err(source) => {
            ownership.discard();
            return Err(refuse(path, source));
        }
    };
    // In KiB: room for the inner pages of the tables and indexes of some millions of payments.
    let read = options.create_if_missing(false).read_only(true).pragma("cache_size", "-8192");
    Ok(OpenFile { write: share(sqlite, Some(ownership)), read: ReadOnly { options: read }, path: resolved, identity })
}

/// Opens the only connection of a database in memory. A second one would either see another database, or share a cache whose
/// table locks fail instead of waiting.
pub(super) async fn open_memory() -> Result<Shared, OpenError> {
    let sqlite = settings().in_memory(true).connect().await.map_err(|source| OpenError::Memory(source.into()))?;
    Ok(share(sqlite, None))
}

impl ReadOnly {
    /// Opens the connections that fetch, one per processor up to [`MAX_READERS`], and those that list, half as many.
    ///
    /// A list may take a thousand times as long as a fetch. With connections of their own, lists cannot keep fetches waiting,
    /// however many are asked for.
    pub(super) async fn open(self) -> Result<(Box<[Shared]>, Box<[Shared]>), OpenError> {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_READERS);
        Ok((self.open_several(count).await?, self.open_several(count.div_ceil(2)).await?))
    }

    async fn open_several(&self, count: usize) -> Result<Box<[Shared]>, OpenError> {
        let mut readers = Vec::with_capacity(count);
        for _ in 0..count {
            let sqlite = self.options.connect().await.map_err(|source| refuse(self.options.get_filename(), source))?;
            readers.push(share(sqlite, None));
        }
        Ok(readers.into())
    }
}

/// Closes `shared`, and returns when it is closed.
pub(super) async fn close(shared: &Shared) {
    if let Some(Open { sqlite, _ownership }) = shared.lock().await.take()
        && let Err(error) = sqlite.close().await
    {
        tracing::warn!(%error, "SQLite reported an error when a connection was closed; nothing acknowledged is lost");
    }
}

fn settings() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        // The schema has none, and the check costs time.
        .foreign_keys(false)
        .disable_statement_logging()
}

fn share(sqlite: SqliteConnection, ownership: Option<Ownership>) -> Shared {
    Arc::new(Mutex::new(Some(Open { sqlite, _ownership: ownership })))
}

fn refuse(path: &Path, source: sqlx::Error) -> OpenError {
    OpenError::File { path: path.to_owned(), source: source.into() }
}
