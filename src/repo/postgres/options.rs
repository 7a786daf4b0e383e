//! The options of the store, and the URI that names them.

use super::address::Address;
use super::{Postgres, erasing, moving};
use crate::repo::{
    BackupError, EraseError, Erased, Erasure, MoveError, MoveReport, OpenError, StoreOptions, TableName, UriForm,
};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to open the store.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The server and the database: `postgres://user:password@host:port/database`, with parameters as libpq has them, such as
    /// `?sslmode=require`.
    pub url: String,
    /// The name of the table.
    pub table: TableName,
    /// A directory of migrations to apply instead of the embedded ones.
    pub migrations: Option<PathBuf>,
    /// The most connections that this process opens for payments; one more is for [`Repo::check`](crate::payments::Repo::check).
    pub max_connections: u32,
    /// How long a request may take. Calls wait for connections, and statements run, for parts of it.
    pub request_timeout: Duration,
}

impl PostgresOptions {
    /// The default number of connections: enough to let the server commit many writes at once, few enough that a handful of
    /// replicas stay below the server's default limit of 100.
    pub const MAX_CONNECTIONS: u32 = 16;

    /// Options for the server at `url`, with defaults for all else.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            table: TableName::default(),
            migrations: None,
            max_connections: Self::MAX_CONNECTIONS,
            request_timeout: Duration::from_secs(60),
        }
    }

    /// How long a call waits for others of this process: half of the request's time, and 5 s at most.
    pub(super) fn patience(&self) -> Duration {
        (self.request_timeout / 2).min(Duration::from_secs(5))
    }

    /// How long a statement may take: what is left of the request's time if the call has waited for as long as it may.
    pub(super) fn statement_timeout(&self) -> Duration {
        self.request_timeout - self.patience()
    }
}

impl StoreOptions for PostgresOptions {
    type Store = Postgres;

    fn from_uri(uri: Option<&str>, table: TableName, migrations: Option<PathBuf>) -> Result<Self, UriForm> {
        let is_ours = |uri: &&str| uri.starts_with("postgres://") || uri.starts_with("postgresql://");
        let url = uri.filter(is_ours).ok_or(UriForm {
            form: "postgres://USER:PASSWORD@HOST/DATABASE",
            example: "postgres://payments@localhost/payments",
        })?;
        Ok(Self { table, migrations, ..Self::at(url) })
    }

    async fn open(self, request_timeout: Duration) -> Result<Postgres, OpenError> {
        Postgres::connect(Self { request_timeout, ..self }).await
    }

    async fn migrate(self) -> Result<(), OpenError> {
        Postgres::migrate(self).await
    }

    async fn move_to_tenants(self, progress: fn(&MoveReport)) -> Result<MoveReport, MoveError> {
        moving::move_to_tenants(self, progress).await
    }

    async fn erase(self, erasure: Erasure) -> Result<Erased, EraseError> {
        erasing::erase(self, erasure).await
    }

    async fn back_up(self, _: &Path) -> Result<u64, BackupError> {
        Err(BackupError::OtherTool {
            store: "PostgreSQL",
            command: "pg_dump --format=custom --file=payments.dump payments",
        })
    }
}

impl fmt::Display for PostgresOptions {
    /// Leaves user, password and parameters out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Address::parse(&self.url) {
            Ok(address) => write!(f, "PostgreSQL at {address}"),
            Err(_) => f.write_str("PostgreSQL at an address that cannot be read"),
        }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, table, migrations, max_connections, request_timeout } = self;
        // Without the URL, which may hold a password.
        f.debug_struct("PostgresOptions")
            .field("table", table)
            .field("migrations", migrations)
            .field("max_connections", max_connections)
            .field("request_timeout", request_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::PostgresOptions;
    use crate::repo::{StoreOptions, TableName};

    #[test]
    fn a_uri_names_a_server_and_its_password_is_not_shown() {
        for (uri, shown) in [
            (
                Some("postgres://user:p@ss@db.example:5433/pay?sslmode=require"),
                Some("PostgreSQL at db.example:5433/pay"),
            ),
            (Some("postgresql://db/pay"), Some("PostgreSQL at db:5432/pay")),
            (Some("postgres:///pay?host=/run&password=secret"), Some("PostgreSQL at /run/pay")),
            (Some("postgres://user:p?ss@db/pay"), Some("PostgreSQL at an address that cannot be read")),
            (Some("sqlite://payments.db"), None),
            (None, None),
        ] {
            let options = PostgresOptions::from_uri(uri, TableName::default(), None);
            assert_eq!(options.ok().map(|options| options.to_string()).as_deref(), shown, "{uri:?}");
        }
    }
}
