//! What can go wrong when a payment is read or written.

use super::Version;

/// Why an operation of the store failed. Each method of [`Repo`](super::Repo) names those it can return.
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
    /// The event after which a page was to begin is not kept any more, or is not the one that it was: the store was emptied or
    /// restored since.
    #[error("the place in the order of events is gone")]
    Expired,
    /// The call waited too long for its turn, because this process has more calls than its store takes at once. Nothing has
    /// changed, and nothing is wrong with the store: a later attempt may succeed.
    #[error("the store has too much to do")]
    Overloaded,
    /// The store cannot be reached, or is in trouble; a later attempt may succeed. Nothing has changed, unless the answer to
    /// a commit was lost on the way.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store did what it never should: a defect of ours, or rows that another program wrote.
    #[error("the store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Why a write that expects version `expected` found nothing to write to, when another look finds the payment at
    /// `current`; `None` if it is absent or deleted.
    ///
    /// A store in which other writes may come between the two looks must write again if the payment is at `expected` by
    /// then: an older version may have been there all the time.
    #[must_use]
    pub fn conflict_or_missing(expected: Version, current: Option<Version>) -> Self {
        match current {
            Some(current) if current != expected => Self::VersionConflict { current },
            // At the expected version: there was no payment at the first look, and nobody came between but its creator.
            Some(_) | None => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Version};

    #[test]
    fn a_write_conflicts_with_another_version_only() {
        let version = |number| Version::parse(number).unwrap();
        let refused = |current| Error::conflict_or_missing(version(3), current);
        assert!(matches!(refused(None), Error::NotFound));
        assert!(matches!(refused(Some(version(4))), Error::VersionConflict { current } if current == version(4)));
        assert!(matches!(refused(Some(version(3))), Error::NotFound), "it appeared after the write had looked");
    }
}
