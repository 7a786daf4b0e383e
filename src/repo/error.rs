//! Why a store could not be opened, migrated or backed up.

use std::path::PathBuf;

/// Why a store could not be opened or migrated: one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the file open.
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
        /// The error of the system or of SQLite.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file has more than one name. Another program could open it by another one, with another write-ahead log.
    #[error(
        "{} has {names} names (hard links), so another program could open it beside this one: remove all but one, or copy the \
         file and name the copy with --repo-uri", path.display()
    )]
    Linked {
        /// The file.
        path: PathBuf,
        /// How many names it has.
        names: u64,
    },
    /// The database in memory cannot be opened.
    #[error("cannot open a database in memory: {0}")]
    Memory(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The URL cannot be parsed.
    #[error("--repo-uri is not the address of a PostgreSQL server: {0}; a good one is postgres://user@host/database")]
    Url(&'static str),
    /// A pooler before the server shares sessions among connections.
    #[error(
        "the pooler at {server} shares a session of PostgreSQL among connections; let it keep a session for each connection \
         (PgBouncer: pool_mode = session), or name the server itself with --repo-uri"
    )]
    Pooler {
        /// The host, port and database.
        server: String,
    },
    /// The server cannot be reached, or refuses the connection.
    #[error("cannot connect to PostgreSQL at {server}: {source}; start it, or name another with --repo-uri")]
    Connect {
        /// The host, port and database; never the password.
        server: String,
        /// The error of the system or of the server.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The directory of migrations cannot be read, or has none.
    #[error("cannot read migrations from {}: {source}; --repo-migrations must name a directory like those in schema/", path.display())]
    Migrations {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The schema could not be brought up to date.
    #[error(
        "cannot bring the table {table} up to date: {source}; run the release that used it last, or check --repo-migrations"
    )]
    Migrate {
        /// The name of the table.
        table: String,
        /// What went wrong.
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The secret of the store cannot be read or written.
    #[error(
        "cannot read the secret in the table {table}_secrets: {source}; if the table is missing, --repo-migrations names a directory \
         that lacks a file of schema/: copy it there"
    )]
    Secret {
        /// The name of the table of payments.
        table: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A migration was begun and not finished.
    #[error(
        "migration {migration} of the table {table} was begun and not finished; repair the table by hand, and delete the row of \
         the migration from {table}_migrations"
    )]
    Unfinished {
        /// The name of the table.
        table: String,
        /// The migration.
        migration: i64,
    },
    /// The database is in memory.
    #[error("a store in memory has nothing to migrate; name a file, for example --repo-uri sqlite://payments.db")]
    NothingToMigrate,
    /// A newer release has migrated the schema. Only a migration is refused for that; to serve, a program works with it.
    #[error(
        "the table {table} is newer than this program: it has migration {migration}, which this program does not know; \
         run `payments migrate` of the release that brought it, or name its migrations with --repo-migrations"
    )]
    NewerSchema {
        /// The name of the table.
        table: String,
        /// The first migration that is not known.
        migration: i64,
    },
}

/// Why a store could not be backed up: one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is in memory.
    #[error("a store in memory has nothing to back up; name its file, for example --repo-uri sqlite://payments.db")]
    NothingToBackUp,
    /// The store is backed up with a tool of its own.
    #[error("{store} has tools of its own for backups: {command}")]
    OtherTool {
        /// The store.
        store: &'static str,
        /// A command line that backs it up.
        command: &'static str,
    },
    /// The file that the copy is to have as its name is there.
    #[error("{} exists, and a backup overwrites nothing: name another file, or remove it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The database cannot be read.
    #[error("cannot back up {}: {source}; name a database of the service with --repo-uri", path.display())]
    Source {
        /// The database.
        path: PathBuf,
        /// The error of the system or of SQLite.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The copy cannot be written.
    #[error("cannot write the backup {}: {source}; name a file in a directory that this user may write", path.display())]
    Target {
        /// The copy.
        path: PathBuf,
        /// The error of the system.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
