//! Payments in PostgreSQL: any number of processes share one database.
//!
//! Every operation is one statement that commits by itself, so nothing is ever half done, whoever goes away. Those who
//! fetch a payment by id at the same time share one.

mod failure;
mod fetcher;
mod order;
mod pool;
mod statements;

use super::row::{page, refusal, to_microseconds, updated};
use super::{OpenError, TableName, migrations};
use crate::payments::{
    Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Position, Repo, Snapshot, Version,
};
use fetcher::Fetcher;
use order::Order;
use pool::Pool;
use prometheus::Registry;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use statements::Statements;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a start waits for the server, which may be starting too.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) const MIGRATIONS: &[migrations::Embedded] =
    &[(1, "payments", include_str!("../../../schema/postgres/0001_payments.sql"))];

/// Where the payments are kept.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The server and the database: `postgres://user:password@host:port/database`, and what else libpq knows of, as
    /// `?sslmode=require`.
    pub url: String,
    /// The name of the table.
    pub table: TableName,
    /// A directory of migrations to run instead of the embedded ones.
    pub migrations: Option<PathBuf>,
    /// The most connections that this process opens for payments; one more is for [`Repo::check`].
    pub max_connections: u32,
}

impl PostgresOptions {
    /// The usual number of connections: enough to let the server commit many at once, few enough that a handful of
    /// replicas stay below its usual limit of 100.
    pub const MAX_CONNECTIONS: u32 = 16;
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { url: _, table, migrations, max_connections } = self;
        // Without the URL: it may hold a password.
        f.debug_struct("PostgresOptions")
            .field("table", table)
            .field("migrations", migrations)
            .field("max_connections", max_connections)
            .finish_non_exhaustive()
    }
}

/// Payments in PostgreSQL.
///
/// Lost connections are replaced as they are needed; while the server is away every operation fails with
/// [`Error::Unavailable`] within about a second.
#[derive(Debug)]
pub struct Postgres {
    pool: Arc<Pool>,
    statements: Arc<Statements>,
    fetcher: Fetcher,
    order: Order,
}

impl Postgres {
    /// Connects, and brings the schema up to date.
    ///
    /// # Errors
    /// [`OpenError::Url`], [`OpenError::Connect`], [`OpenError::Migrations`], [`OpenError::Migrate`].
    pub async fn connect(options: PostgresOptions) -> Result<Self, OpenError> {
        let PostgresOptions { url, table, migrations: directory, max_connections } = options;
        let server: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| OpenError::Url(error.into()))?;
        let server = match server.get_application_name() {
            Some(_) => server,
            None => server.application_name("payments"),
        };
        let server = server.disable_statement_logging();
        let refuse = |source| OpenError::Connect { server: name(&server), source };

        let connecting = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&server)).await;
        let mut connection = match connecting {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(refuse(error.into())),
            Err(_) => return Err(refuse("no answer for 10 seconds".into())),
        };
        migrations::run(&mut connection, &table, directory.as_deref(), MIGRATIONS).await?;
        let order = Order::new(&mut connection, &table).await.map_err(|error| refuse(error.into()))?;
        // A connection of its own, closed here, because a failed migration leaves its lock behind.
        connection.close().await.map_err(|error| refuse(error.into()))?;

        let pool = Arc::new(Pool::new(&server, max_connections));
        let statements = Arc::new(Statements::new(&table, &order.gate()));
        let fetcher = Fetcher::new(&pool, &statements);
        Ok(Self { pool, statements, fetcher, order })
    }

    /// Gives `registry` what becomes of the connections.
    ///
    /// # Errors
    /// When it has that already.
    pub fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        self.pool.measure(registry)
    }

    /// Waits for what is under way, refuses what comes after, and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// The server as a message may show it: without user and password.
fn name(server: &PgConnectOptions) -> String {
    let database = server.get_database().unwrap_or(server.get_username());
    match server.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", server.get_host(), server.get_port()),
    }
}

impl Repo for Postgres {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        let NewPayment { id, organisation_id, attributes, created_on } = payment;
        let now = to_microseconds(created_on);
        let payment =
            Payment { id, version: Version::FIRST, organisation_id, attributes, created_on: now, modified_on: now };
        match self.pool.run(async |connection| self.statements.create(connection, &payment).await).await? {
            true => Ok(payment),
            false => Err(Error::AlreadyExists),
        }
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.fetcher.fetch(id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        // Before the page is read: what was not settled then may have been on its way past us.
        let settled = self.order.settled();
        let list = async |up_to| {
            self.pool.run(async |connection| self.statements.list(connection, start, size, up_to).await).await
        };
        let rows = list(i64::MAX).await?;
        let empty = match start {
            PageStart::Offset(_) => None,
            PageStart::After(Position(after)) => Some(after),
            PageStart::Before(Position(before)) => Some(before.saturating_sub(1)),
        };
        match (rows.last().map(|row| row.seq), empty) {
            (Some(last), _) if last <= settled => Ok(page(rows, last)),
            (None, Some(end)) => Ok(page(rows, end)),
            (shown, empty) => {
                let settled = self.order.settle(&self.pool, shown).await?;
                let rows = list(settled).await?;
                Ok(page(rows, empty.unwrap_or(settled)))
            }
        }
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        let change = Change { modified_on: to_microseconds(change.modified_on), ..change };
        let update = async |connection: &mut PgConnection| match self
            .statements
            .update(connection, id, expected, &change)
            .await?
        {
            Some(created_on) => Ok(created_on),
            None => Err(refusal(expected, self.statements.look(connection, id).await?)),
        };
        let created_on = self.pool.run(update).await?;
        updated(id.clone(), expected, change, created_on)
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        let delete =
            async |connection: &mut PgConnection| match self.statements.delete(connection, id, expected).await? {
                true => Ok(()),
                false => Err(refusal(expected, self.statements.look(connection, id).await?)),
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
