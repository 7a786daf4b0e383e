//! Payments in SQLite: a file that this process owns, or a database in memory.
//!
//! One task, the `writer`, owns all writing: it gathers what is queued into one transaction, and answers when that is
//! on disk. Readers look at the last committed state, so whoever got an answer sees what it wrote.

mod batch;
mod cache;
mod connection;
mod fetcher;
mod lister;
mod lock;
mod packed;
mod readers;
mod statements;
#[cfg(test)]
mod tests;
mod transaction;
mod writer;

use super::row::to_microseconds;
use super::{OpenError, TableName, migrations};
use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use cache::Cache;
use connection::{failure, unavailable};
use fetcher::Fetcher;
use lister::Lister;
use readers::Readers;
use statements::Statements;
use std::path::PathBuf;
use std::sync::Arc;
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
    lister: Lister,
    readers: Arc<Readers>,
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
        let readers = Arc::new(Readers::new(match readers {
            Some(readers) => readers.open().await?,
            None => [Arc::clone(&write)].into(),
        }));
        let cache = Arc::new(Cache::new(CACHE));
        let writer = Writer::start(write, Arc::clone(&statements), Arc::clone(&cache));
        let fetcher = Fetcher::start(readers.connections(), &statements);
        let lister = Lister::new(&statements, &readers);
        Ok(Self { statements, cache, writer, fetcher, lister, readers })
    }

    /// Finishes what is queued, refuses what comes after, and gives the file up. Dropping the store does the same, but
    /// nobody knows when it is done.
    pub async fn close(&self) {
        self.writer.finish().await;
        self.cache.close();
        self.readers.close().await;
        // Last, because the last connection to close tidies up the write-ahead log, and readers may not.
        self.writer.close().await;
    }

    async fn look_up(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        let watch = self.cache.watch(id);
        let payment = self.fetcher.fetch(id.clone()).await?;
        self.cache.fill(&watch, &payment);
        Ok(payment)
    }
}

impl Repo for Sqlite {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
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
        // In a box: what is found in the cache would pay for the size of what goes on to look elsewhere.
        Box::pin(self.look_up(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lister.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
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
        let touch = self.readers.read(async |reader| self.statements.touch(reader).await);
        tokio::time::timeout(CHECK_TIMEOUT, touch).await.map_err(|_| unavailable("the database does not answer"))?
    }

    async fn info(&self) -> Result<Info, Error> {
        let (payments, deleted) = self.readers.read(async |reader| self.statements.count(reader).await).await?;
        Ok(Info { repo: "sqlite3", payments, deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.writer.clear().await
    }
}
