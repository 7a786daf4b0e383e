//! Payments in PostgreSQL: any number of processes share one database.
//!
//! Every operation is one statement that commits by itself, so nothing is ever half done, even when a caller goes away.
//! Fetches by id that come at the same time share a statement.

mod address;
mod connection;
mod erasing;
mod failure;
mod feed;
mod fetcher;
mod lanes;
mod lister;
mod moving;
mod news;
mod options;
mod order;
mod pages;
mod pool;
mod schema;
mod secret;
mod session;
mod statements;
mod versions;

use super::key::KeyRef;
use super::migrations::{Migrations, WhenNewer};
use super::table::{PerTable, Table};
use super::{Backend, MetricsError, OpenError, Registry};
use crate::payments::{
    Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
    Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
};
use failure::{Repeats, failure};
use feed::Feed;
use fetcher::Fetcher;
use lanes::Lane;
use lister::Lister;
use news::Reporter;
pub use options::PostgresOptions;
use order::Order;
use pages::Pages;
use pool::Pool;
use session::{Servers, Setup};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use statements::Statements;
use std::sync::Arc;
use versions::Versions;

/// Payments in PostgreSQL.
///
/// Lost connections are replaced as they are needed; while the server is away every operation fails with
/// [`Error::Unavailable`] within about a second.
#[derive(Debug)]
pub struct Postgres {
    pool: Arc<Pool>,
    statements: Arc<PerTable<Statements>>,
    /// Removes all payments of all tenants.
    clear: SqlStr,
    secret: Secret,
    fetcher: Fetcher,
    lister: Lister,
    feed: Feed,
    reporter: Reporter,
}

// One statement, so that it is done wholly or not at all; triggers empty the past with it. Numbers go on growing: TRUNCATE leaves the sequences as they are by
// default.
const CLEAR: &str = r#"TRUNCATE "{payments}", "{payments}_tenants""#;

impl Postgres {
    /// Connects, and brings the schema up to date.
    ///
    /// # Errors
    /// [`OpenError::Url`], [`OpenError::Connect`], [`OpenError::Pooler`], [`OpenError::Migrations`], [`OpenError::Migrate`].
    pub async fn connect(options: PostgresOptions) -> Result<Self, OpenError> {
        let address = connection::address(&options.url)?;
        let mut first = connection::first(&address).await?;
        let watches_client = connection::watch_client(&mut first.connection).await;
        apply_migrations(&mut first.connection, &options, WhenNewer::Ignore).await?;
        let secret = secret::read_or_create(&mut first.connection, &options.table).await?;
        let tables = PerTable::named(&options.table);
        let orders = Self::orders(&mut first.connection, &tables).await;
        let orders = Arc::new(orders.map_err(|error| connection::refuse(&address, error))?);
        // Not one of the pool's, because a failed migration keeps its lock until the connection is closed.
        first.close().await;

        let servers = Servers::new(address.servers, Setup::new(options.statement_timeout(), watches_client));
        let pool = Arc::new(Pool::new(servers, options.max_connections, options.patience()));
        let statements = Arc::new(tables.zip(&orders, |table, order| Statements::new(table, order.gate())));
        let fetcher = Fetcher::new(&pool, &statements);
        let feed = Feed::new(&pool, tables.map(Versions::new), &orders);
        let reporter = Reporter::new(&pool, &orders, &tables);
        let lister = Lister::new(&pool, tables.map(Pages::new), orders);
        // Safe: a table name is an identifier and nothing else.
        let clear = AssertSqlSafe(options.table.fill_in(CLEAR)).into_sql_str();
        Ok(Self { pool, statements, clear, secret, fetcher, lister, feed, reporter })
    }

    async fn orders(connection: &mut PgConnection, tables: &PerTable<Table>) -> Result<PerTable<Order>, sqlx::Error> {
        let [anonymous, organisations] = tables.both();
        Ok(PerTable::new(Order::new(connection, anonymous).await?, Order::new(connection, organisations).await?))
    }

