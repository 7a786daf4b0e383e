//! Jobs: the writes that are queued, and their replies.

use super::cache::Committed;
use crate::payments::{Change, Deletion, Error, Origin, Payment, Tenant, Timestamp, Version};
use crate::repo::key::{Key, KeyRef};
use crate::repo::waiters::Waiter;
use tokio::sync::oneshot;

/// A write, and the caller that waits for its outcome.
#[derive(Debug)]
pub(super) enum Job {
    Create(Tenant, Payment, Origin, Waiter<Payment>),
    Update(Key, Version, Change, Waiter<Payment>),
    Delete(Key, Version, Deletion, Waiter<()>),
    Clear(Waiter<()>),
    /// Ends the writer: no job is accepted any more, and the reply comes after those of all earlier jobs.
    Finish(oneshot::Sender<()>),
}

/// A creation, as statements want it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Creation<'j> {
    pub(super) tenant: &'j Tenant,
    pub(super) payment: &'j Payment,
    pub(super) origin: &'j Origin,
}

/// An update, as statements want it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Update<'j> {
    pub(super) key: &'j Key,
    pub(super) expected: Version,
    pub(super) change: &'j Change,
}

/// A change of a payment that is at the expected version, last modified on `modified_before`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DueUpdate<'j> {
    pub(super) update: Update<'j>,
    pub(super) modified_before: Timestamp,
}

/// What becomes of a job if its transaction is committed.
pub(super) enum Outcome {
    Done,
    Updated { created_on: Timestamp, modified_before: Timestamp },
}

/// The outcomes of several jobs, in their order.
pub(super) type Outcomes = Vec<Result<Outcome, Error>>;

/// A job that is done, and what to tell its caller.
pub(super) enum Reply {
    Created(Tenant, Result<Payment, Error>, Waiter<Payment>),
    Updated(Tenant, Result<Payment, Error>, Waiter<Payment>),
    Deleted(Key, Result<(), Error>, Waiter<()>),
    Cleared(Result<(), Error>, Waiter<()>),
    Finished(oneshot::Sender<()>),
}

/// The tenants whose events a job has changed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Affected<'r> {
    One(&'r Tenant),
    All,
}

impl Job {
    /// The order in which the jobs of a transaction are done. Jobs that can share statements stand together: a statement is
    /// about one table.
    pub(super) fn rank(&self) -> (u8, bool) {
        match self {
            Self::Create(tenant, ..) => (0, tenant.is_anonymous()),
            Self::Update(key, ..) => (1, key.tenant.is_anonymous()),
            Self::Delete(..) => (2, false),
            Self::Clear(_) => (3, false),
            Self::Finish(_) => (4, false),
        }
    }

    /// The creation, if the job is one.
    pub(super) fn creation(&self) -> Option<Creation<'_>> {
        match self {
            Self::Create(tenant, payment, origin, _) => Some(Creation { tenant, payment, origin }),
            Self::Update(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The update, if the job is one.
    pub(super) fn update(&self) -> Option<Update<'_>> {
        match self {
            Self::Update(key, expected, change, _) => Some(Update { key, expected: *expected, change }),
            Self::Create(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The payment that the job updates or deletes.
    pub(super) fn changed(&self) -> Option<KeyRef<'_>> {
        match self {
            Self::Update(key, ..) | Self::Delete(key, ..) => Some(key.borrow()),
            Self::Create(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The reply, now that the outcome is certain.
    pub(super) fn settle(self, outcome: Result<Outcome, Error>) -> Reply {
        match self {
            Self::Create(tenant, payment, _, waiter) => Reply::Created(tenant, outcome.map(|_| payment), waiter),
            Self::Update(Key { id, tenant }, expected, change, waiter) => {
                let updated = outcome.and_then(|outcome| match outcome {
                    Outcome::Updated { created_on, modified_before } => {
                        change.apply(id, expected, created_on, modified_before)
                    }
                    Outcome::Done => Err(Error::Internal("an update has no outcome".into())),
                });
                Reply::Updated(tenant, updated, waiter)
            }
            Self::Delete(key, _, _, waiter) => Reply::Deleted(key, outcome.map(|_| ()), waiter),
            Self::Clear(waiter) => Reply::Cleared(outcome.map(|_| ()), waiter),
            Self::Finish(finished) => Reply::Finished(finished),
        }
    }
}

impl Reply {
    /// The change that the cache has to follow, if there is one.
    pub(super) fn committed(&self) -> Option<Committed<'_>> {
        match self {
            Self::Updated(tenant, Ok(payment), _) => {
                Some(Committed::Updated(KeyRef { id: &payment.id, tenant }, payment))
            }
            Self::Deleted(key, Ok(()), _) => Some(Committed::Deleted(key.borrow())),
            Self::Cleared(Ok(()), _) => Some(Committed::Cleared),
            Self::Created(..)
            | Self::Updated(_, Err(_), _)
            | Self::Deleted(_, Err(_), _)
            | Self::Cleared(Err(_), _)
            | Self::Finished(_) => None,
        }
    }

    /// Whose events there are more of.
    pub(super) fn news(&self) -> Option<Affected<'_>> {
        match self {
            Self::Created(tenant, Ok(_), _) | Self::Updated(tenant, Ok(_), _) => Some(Affected::One(tenant)),
            Self::Deleted(key, Ok(()), _) => Some(Affected::One(&key.tenant)),
            Self::Cleared(Ok(()), _) => Some(Affected::All),
            Self::Created(_, Err(_), _)
            | Self::Updated(_, Err(_), _)
            | Self::Deleted(_, Err(_), _)
            | Self::Cleared(Err(_), _)
            | Self::Finished(_) => None,
        }
    }

    /// Sends the reply to the caller, which misses it if it has gone away.
    pub(super) fn send(self) {
        match self {
            Self::Created(_, stored, waiter) | Self::Updated(_, stored, waiter) => {
                let _ = waiter.send(stored);
            }
            Self::Deleted(_, done, waiter) | Self::Cleared(done, waiter) => {
                let _ = waiter.send(done);
            }
            Self::Finished(finished) => {
                let _ = finished.send(());
            }
        }
    }
}
