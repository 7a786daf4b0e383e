//! Payments in PostgreSQL: any number of processes share one database.
//!
//! Every operation is one statement that commits by itself, so nothing is ever half done, even when a caller goes away.
//! Fetches by id that come at the same time share a statement.

mod connection;
mod failure;
mod fetcher;
mod lister;
mod options;
mod order;
mod pool;
mod schema;
mod statements;

use super::migrations::{Migrations, WhenNewer};
use super::{Backend, MetricsError, OpenError, Registry};
use crate::payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version};
use fetcher::Fetcher;
use lister::Lister;
pub use options::PostgresOptions;
use order::Order;
use pool::Pool;
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
    /// [`OpenError::Url`], [`OpenError::Connect`], [`OpenError::Migrations`], [`OpenError::Migrate`].
    pub async fn connect(options: PostgresOptions) -> Result<Self, OpenError> {
        let server = connection::settings(&options.url)?;
        let mut first = connection::open(&server).await?;
        apply_migrations(&mut first, &options, WhenNewer::Ignore).await?;
        let order = Order::new(&mut first, &options.table).await;
        let order = order.map_err(|error| connection::refuse(&server, error))?;
        // Not one of the pool's, because a failed migration keeps its lock until the connection is closed.
        connection::close(&server, first).await?;

        let pool = Arc::new(Pool::new(&server, options.max_connections));
        let statements = Arc::new(Statements::new(&options.table, &order.gate()));
        let fetcher = Fetcher::new(&pool, &statements);
        let lister = Lister::new(&pool, &statements, order);
        Ok(Self { pool, statements, fetcher, lister })
    }

    /// Connects, brings the schema up to date, and disconnects.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect), and [`OpenError::NewerSchema`].
    pub async fn migrate(options: PostgresOptions) -> Result<(), OpenError> {
        let server = connection::settings(&options.url)?;
        let mut only = connection::open(&server).await?;
        apply_migrations(&mut only, &options, WhenNewer::Refuse).await?;
        connection::close(&server, only).await
    }
}

async fn apply_migrations(
    connection: &mut PgConnection,
    options: &PostgresOptions,
    when_newer: WhenNewer,
) -> Result<(), OpenError> {
    let PostgresOptions { url: _, table, migrations, max_connections: _ } = options;
    let migrations = Migrations { table, directory: migrations.as_deref(), embedded: schema::MIGRATIONS };
    migrations.apply(connection, when_newer).await
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
        match self.pool.run(async |connection| self.statements.create(connection, &payment).await).await? {
            true => Ok(payment),
            false => Err(Error::AlreadyExists),
        }
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.fetcher.fetch(id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.lister.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        let update = async |connection: &mut PgConnection| match self
            .statements
            .update(connection, id, expected, &change)
            .await?
        {
            Some(created_on) => Ok(created_on),
            None => Err(Error::conflict_or_missing(expected, self.statements.look(connection, id).await?)),
        };
        let created_on = self.pool.run(update).await?;
        change.apply(id.clone(), expected, created_on)
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        let delete =
            async |connection: &mut PgConnection| match self.statements.delete(connection, id, expected).await? {
                true => Ok(()),
                false => Err(Error::conflict_or_missing(expected, self.statements.look(connection, id).await?)),
            };
        self.pool.run(delete).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.pool.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        let (payments, deleted) = self.pool.run(async |connection| self.statements.count(connection).await).await?;
        Ok(Info { repo: "postgres", payments, deleted })
    }

    async fn clear(&self) -> Result<(), Error> {
        self.pool.run(async |connection| self.statements.clear(connection).await).await
    }
}