    /// Connects, brings the schema up to date, and disconnects.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect), and [`OpenError::NewerSchema`].
    pub async fn migrate(options: PostgresOptions) -> Result<(), OpenError> {
        let address = connection::address(&options.url)?;
        let mut only = connection::first(&address).await?;
        apply_migrations(&mut only.connection, &options, WhenNewer::Refuse).await?;
        only.close().await;
        Ok(())
    }
}

async fn apply_migrations(
    connection: &mut PgConnection,
    options: &PostgresOptions,
    when_newer: WhenNewer,
) -> Result<(), OpenError> {
    let PostgresOptions { url: _, table, migrations, max_connections: _, request_timeout: _ } = options;
    let migrations = Migrations { table, directory: migrations.as_deref(), embedded: schema::MIGRATIONS };
    migrations.apply(connection, when_newer).await
}

impl Postgres {
    /// Says why a write that expects version `expected` found nothing to write to. It returns if the payment has come to that
    /// version since: the write has to look again, because at no moment was the payment absent.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::VersionConflict`], and those of every operation.
    async fn ensure_refused(
        &self,
        connection: &mut PgConnection,
        key: KeyRef<'_>,
        expected: Version,
    ) -> Result<(), Error> {
        match self.statements.of(key.tenant).look(connection, key).await? {
            Some(current) if current == expected => Ok(()),
            current => Err(Error::conflict_or_missing(expected, current)),
        }
    }
}

impl Backend for Postgres {
    fn measure(&self, registry: &Registry) -> Result<(), MetricsError> {
        self.pool.measure(registry)
    }

    async fn close(&self) {
        self.reporter.close();
        self.pool.close().await;
    }
}

impl Repo for Postgres {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        let (statements, origin) = (self.statements.of(tenant), payment.origin.clone());
        let payment = payment.into_payment();
        let create = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match statements.create(connection, tenant, &payment, &origin).await {
                    Err(error) if repeats.allow(&error) => {}
                    created => return created,
                }
            }
        };
        if !self.pool.run(Lane::Writes, create).await? {
            return Err(Error::AlreadyExists);
        }
        self.reporter.tell(tenant);
        Ok(payment)
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        self.fetcher.fetch(KeyRef { id, tenant }).await
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
        let (statements, key) = (self.statements.of(tenant), KeyRef { id, tenant });
        let update = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match statements.update(connection, key, expected, &change).await {
                    Ok(Some(times)) => return Ok(times),
                    Ok(None) => self.ensure_refused(connection, key, expected).await?,
                    Err(error) if repeats.allow(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        };
        // The statement applied the same rule to the times, so this one is no earlier.
        let (created_on, modified_on) = self.pool.run(Lane::Writes, update).await?;
        self.reporter.tell(tenant);
        change.apply(id.clone(), expected, created_on, modified_on)
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        let (statements, key) = (self.statements.of(tenant), KeyRef { id, tenant });
        let delete = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match statements.delete(connection, key, expected, &deletion).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => self.ensure_refused(connection, key, expected).await?,
                    Err(error) if repeats.allow(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        };
        self.pool.run(Lane::Writes, delete).await?;
        self.reporter.tell(tenant);
        Ok(())
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
        self.reporter.listen(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        self.pool.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        let [anonymous, organisations] = self.statements.both();
        let count = async |connection: &mut PgConnection| {
            Ok((anonymous.count(connection).await?, organisations.count(connection).await?))
        };
        let ((payments, deleted), (more, more_deleted)) = self.pool.run(Lane::Lists, count).await?;
        Ok(Info { repo: "postgres", payments: payments + more, deleted: deleted + more_deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        let clear = async |connection: &mut PgConnection| {
            sqlx::query(self.clear.clone()).execute(connection).await.map(|_| ()).map_err(failure)
        };
        self.pool.run(Lane::Writes, clear).await?;
        // A reader finds that its place is gone.
        self.reporter.tell_all();
        Ok(())
    }

    fn secret(&self) -> &Secret {
        &self.secret
    }
}
