//! Jobs: the writes that are queued, and their replies.

use super::cache::Committed;
use crate::payments::{Change, Error, Payment, PaymentId, Timestamp, Version};
use crate::repo::waiters::Waiter;
use tokio::sync::oneshot;

/// A write, and the caller that waits for its outcome.
#[derive(Debug)]
pub(super) enum Job {
    Create(Payment, Waiter<Payment>),
    Update(PaymentId, Version, Change, Waiter<Payment>),
    Delete(PaymentId, Version, Waiter<()>),
    Clear(Waiter<()>),
    /// Ends the writer: no job is accepted any more, and the reply comes after those of all earlier jobs.
    Finish(oneshot::Sender<()>),
}

/// An update, as statements want it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Update<'j> {
    pub(super) id: &'j PaymentId,
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
    Created(Result<Payment, Error>, Waiter<Payment>),
    Updated(Result<Payment, Error>, Waiter<Payment>),
    Deleted(PaymentId, Result<(), Error>, Waiter<()>),
    Cleared(Result<(), Error>, Waiter<()>),
    Finished(oneshot::Sender<()>),
}

impl Job {
    /// The order in which the jobs of a transaction are done. Jobs that can share statements stand together.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Create(..) => 0,
            Self::Update(..) => 1,
            Self::Delete(..) => 2,
            Self::Clear(_) => 3,
            Self::Finish(_) => 4,
        }
    }

    /// The payment to create, if the job is a creation.
    pub(super) fn creation(&self) -> Option<&Payment> {
        match self {
            Self::Create(payment, _) => Some(payment),
            Self::Update(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The update, if the job is one.
    pub(super) fn update(&self) -> Option<Update<'_>> {
        match self {
            Self::Update(id, expected, change, _) => Some(Update { id, expected: *expected, change }),
            Self::Create(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The payment that the job updates or deletes.
    pub(super) fn changed(&self) -> Option<&PaymentId> {
        match self {
            Self::Update(id, ..) | Self::Delete(id, ..) => Some(id),
            Self::Create(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The reply, now that the outcome is certain.
    pub(super) fn settle(self, outcome: Result<Outcome, Error>) -> Reply {
        match self {
            Self::Create(payment, waiter) => Reply::Created(outcome.map(|_| payment), waiter),
            Self::Update(id, expected, change, waiter) => {
                let updated = outcome.and_then(|outcome| match outcome {
                    Outcome::Updated { created_on, modified_before } => {
                        change.apply(id, expected, created_on, modified_before)
                    }
                    Outcome::Done => Err(Error::Internal("an update has no outcome".into())),
                });
                Reply::Updated(updated, waiter)
            }
            Self::Delete(id, _, waiter) => Reply::Deleted(id, outcome.map(|_| ()), waiter),
            Self::Clear(waiter) => Reply::Cleared(outcome.map(|_| ()), waiter),
            Self::Finish(finished) => Reply::Finished(finished),
        }
    }
}

impl Reply {
    /// The change that the cache has to follow, if there is one.
    pub(super) fn committed(&self) -> Option<Committed<'_>> {
        match self {
            Self::Updated(Ok(payment), _) => Some(Committed::Updated(payment)),
            Self::Deleted(id, Ok(()), _) => Some(Committed::Deleted(id)),
            Self::Cleared(Ok(()), _) => Some(Committed::Cleared),
            Self::Created(..)
            | Self::Updated(Err(_), _)
            | Self::Deleted(_, Err(_), _)
            | Self::Cleared(Err(_), _)
            | Self::Finished(_) => None,
        }
    }

    /// Sends the reply to the caller, which misses it if it has gone away.
    pub(super) fn send(self) {
        match self {
            Self::Created(stored, waiter) | Self::Updated(stored, waiter) => {
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
