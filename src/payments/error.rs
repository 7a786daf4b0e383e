//! What can go wrong when a payment is asked for or changed.

use super::Version;

/// Why the store could not do what it was asked to. Each operation of [`Repo`](super::Repo) names those it can return.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No payment has this id, or it was deleted.
    #[error("no such payment")]
    NotFound,
    /// The id was used before, perhaps by a payment that has since been deleted.
    #[error("the id is taken")]
    AlreadyExists,
    /// The payment is at another version than the caller expects.
    #[error("the payment is at version {current}")]
    VersionConflict {
        /// The version that it is at.
        current: Version,
    },
    /// The store cannot be reached, or is too busy; trying again later may help. Nothing has changed, unless the answer
    /// to a commit was lost on the way.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store did what it never should. Our fault.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}
