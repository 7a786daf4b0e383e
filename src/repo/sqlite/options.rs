//! The options of the store, and the URI that names them.

use super::{Sqlite, backup};
use crate::repo::{BackupError, OpenError, StoreOptions, TableName, UriForm};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to open the store.
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    /// The database file, created if there is none; its directory must exist. `None`: in memory, gone with the process.
    pub path: Option<PathBuf>,
    /// The name of the table.
    pub table: TableName,
    /// A directory of migrations to apply instead of the embedded ones.
    pub migrations: Option<PathBuf>,
}

impl StoreOptions for SqliteOptions {
    type Store = Sqlite;

    fn from_uri(uri: Option<&str>, table: TableName, migrations: Option<PathBuf>) -> Result<Self, UriForm> {
        let path = match uri {
            None | Some("sqlite::memory:" | "sqlite://:memory:") => None,
            Some(uri) => {
                let path = uri.strip_prefix("sqlite://").filter(|path| !path.is_empty());
                Some(path.ok_or(UriForm { form: "sqlite://PATH", example: "sqlite://payments.db" })?.into())
            }
        };
        Ok(Self { path, table, migrations })
    }

    async fn open(self, _request_timeout: Duration) -> Result<Sqlite, OpenError> {
        Sqlite::open(self).await
    }

    async fn migrate(self) -> Result<(), OpenError> {
        Sqlite::migrate(self).await
    }

    async fn back_up(self, to: &Path) -> Result<u64, BackupError> {
        backup::back_up(&self, to).await
    }
}

impl fmt::Display for SqliteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            None => f.write_str("SQLite in memory"),
            Some(path) => write!(f, "SQLite in {}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SqliteOptions;
    use crate::repo::{StoreOptions, TableName};

    #[test]
    fn a_uri_names_a_file_or_memory() {
        for (uri, shown) in [
            (None, Some("SQLite in memory")),
            (Some("sqlite::memory:"), Some("SQLite in memory")),
            (Some("sqlite://payments.db"), Some("SQLite in payments.db")),
            (Some("sqlite:///var/lib/payments.db"), Some("SQLite in /var/lib/payments.db")),
            (Some("sqlite://"), None),
            (Some("postgres://localhost/payments"), None),
        ] {
            let options = SqliteOptions::from_uri(uri, TableName::default(), None);
            assert_eq!(options.ok().map(|options| options.to_string()).as_deref(), shown, "{uri:?}");
        }
    }
}
