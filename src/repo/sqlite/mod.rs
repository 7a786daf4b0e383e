//! Payments in SQLite: a file that this process owns, or a database in memory.
//!
//! One task, the `writer`, owns all writing: it gathers what is queued into one transaction, and answers when that is
//! on disk. Readers look at the last committed state, so whoever got an answer sees what it wrote.

mod cache;
mod connection;
mod fetcher;
mod lock;
mod packed;
mod statements;
#[cfg(test)]
mod tests;
mod transaction;
mod writer;

use super::row::{page, to_microseconds};
use super::{OpenError, TableName, migrations};
use crate::payments::{
    Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Position, Repo, Snapshot, Version,
};
use cache::Cache;
use connection::{Shared, failure, is_too_big, unavailable};
use fetcher::Fetcher;
use sqlx::sqlite::SqliteConnection;
use statements::Statements;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use writer::Writer;

/// How long [`Repo::check`] waits for a sign of life.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// How much memory the payments may take that need not be fetched, in bytes.
const CACHE: u64 = 32 << 20;

pub(super) const MIGRATIONS: &[migrations::Embedded] =
    &[(1, "payments", include_str!("../../../schema/sqlite3/0001_payments.sql"))];

/// Where the payments are kept.
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    /// The database file, made if there is none; its directory must exist. `None`: in memory, gone with the process.
    pub path: Option<PathBuf>,
    /// The name of the table.
    pub table: TableName,
    /// A directory of migrations to run instead of the embedded ones.
    pub migrations: Option<PathBuf>,
}

/// Payments in SQLite.
///
/// What is acknowledged survives `kill -9` and power loss, unless the database is in memory. The file belongs to one
/// process: a second one is refused.
#[derive(Debug)]
pub struct Sqlite {
    statements: Arc<Statements>,
    cache: Arc<Cache>,
    writer: Writer,
    fetcher: Fetcher,
    /// At least one. In memory there is only one connection, which the writer uses too.
    readers: Box<[Shared]>,
    next_reader: AtomicUsize,
}

impl Sqlite {
    /// Opens the database, brings its schema up to date and starts the writer.
    ///
    /// # Errors
    /// [`OpenError::InUse`], [`OpenError::File`], [`OpenError::Memory`], [`OpenError::Migrations`],
    /// [`OpenError::Migrate`].
    pub async fn open(options: SqliteOptions) -> Result<Self, OpenError> {
        let SqliteOptions { path, table, migrations: directory } = options;
        let statements = Arc::new(Statements::new(&table));
        let (write, readers) = match &path {
            Some(path) => connection::open_file(path).await?,
            None => connection::open_memory().await?,
        };
        if let Some(open) = write.lock().await.as_mut() {
            migrations::run(&mut open.sqlite, &table, directory.as_deref(), MIGRATIONS).await?;
        }
        let readers = match readers {
            Some(readers) => readers.open().await?,
            None => [Arc::clone(&write)].into(),
        };
        let cache = Arc::new(Cache::new(CACHE));
        let writer = Writer::start(write, Arc::clone(&statements), Arc::clone(&cache));
        let fetcher = Fetcher::start(&readers, &statements);
        Ok(Self { statements, cache, writer, fetcher, readers, next_reader: AtomicUsize::new(0) })
    }

    /// Finishes what is queued, refuses what comes after, and gives the file up. Dropping the store does the same, but
    /// nobody knows when it is done.
    pub async fn close(&self) {
        self.writer.finish().await;
        self.cache.close();
        for reader in &self.readers {
            connection::close(reader).await;
        }
        // Last, because the last connection to close tidies up the write-ahead log, and readers may not.
        self.writer.close().await;
    }

    async fn read<T>(&self, work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Error>) -> Result<T, Error> {
        // Any reader that is free will do; when all are busy, queue up at the next in turn.
        let start = self.next_reader.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        let (before, after) = self.readers.split_at(start);
        let mut in_turn = after.iter().chain(before);
        let free = in_turn.clone().find_map(|reader| reader.try_lock().ok());
        let mut reader = match (free, in_turn.next()) {
            (Some(guard), _) => guard,
            (None, Some(reader)) => reader.lock().await,
            (None, None) => return Err(unavailable("there is no connection to read with")),
        };
        match reader.as_mut() {
            Some(open) => work(&mut open.sqlite).await,
            None => Err(unavailable("the database is closed")),
        }
    }
}

impl Sqlite {
    async fn page(&self, reader: &mut SqliteConnection, start: PageStart, size: u32) -> Result<Page, Error> {
        let statements = &self.statements;
        let (rows, end) = match start {
            PageStart::Offset(offset) => statements.list_offset(reader, offset, size).await?,
            PageStart::After(Position(after)) => (statements.list_after(reader, after, size).await?, after),
            PageStart::Before(Position(before)) => {
                (statements.list_before(reader, before, size).await?, before.saturating_sub(1))
            }
        };
        page(rows, end)
    }
}

impl Repo for Sqlite {
    async fn create(&self, payment: NewPayment) -> Result<Snapshot, Error> {
        let NewPayment { id, organisation_id, attributes, created_on } = payment;
        let now = to_microseconds(created_on);
        let payment =
            Payment { id, version: Version::FIRST, organisation_id, attributes, created_on: now, modified_on: now };
        self.writer.create(payment).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        if let Some(payment) = self.cache.get(id) {
            return Ok(payment);
        }
        let watch = self.cache.watch(id);
        let payment = self.fetcher.fetch(id.clone()).await?;
        self.cache.fill(&watch, &payment);
        Ok(payment)
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Page, Error> {
        self.read(async |reader| {
            let mut size = size;
            loop {
                match self.page(reader, start, size).await {
                    // So many do not fit into one text: the page is shorter, and the next goes on behind it.
                    Err(error) if size > 1 && is_too_big(&error) => size /= 2,
                    outcome => return outcome,
                }
            }
        })
        .await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Snapshot, Error> {
        let modified_on = to_microseconds(change.modified_on);
        self.writer.update(id.clone(), expected, Change { modified_on, ..change }).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.writer.delete(id.clone(), expected).await
    }

    async fn check(&self) -> Result<(), Error> {
        if !self.writer.is_alive() {
            return Err(unavailable("the writer has stopped"));
        }
        let touch = self.read(async |reader| self.statements.touch(reader).await);
        tokio::time::timeout(CHECK_TIMEOUT, touch).await.map_err(|_| unavailable("the database does not answer"))?
    }

    async fn info(&self) -> Result<Info, Error> {
        let (payments, deleted) = self.read(async |reader| self.statements.count(reader).await).await?;
        Ok(Info { repo: "sqlite3", payments, deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.writer.clear().await
    }
}
