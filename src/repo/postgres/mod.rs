//! Payments in PostgreSQL: any number of processes share one database.
//!
//! Every operation is one statement that commits by itself, so nothing is ever half done, even when a caller goes away.
//! Fetches by id that come at the same time share a statement.

mod address;
mod connection;
mod failure;
mod fetcher;
mod lanes;
mod lister;
mod options;
mod order;
mod pages;
mod pool;
mod schema;
mod session;
mod statements;

use super::migrations::{Migrations, WhenNewer};
use super::{Backend, MetricsError, OpenError, Registry};
use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use failure::Repeats;
use fetcher::Fetcher;
use lanes::Lane;
use lister::Lister;
pub use options::PostgresOptions;
use order::Order;
use pages::Pages;
use pool::Pool;
use session::{Servers, Setup};
use sqlx::postgres::PgConnection;
use statements::Statements;
use std::sync::Arc;

/// Payments in PostgreSQL.
///
/// Lost connections are replaced as they are needed; while the server is away every operation fails with
/// [`Error::Unavailable`] within about a second.
#[derive(Debug)]
pub struct Postgres {
    pool: Arc<Pool>,
    statements: Arc<Statements>,
    fetcher: Fetcher,
    lister: Lister,
}

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
        let order = Order::new(&mut first.connection, &options.table).await;
        let order = order.map_err(|error| connection::refuse(&address, error))?;
        // Not one of the pool's, because a failed migration keeps its lock until the connection is closed.
        first.close().await;

        let servers = Servers::new(address.servers, Setup::new(options.statement_timeout(), watches_client));
        let pool = Arc::new(Pool::new(servers, options.max_connections, options.patience()));
        let statements = Arc::new(Statements::new(&options.table, &order.gate()));
        let fetcher = Fetcher::new(&pool, &statements);
        let lister = Lister::new(&pool, Pages::new(&options.table), order);
        Ok(Self { pool, statements, fetcher, lister })
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
        id: &PaymentId,
        expected: Version,
    ) -> Result<(), Error> {
        match self.statements.look(connection, id).await? {
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
        self.pool.close().await;
    }
}

impl Repo for Postgres {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        let payment = payment.into_payment();
        let create = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match self.statements.create(connection, &payment).await {
                    Err(error) if repeats.allow(&error) => {}
                    created => return created,
                }
            }
        };
        if self.pool.run(Lane::Writes, create).await? { Ok(payment) } else { Err(Error::AlreadyExists) }
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.fetcher.fetch(id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lister.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        let update = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match self.statements.update(connection, id, expected, &change).await {
                    Ok(Some(times)) => return Ok(times),
                    Ok(None) => self.ensure_refused(connection, id, expected).await?,
                    Err(error) if repeats.allow(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        };
        // The statement applied the same rule to the times, so this one is no earlier.
        let (created_on, modified_on) = self.pool.run(Lane::Writes, update).await?;
        change.apply(id.clone(), expected, created_on, modified_on)
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        let delete = async |connection: &mut PgConnection| {
            let mut repeats = Repeats::new();
            loop {
                match self.statements.delete(connection, id, expected).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => self.ensure_refused(connection, id, expected).await?,
                    Err(error) if repeats.allow(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        };
        self.pool.run(Lane::Writes, delete).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.pool.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        let (payments, deleted) =
            self.pool.run(Lane::Lists, async |connection| self.statements.count(connection).await).await?;
        Ok(Info { repo: "postgres", payments, deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.pool.run(Lane::Writes, async |connection| self.statements.clear(connection).await).await
    }
}
