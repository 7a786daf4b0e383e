//! Payments in SQLite: a file that this process owns, or a database in memory.
//!
//! One task, the `writer`, does all writing: it gathers what is queued into one transaction, and answers when that is on
//! disk. Readers see the last committed state, so a caller that got its answer sees what it wrote.

mod backup;
mod batch;
mod cache;
mod connection;
mod failure;
mod fetcher;
mod identity;
mod job;
mod lister;
mod options;
mod ownership;
mod packed;
mod readers;
mod schema;
mod statements;
mod step;
mod stripes;
#[cfg(test)]
mod tests;
mod transaction;
mod watch;
mod writer;

use super::migrations::{Migrations, WhenNewer};
use super::{Backend, MetricsError, OpenError, Registry};
use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use cache::Cache;
use connection::OpenFile;
use failure::unavailable;
use fetcher::Fetcher;
use lister::Lister;
pub use options::SqliteOptions;
use readers::Readers;
use statements::Statements;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use watch::Watch;
use writer::Writer;

/// How long [`Repo::check`] waits for an answer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

/// The capacity of the cache, in bytes.
const CACHE: u64 = 32 << 20;

/// Payments in SQLite.
///
/// Acknowledged writes survive `kill -9` and power loss, unless the database is in memory. The file belongs to one process:
/// a second one is refused.
#[derive(Debug)]
pub struct Sqlite {
    statements: Arc<Statements>,
    cache: Arc<Cache>,
    writer: Writer,
    fetcher: Fetcher,
    lister: Lister,
    /// For fetches and checks.
    readers: Readers,
    /// For lists and counts, which may take long. The same connection in memory, where there is only one.
    list_readers: Arc<Readers>,
    watch: Arc<Watch>,
}

impl Sqlite {
    /// Opens the database, brings its schema up to date and starts the writer.
    ///
    /// # Errors
    /// [`OpenError::InUse`], [`OpenError::File`], [`OpenError::Linked`], [`OpenError::Memory`], [`OpenError::Migrations`],
    /// [`OpenError::Migrate`].
    pub async fn open(options: SqliteOptions) -> Result<Self, OpenError> {
        match &options.path {
            Some(path) => Self::open_file(path, &options).await,
            None => {
                let only = connection::open_memory().await?;
                apply_migrations(&only, &options, WhenNewer::Ignore).await?;
                let readers = || [Arc::clone(&only)].into();
                Ok(Self::start(&options, Arc::clone(&only), (readers(), readers()), Watch::none()))
            }
        }
    }

    async fn open_file(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let OpenFile { write, read, path, identity } = connection::open_file(path).await?;
        let opened = async {
            apply_migrations(&write, options, WhenNewer::Ignore).await?;
            read.open().await
        };
        match opened.await {
            Ok(readers) => Ok(Self::start(options, write, readers, Watch::start(&path, identity))),
            Err(error) => {
                // In order: the file is given up when the connection is closed.
                connection::close(&write).await;
                Err(error)
            }
        }
    }

    /// Starts the tasks over connections that are open.
    fn start(
        options: &SqliteOptions,
        write: connection::Shared,
        (readers, list_readers): (Box<[connection::Shared]>, Box<[connection::Shared]>),
        watch: Arc<Watch>,
    ) -> Self {
        let statements = Arc::new(Statements::new(&options.table));
        let (readers, list_readers) = (Readers::new(readers), Arc::new(Readers::new(list_readers)));
        let cache = Arc::new(Cache::new(CACHE));
        let writer = Writer::start(write, Arc::clone(&statements), Arc::clone(&cache), Arc::clone(&watch));
        let fetcher = Fetcher::start(readers.connections(), &statements);
        let lister = Lister::new(&statements, &list_readers);
        Self { statements, cache, writer, fetcher, lister, readers, list_readers, watch }
    }

    /// Brings the schema of the file up to date.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), [`OpenError::NewerSchema`], and [`OpenError::NothingToMigrate`] without a file.
    pub async fn migrate(options: SqliteOptions) -> Result<(), OpenError> {
        let path = options.path.as_ref().ok_or(OpenError::NothingToMigrate)?;
        let OpenFile { write, read: _, path: _, identity: _ } = connection::open_file(path).await?;
        let outcome = apply_migrations(&write, &options, WhenNewer::Refuse).await;
        connection::close(&write).await;
        outcome
    }

    async fn look_up(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        let token = self.cache.token(id);
        let payment = self.fetcher.fetch(id.clone()).await?;
        self.cache.fill(&token, &payment);
        Ok(payment)
    }
}

async fn apply_migrations(
    write: &connection::Shared,
    options: &SqliteOptions,
    when_newer: WhenNewer,
) -> Result<(), OpenError> {
    let SqliteOptions { path: _, table, migrations } = options;
    match write.lock().await.as_mut() {
        Some(open) => {
            let migrations = Migrations { table, directory: migrations.as_deref(), embedded: schema::MIGRATIONS };
            migrations.apply(&mut open.sqlite, when_newer).await
        }
        // It was opened just now.
        None => Ok(()),
    }
}

impl Backend for Sqlite {
    /// Registers nothing: one process, one writer, no pool.
    fn measure(&self, _: &Registry) -> Result<(), MetricsError> {
        Ok(())
    }

    /// Dropping the store does the same, but some time later.
    async fn close(&self) {
        self.writer.finish().await;
        self.watch.end();
        self.cache.close();
        self.readers.close().await;
        self.list_readers.close().await;
        // Last: the last connection to close folds the write-ahead log into the file, which readers may not do.
        self.writer.close().await;
    }
}

impl Repo for Sqlite {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.writer.create(payment.into_payment()).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        if let Some(payment) = self.cache.get(id) {
            return Ok(payment);
        }
        // Boxed, so that a hit in the cache does not pay for the size of the future that goes on to the database.
        Box::pin(self.look_up(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lister.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.writer.update(id.clone(), expected, change).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.writer.delete(id.clone(), expected).await
    }

    async fn check(&self) -> Result<(), Error> {
        if !self.writer.is_alive() {
            return Err(unavailable("the writer has stopped"));
        }
        if let Some(reason) = self.watch.damage() {
            return Err(unavailable(reason));
        }
        let touch = self.readers.read(async |reader| self.statements.touch(reader).await);
        tokio::time::timeout(CHECK_TIMEOUT, touch).await.map_err(|_| unavailable("the database does not answer"))?
    }

    async fn info(&self) -> Result<Info, Error> {
        let (payments, deleted) = self.list_readers.read(async |reader| self.statements.count(reader).await).await?;
        Ok(Info { repo: "sqlite3", payments, deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.writer.clear().await
    }
}
