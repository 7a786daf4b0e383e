//! Answers for several who asked together.

use crate::payments::Error;
use std::{error::Error as StdError, sync::Arc};
use tokio::sync::oneshot;

/// Where to send what somebody asked for.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// Tells each of `together` the same. That some may have gone away meanwhile is no concern of ours.
pub(super) fn tell<T: Clone>(together: Vec<Answer<T>>, outcome: Result<T, Error>) {
    match outcome {
        Ok(value) => together.into_iter().for_each(|answer| drop(answer.send(Ok(value.clone())))),
        Err(error) => {
            let again = again(error);
            together.into_iter().for_each(|answer| drop(answer.send(Err(again()))));
        }
    }
}

/// The same error for each who asks.
fn again(error: Error) -> impl Fn() -> Error {
    let passes = matches!(error, Error::Unavailable(_));
    let source: Arc<dyn StdError + Send + Sync> = match error {
        Error::Unavailable(source) | Error::Internal(source) => source.into(),
        other @ (Error::NotFound | Error::AlreadyExists | Error::VersionConflict { .. }) => Arc::new(other),
    };
    move || {
        let source = Box::new(Arc::clone(&source));
        if passes { Error::Unavailable(source) } else { Error::Internal(source) }
    }
}
