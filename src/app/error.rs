//! Why the service does not start, and why a command of the program fails.

use crate::repo::{BackupError, EraseError, MoveError, OpenError};
use std::{io, time::Duration};

/// Why the service does not start. Each error is one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings contradict each other.
    #[error("{0}")]
    Config(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The store was not open in time.
    #[error(
        "the store was not open within {} s: look for what holds a lock on its tables (pg_locks in PostgreSQL); for a migration \
         that takes long, run `payments migrate` first, or wait for longer with --start-timeout, for example --start-timeout 300",
        after.as_secs()
    )]
    StoreTimedOut {
        /// The time that a start has.
        after: Duration,
    },
    /// The store cannot be backed up.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Payments cannot be moved to their tenants.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// A payment cannot be erased.
    #[error(transparent)]
    Erase(#[from] EraseError),
    /// A metric cannot be registered: a defect of ours.
    #[error("cannot set up metrics: {0}; start without --metrics, and tell us")]
    Metrics(#[from] prometheus::Error),
    /// The file with the keys of the issuer cannot be used.
    #[error("{0}; --auth-jwks names a JWK set, as the issuer serves it at its jwks_uri")]
    Keys(String),
    /// The address cannot be bound.
    #[error("cannot listen at {address}: {source}; choose another with {flag}, for example {flag} :8082")]
    Listen {
        /// The flag that names the address.
        flag: &'static str,
        /// The address.
        address: String,
        /// The error of the system.
        source: io::Error,
    },
}
