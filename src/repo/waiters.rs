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

/// The kinds of error that callers share. The refusal of a write is for one caller, and becomes an internal error.
#[derive(Clone, Copy)]
enum Kind {
    NotFound,
    Expired,
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
        Error::NotFound => (Kind::NotFound, Arc::new(error)),
        Error::Expired => (Kind::Expired, Arc::new(error)),
        other @ (Error::AlreadyExists | Error::VersionConflict { .. }) => (Kind::Internal, Arc::new(other)),
    };
    move || {
        let source = Box::new(Arc::clone(&source));
        match kind {
            Kind::NotFound => Error::NotFound,
            Kind::Expired => Error::Expired,
            Kind::Overloaded => Error::Overloaded,
            Kind::Unavailable => Error::Unavailable(source),
            Kind::Internal => Error::Internal(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer_all;
    use crate::payments::Error;
    use tokio::sync::oneshot;

    #[test]
    fn an_error_stays_what_it_is_for_all() {
        let errors: [fn() -> Error; 5] = [
            || Error::NotFound,
            || Error::Expired,
            || Error::Overloaded,
            || Error::Unavailable("away".into()),
            || Error::Internal("broken".into()),
        ];
        for error in errors {
            let (waiters, answers): (Vec<_>, Vec<_>) = (0..2).map(|_| oneshot::channel::<Result<(), _>>()).unzip();
            answer_all(waiters, Err(error()));
            for mut answer in answers {
                let shared = answer.try_recv().unwrap().unwrap_err();
                assert_eq!(std::mem::discriminant(&shared), std::mem::discriminant(&error()), "{shared:?}");
            }
        }
    }
}
