//! Waiters: callers that wait for a result that other callers may wait for too.

use crate::payments::Error;
use std::{error::Error as StdError, sync::Arc};
use tokio::sync::oneshot;

/// The channel on which one caller waits for its result. It is closed when the caller has gone away.
pub(super) type Waiter<T> = oneshot::Sender<Result<T, Error>>;

/// Sends the same result to all `waiters`; those that have gone away miss it.
pub(super) fn answer_all<T: Clone>(waiters: Vec<Waiter<T>>, result: Result<T, Error>) {
    match result {
        Ok(value) => waiters.into_iter().for_each(|waiter| drop(waiter.send(Ok(value.clone())))),
        Err(error) => {
            let copy = copies(error);
            waiters.into_iter().for_each(|waiter| drop(waiter.send(Err(copy()))));
        }
    }
}

/// The kinds of error that callers share. A refusal by the rules is for one caller, and becomes an internal error.
#[derive(Clone, Copy)]
enum Kind {
    Overloaded,
    Unavailable,
    Internal,
}

/// Makes copies of `error`, which share its source, because errors cannot be cloned.
fn copies(error: Error) -> impl Fn() -> Error {
    let (kind, source): (_, Arc<dyn StdError + Send + Sync>) = match error {
        Error::Unavailable(source) => (Kind::Unavailable, source.into()),
        Error::Internal(source) => (Kind::Internal, source.into()),
        Error::Overloaded => (Kind::Overloaded, Arc::new(error)),
        other @ (Error::NotFound | Error::AlreadyExists | Error::VersionConflict { .. }) => {
            (Kind::Internal, Arc::new(other))
        }
    };
    move || {
        let source = Box::new(Arc::clone(&source));
        match kind {
            Kind::Overloaded => Error::Overloaded,
            Kind::Unavailable => Error::Unavailable(source),
            Kind::Internal => Error::Internal(source),
        }
    }
}
