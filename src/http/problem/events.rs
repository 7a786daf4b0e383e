//! What problems say of requests for versions and events.

use super::{Occurrence, RETRY_AFTER};
use crate::payments::Version;
use axum::http::{HeaderValue, header};

/// Describes a request for a version that the history of a payment does not have.
pub(super) fn version_not_found(asked: Option<Version>, newest: Version) -> Occurrence {
    Occurrence::new(match asked {
        Some(asked) if asked <= newest => {
            format!("The history of the payment does not go back to this version; the newest is {newest}.")
        }
        Some(_) | None => format!("The payment never had this version; its newest is {newest}."),
    })
}

/// Describes a cursor that leads nowhere any more. `begin`: the address of what is kept.
pub(super) fn cursor_expired(begin: &str) -> Occurrence {
    Occurrence::new(format!(
        "The events behind the cursor are not kept any more, or the data were replaced. Begin anew, without a cursor: {begin}"
    ))
}

/// Describes a client that has too many streams and requests that wait.
pub(super) fn too_many_listeners(limit: usize) -> Occurrence {
    busy(format!(
        "You have as many streams and requests that wait for events as one client may have, which is {limit}. End some of \
         them, or ask without wait."
    ))
}

/// Describes a service that has too many streams and requests that wait.
pub(super) fn listeners_full() -> Occurrence {
    busy(
        "The service has as many streams and requests that wait for events as it can have. Try again, or ask without wait."
            .to_owned(),
    )
}

fn busy(detail: String) -> Occurrence {
    Occurrence::new(detail).with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER))
}
