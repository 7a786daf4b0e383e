//! The options of the store, and the URI that names them.

use super::Postgres;
use crate::repo::{OpenError, StoreOptions, TableName, UriForm};
use std::fmt;
use std::path::PathBuf;

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
}

impl PostgresOptions {
    /// The default number of connections: enough to let the server commit many writes at once, few enough that a handful of
    /// replicas stay below the server's default limit of 100.
    pub const MAX_CONNECTIONS: u32 = 16;
}

impl StoreOptions for PostgresOptions {
    type Store = Postgres;

    fn from_uri(uri: Option<&str>, table: TableName, migrations: Option<PathBuf>) -> Result<Self, UriForm> {
        let is_ours = |uri: &&str| uri.starts_with("postgres://") || uri.starts_with("postgresql://");
        let url = uri.filter(is_ours).ok_or(UriForm {
            form: "postgres://USER:PASSWORD@HOST/DATABASE",
            example: "postgres://payments@localhost/payments",
        })?;
        Ok(Self { url: url.to_owned(), table, migrations, max_connections: Self::MAX_CONNECTIONS })
    }

    async fn open(self) -> Result<Postgres, OpenError> {
        Postgres::connect(self).await
    }

    async fn migrate(self) -> Result<(), OpenError> {
        Postgres::migrate(self).await
    }
}

impl fmt::Display for PostgresOptions {
    /// Leaves user, password and parameters out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, address) = self.url.split_once("://").unwrap_or_default();
        let address = address.split('?').next().unwrap_or_default();
        write!(f, "PostgreSQL at {}", address.rsplit_once('@').map_or(address, |(_, place)| place))
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, table, migrations, max_connections } = self;
        // Without the URL, which may hold a password.
        f.debug_struct("PostgresOptions")
            .field("table", table)
            .field("migrations", migrations)
            .field("max_connections", max_connections)
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
            (Some("postgresql://db/pay"), Some("PostgreSQL at db/pay")),
            (Some("postgres:///pay?host=/run&password=secret"), Some("PostgreSQL at /pay")),
            (Some("sqlite://payments.db"), None),
            (None, None),
        ] {
            let options = PostgresOptions::from_uri(uri, TableName::default(), None);
            assert_eq!(options.ok().map(|options| options.to_string()).as_deref(), shown, "{uri:?}");
        }
    }
}
