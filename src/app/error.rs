//! Why the service does not start.

use crate::repo::OpenError;
use std::io;

/// Why the service does not start. Each error is one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings contradict each other.
    #[error("{0}")]
    Config(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// A metric cannot be registered: a defect of ours.
    #[error("cannot set up metrics: {0}; start without --metrics, and tell us")]
    Metrics(#[from] prometheus::Error),
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
