//! The options of the store, and the URI that names them.

use super::{Sqlite, backup, erasing, moving};
use crate::repo::{
    BackupError, EraseError, Erased, Erasure, MoveError, MoveReport, OpenError, StoreOptions, TableName, UriForm,
};
use percent_encoding::percent_decode_str;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to open the store.
#[derive(Debug, Clone, Default)]
pub struct SqliteOptions {
    /// The database file, created if there is none; its directory must exist. `None`: in memory, gone with the process.
    pub path: Option<PathBuf>,
    /// Whether a file that is not there is refused, and not created.
    pub must_exist: bool,
    /// The name of the table.
    pub table: TableName,
    /// A directory of migrations to apply instead of the embedded ones.
    pub migrations: Option<PathBuf>,
}

impl StoreOptions for SqliteOptions {
    type Store = Sqlite;

    fn from_uri(uri: Option<&str>, table: TableName, migrations: Option<PathBuf>) -> Result<Self, UriForm> {
        let refused = UriForm {
            form: "sqlite://PATH, percent-encoded, with ?mode=rwc, rw or memory at most,",
            example: "sqlite://payments.db",
        };
        let (path, must_exist) = uri.map_or(Some((None, false)), read_uri).ok_or(refused)?;
        Ok(Self { path, must_exist, table, migrations })
    }

    async fn open(self, _request_timeout: Duration) -> Result<Sqlite, OpenError> {
        Sqlite::open(self).await
    }

    async fn migrate(self) -> Result<(), OpenError> {
        Sqlite::migrate(self).await
    }

    async fn move_to_tenants(self, progress: fn(&MoveReport)) -> Result<MoveReport, MoveError> {
        moving::move_to_tenants(self, progress).await
    }

    async fn erase(self, erasure: Erasure) -> Result<Erased, EraseError> {
        erasing::erase(self, erasure).await
    }

    async fn back_up(self, to: &Path) -> Result<u64, BackupError> {
        backup::back_up(&self, to).await
    }
}

/// Reads an address as sqlx and SQLite do (<https://www.sqlite.org/uri.html>): the path, which is `None` for a database in
/// memory, and whether the file must exist. `None` for an address that is none, or asks for what the store does not do.
///
/// Without a mode, a file that is not there is created.
fn read_uri(uri: &str) -> Option<(Option<PathBuf>, bool)> {
    let rest = uri.strip_prefix("sqlite://").or_else(|| uri.strip_prefix("sqlite:"))?;
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let mode = match parameters {
        "" | "mode=rwc" => Mode::CreateMissing,
        "mode=rw" => Mode::MustExist,
        "mode=memory" => Mode::Memory,
        _ => return None,
    };
    let path = percent_decode_str(path).decode_utf8().ok()?;
    match (&*path, mode) {
        (":memory:", _) | (_, Mode::Memory) => Some((None, false)),
        ("", _) => None,
        (path, mode) => Some((Some(path.into()), mode == Mode::MustExist)),
    }
}

/// The parameter `mode` of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    CreateMissing,
    MustExist,
    Memory,
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
            (Some("sqlite:payments.db"), Some("SQLite in payments.db")),
            (Some("sqlite://payments.db?mode=rwc"), Some("SQLite in payments.db")),
            (Some("sqlite://payments.db?mode=rw"), Some("SQLite in payments.db")),
            (Some("sqlite://payments.db?"), Some("SQLite in payments.db")),
            (Some("sqlite://my%20pay%3Fments.db"), Some("SQLite in my pay?ments.db")),
            (Some("sqlite://100%.db"), Some("SQLite in 100%.db")),
            (Some("sqlite://payments.db?mode=memory"), Some("SQLite in memory")),
            (Some("sqlite://?mode=memory"), Some("SQLite in memory")),
            (Some("sqlite://:memory:"), Some("SQLite in memory")),
            (Some("sqlite://"), None),
            (Some("sqlite:"), None),
            (Some("sqlite://?mode=rwc"), None),
            (Some("sqlite://payments.db?mode=ro"), None),
            (Some("sqlite://payments.db?mode=rwc&mode=ro"), None),
            (Some("sqlite://payments.db?cache=shared"), None),
            (Some("sqlite://payments.db?vfs=unix"), None),
            (Some("sqlite://pay%ffments.db"), None),
            (Some("payments.db"), None),
            (Some("postgres://localhost/payments"), None),
        ] {
            let options = SqliteOptions::from_uri(uri, TableName::default(), None);
            assert_eq!(options.ok().map(|options| options.to_string()).as_deref(), shown, "{uri:?}");
        }
    }
}
