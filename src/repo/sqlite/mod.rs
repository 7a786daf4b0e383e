//! Payments in SQLite: a file that this process owns, or a database in memory.
//!
//! One task, the `writer`, does all writing: it gathers what is queued into one transaction, and answers when that is on
//! disk. Readers see the last committed state, so a caller that got its answer sees what it wrote.

mod backup;
mod batch;
mod cache;
mod connection;
mod erasing;
mod events;
mod failure;
mod feed;
mod fetcher;
mod identity;
mod job;
mod lister;
mod moving;
mod options;
mod ownership;
mod packed;
mod readers;
mod schema;
mod secret;
mod statements;
mod step;
mod stripes;
#[cfg(test)]
mod tests;
mod transaction;
mod watch;
mod writer;

use super::key::KeyRef;
use super::migrations::{Migrations, WhenNewer};
use super::news::NewsDesk;
use super::table::PerTable;
use super::{Backend, MetricsError, OpenError, Registry};
use crate::payments::{
    Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
    Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
};
use cache::Cache;
use connection::OpenFile;
use events::EventStatements;
use failure::unavailable;
use feed::Feed;
use fetcher::Fetcher;
use lister::Lister;
pub use options::SqliteOptions;
use readers::Readers;
use sqlx::sqlite::SqliteConnection;
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
    statements: Arc<PerTable<Statements>>,
    secret: Secret,
    cache: Arc<Cache>,
    writer: Writer,
    fetcher: Fetcher,
    lister: Lister,
    feed: Feed,
    news: Arc<NewsDesk>,
    /// For fetches and checks.
    readers: Readers,
    /// For lists, counts, histories and events, which may take long. The same connection in memory, where there is only one.
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
                let secret = secret::read_or_create(&only, &options.table).await?;
                let readers = || [Arc::clone(&only)].into();
                Ok(Self::start(&options, secret, Arc::clone(&only), (readers(), readers()), Watch::none()))
            }
        }
    }

    async fn open_file(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let OpenFile { write, read, path, identity } = connection::open_file(path, options.must_exist).await?;
        let opened = async {
            apply_migrations(&write, options, WhenNewer::Ignore).await?;
            Ok((secret::read_or_create(&write, &options.table).await?, read.open().await?))
        };
        match opened.await {
            Ok((secret, readers)) => Ok(Self::start(options, secret, write, readers, Watch::start(&path, identity))),
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
        secret: Secret,
        write: connection::Shared,
        (readers, list_readers): (Box<[connection::Shared]>, Box<[connection::Shared]>),
        watch: Arc<Watch>,
    ) -> Self {
        let tables = PerTable::named(&options.table);
        let statements = Arc::new(tables.map(Statements::new));
        let (readers, list_readers) = (Readers::new(readers), Arc::new(Readers::new(list_readers)));
        let cache = Arc::new(Cache::new(CACHE));
        let news = Arc::new(NewsDesk::new());
        let (known, told) = (Arc::clone(&cache), Arc::clone(&news));
        let writer = Writer::start(write, Arc::clone(&statements), known, Arc::clone(&watch), told);
        let fetcher = Fetcher::start(readers.connections(), &statements);
        let lister = Lister::new(&statements, &list_readers);
        let feed = Feed::new(tables.map(EventStatements::new), &list_readers);
        Self { statements, secret, cache, writer, fetcher, lister, feed, news, readers, list_readers, watch }
    }

    /// Brings the schema of the file up to date.
    ///
    /// # Errors
    /// Those of [`open`](Self::open), [`OpenError::NewerSchema`], and [`OpenError::NothingToMigrate`] without a file.
    pub async fn migrate(options: SqliteOptions) -> Result<(), OpenError> {
        let path = options.path.as_ref().ok_or(OpenError::NothingToMigrate)?;
        let OpenFile { write, read: _, path: _, identity: _ } = connection::open_file(path, options.must_exist).await?;
        let outcome = apply_migrations(&write, &options, WhenNewer::Refuse).await;
        connection::close(&write).await;
        outcome
    }

    async fn look_up(&self, key: KeyRef<'_>) -> Result<Snapshot, Error> {
        let token = self.cache.token(key);
        let payment = self.fetcher.fetch(key.to_key()).await?;
        self.cache.fill(&token, key, &payment);
        Ok(payment)
    }
}

async fn apply_migrations(
    write: &connection::Shared,
    options: &SqliteOptions,
    when_newer: WhenNewer,
) -> Result<(), OpenError> {
    let SqliteOptions { path: _, must_exist: _, table, migrations } = options;
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
        self.news.close();
        self.readers.close().await;
        self.list_readers.close().await;
        // Last: the last connection to close folds the write-ahead log into the file, which readers may not do.
        self.writer.close().await;
    }
}

impl Repo for Sqlite {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        self.writer.create(tenant.clone(), payment).await
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        let key = KeyRef { id, tenant };
        if let Some(payment) = self.cache.get(key) {
            return Ok(payment);
        }
        // Boxed, so that a hit in the cache does not pay for the size of the future that goes on to the database.
        Box::pin(self.look_up(key)).await
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lister.list(tenant, start, size).await
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        self.writer.update(KeyRef { id, tenant }.to_key(), expected, change).await
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        self.writer.delete(KeyRef { id, tenant }.to_key(), expected, deletion).await
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        self.feed.history(tenant, id, below, size).await
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        self.feed.events(tenant, start, query).await
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.news.listen(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        if !self.writer.is_alive() {
            return Err(unavailable("the writer has stopped"));
        }
        if let Some(reason) = self.watch.damage() {
            return Err(unavailable(reason));
        }
        let [anonymous, _] = self.statements.both();
        let touch = self.readers.read(async |reader| anonymous.touch(reader).await);
        tokio::time::timeout(CHECK_TIMEOUT, touch).await.map_err(|_| unavailable("the database does not answer"))?
    }

    async fn info(&self) -> Result<Info, Error> {
        let [anonymous, organisations] = self.statements.both();
        let count = async |reader: &mut SqliteConnection| {
            Ok((anonymous.count(reader).await?, organisations.count(reader).await?))
        };
        let ((payments, deleted), (more, more_deleted)) = self.list_readers.read(count).await?;
        Ok(Info { repo: "sqlite3", payments: payments + more, deleted: deleted + more_deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.writer.clear().await
    }

    fn secret(&self) -> &Secret {
        &self.secret
    }
}
