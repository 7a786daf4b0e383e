//! The log lines of errors whose cause clients do not see.
//!
//! A line has the id of its request, which the client has too, and the route. So an operator finds the request of a
//! failure, and the failure of a request that a client asks about.

use super::{Error, PaymentsError, Refusal, RequestId, RequestInfo};
use std::error::Error as StdError;

/// Logs the cause of an error; nothing if its problem document says all there is.
pub(super) fn log(error: &Error, request: &RequestInfo) {
    let (request_id, route) = (request.id.as_ref().map(RequestId::as_str), request.route);
    match error {
        Error::Refused(refusal) => log_refusal(refusal, request_id, route),
        Error::Payments(error) => log_payments(error, request_id, route),
        Error::Panicked(panic) => tracing::error!(request_id, route, panic, "a handler panicked"),
        Error::ProfilerFailed(reason) => tracing::error!(request_id, route, reason, "cannot take a profile"),
        Error::VersionNotWritten(reason) => {
            tracing::error!(request_id, route, reason, "cannot write the response as its version has it");
        }
        Error::MetricsNotEncoded(error) => {
            tracing::error!(request_id, route, error = with_sources(error), "cannot encode the metrics");
        }
        Error::Unauthenticated(_)
        | Error::InsufficientScope { .. }
        | Error::IssuerAway { .. }
        | Error::NotForOperators
        | Error::PreconditionFailed(_)
        | Error::PatchTestFailed(_)
        | Error::PatchNotApplicable(_)
        | Error::TooManyRequests { .. }
        | Error::TimedOut { .. }
        | Error::BodyTooSlow { .. }
        | Error::HeadUnreadable { .. }
        | Error::TargetTooLong
        | Error::HeadTooLarge
        | Error::TooManyConnections
        | Error::VersionNotFound { .. }
        | Error::CursorExpired { .. }
        | Error::TooManyListeners { .. }
        | Error::ListenersFull
        | Error::OverMemoryBudget
        | Error::ResponseOverMemoryBudget
        | Error::VersionRetired { .. }
        | Error::ProfilerBusy => {}
    }
}

fn log_payments(error: &PaymentsError, request_id: Option<&str>, route: &str) {
    match error {
        PaymentsError::Unavailable(source) => {
            tracing::warn!(request_id, route, error = with_sources(&**source), "the store is unavailable");
        }
        PaymentsError::Internal(source) => {
            tracing::error!(request_id, route, error = with_sources(&**source), "the store failed");
        }
        // The store says with a line what its calls wait for.
        PaymentsError::Overloaded
        | PaymentsError::Expired
        | PaymentsError::NotFound
        | PaymentsError::AlreadyExists
        | PaymentsError::VersionConflict { .. } => {}
    }
}

fn log_refusal(refusal: &Refusal, request_id: Option<&str>, route: &str) {
    match refusal {
        Refusal::BodyLost(error) => tracing::debug!(
            request_id,
            route,
            error = with_sources(error),
            "a request body ended early: client or network closed the connection"
        ),
        Refusal::Undeclared { status, failure } => {
            tracing::error!(
                request_id,
                route,
                status,
                failure,
                "the contract does not declare this failure; answering 500"
            );
        }
        Refusal::PathNotFound
        | Refusal::Path
        | Refusal::MethodNotAllowed { .. }
        | Refusal::NotAcceptable { .. }
        | Refusal::Invalid(_)
        | Refusal::MediaType { .. }
        | Refusal::MediaTypes { .. }
        | Refusal::ContentEncoding { .. }
        | Refusal::BodyTooLarge { .. } => {}
        // The enum is non-exhaustive.
        refusal => tracing::error!(request_id, route, ?refusal, "refusal has no type of problem; answering 500"),
    }
}

/// Writes an error and its sources.
fn with_sources(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
