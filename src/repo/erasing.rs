//! Erasing a payment: its content and the names of those who wrote it are blanked in all versions, and everything else stays.
//!
//! Histories and feeds go on showing that there were these versions, when they were written, and by which requests. The erasure
//! makes a version of its own, the last, so that consumers of the feed learn of it and erase their copies.

use super::OpenError;
use crate::payments::{PaymentId, Tenant, Timestamp};
use std::fmt;

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose payment it is.
    pub tenant: Tenant,
    /// The payment, which may have been deleted.
    pub id: PaymentId,
    /// Now.
    pub erased_on: Timestamp,
}

/// What came of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// So many versions were blanked.
    Versions(u64),
    /// There was nothing to do: the payment was erased before.
    Before,
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Versions(versions) => write!(f, "erased in {versions} versions"),
            Self::Before => f.write_str("was erased before"),
        }
    }
}

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The tenant never had the payment.
    #[error("{tenant} has no payment {id}, and never had: name its organisation with --organisation")]
    NotFound {
        /// The tenant.
        tenant: Tenant,
        /// The payment.
        id: PaymentId,
    },
    /// A statement failed, and nothing has changed.
    #[error("cannot erase the payment {id}: {source}; nothing has changed, run the command again")]
    Failed {
        /// The payment.
        id: PaymentId,
        /// What went wrong.
        source: sqlx::Error,
    },
}
