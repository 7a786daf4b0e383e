//! Why following ends.

use payments_client::{Error, Response, StatusCode, models::Problem};

/// The type of the problem of a cursor that leads nowhere.
const CURSOR_EXPIRED: &str = "/problems/cursor-expired";

/// Why following ends. To try again later does not help, but for [`CursorExpired`](Self::CursorExpired) without the cursor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The events behind the cursor are not kept any more, or the server has other data now. Read all payments again, and begin
    /// without a cursor.
    #[error("the cursor has expired: {}", .0.body.detail)]
    CursorExpired(Box<Response<Problem>>),
    /// The service refuses, or answers what the contract does not know.
    #[error(transparent)]
    Failed(Error),
    /// An event or a link is not what the contract says; the text says which, and why.
    #[error("{0}")]
    Malformed(String),
}

impl From<Error> for FollowError {
    fn from(error: Error) -> Self {
        let Error::Problem(problem) = error else { return Self::Failed(error) };
        if problem.status == StatusCode::GONE && problem.body.kind == CURSOR_EXPIRED {
            Self::CursorExpired(problem)
        } else {
            Self::Failed(Error::Problem(problem))
        }
    }
}
