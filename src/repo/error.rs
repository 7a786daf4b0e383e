//! Why a store could not be opened.

use std::path::PathBuf;

/// Why a store could not be opened: one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file belongs to another process.
    #[error("another process has {} open: stop it, or name another file with --repo-uri", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened or created, or is not a SQLite database.
    #[error("cannot open {}: {source}; name a file that this user may write with --repo-uri", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The in-memory database failed.
    #[error("cannot open a database in memory: {0}")]
    Memory(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The address of the server makes no sense.
    #[error("--repo-uri is not the address of a PostgreSQL server ({0}); a good one is postgres://user@host/database")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server cannot be reached, or refuses us.
    #[error("cannot connect to PostgreSQL at {server}: {source}; start it, or name another with --repo-uri")]
    Connect {
        /// The host, port and database; never the password.
        server: String,
        /// What the system or the server says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The directory of migrations is of no use.
    #[error("cannot read migrations from {}: {source}; --repo-migrations must name a directory like schema/sqlite3", path.display())]
    Migrations {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The schema could not be brought up to date.
    #[error("cannot migrate the table {table}: {source}")]
    Migrate {
        /// The name of the table.
        table: String,
        /// What went wrong.
        source: Box<sqlx::migrate::MigrateError>,
    },
}
