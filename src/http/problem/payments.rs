//! What problems say of requests that the domain or the store refuses.

use super::{Occurrence, PaymentsError, RETRY_AFTER, internal};
use axum::http::{HeaderValue, header};

/// Describes one refusal.
pub(super) fn describe(error: PaymentsError) -> Occurrence {
    match error {
        PaymentsError::NotFound => Occurrence::new("No payment has this id, or it was deleted."),
        PaymentsError::AlreadyExists => {
            Occurrence::new("The id was used before, and ids are never reused. Choose another, or leave it out.")
        }
        PaymentsError::VersionConflict { current } => Occurrence::new(format!(
            "The payment is at version {current}, not at the one that was sent. Read it again, and decide."
        )),
        PaymentsError::Expired => Occurrence::new(
            "The events behind the cursor are not kept any more, or the data were replaced. Begin anew, without a cursor.",
        ),
        PaymentsError::Overloaded => {
            Occurrence::new("The service has more to do than it can do at once. Nothing was done: try again.")
                .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER))
        }
        PaymentsError::Unavailable(_) => Occurrence::new(
            "The store cannot be reached. A change may have taken effect all the same: read before you repeat it.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
        PaymentsError::Internal(_) => internal(),
    }
}
