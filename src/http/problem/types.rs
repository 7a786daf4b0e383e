//! The types of problems, and which of them an error has. The contract has a table of them, and each has a page at its path.

use super::{Error, PaymentsError};
use axum::http::StatusCode;
use payments_server::Refusal;

/// A type of problem: its status, type URI and title.
#[derive(Clone, Copy)]
pub(super) struct ProblemType(pub(super) StatusCode, pub(super) &'static str, pub(super) &'static str);

const INVALID_REQUEST: ProblemType =
    ProblemType(StatusCode::BAD_REQUEST, "/problems/invalid-request", "The request breaks a rule");
const UNAUTHENTICATED: ProblemType =
    ProblemType(StatusCode::UNAUTHORIZED, "/problems/unauthenticated", "The request has no valid token");
const INSUFFICIENT_SCOPE: ProblemType =
    ProblemType(StatusCode::FORBIDDEN, "/problems/insufficient-scope", "The token lacks a scope");
const PAYMENT_NOT_FOUND: ProblemType =
    ProblemType(StatusCode::NOT_FOUND, "/problems/payment-not-found", "There is no such payment");
const VERSION_NOT_FOUND: ProblemType =
    ProblemType(StatusCode::NOT_FOUND, "/problems/version-not-found", "The payment has no such version");
const PATH_NOT_FOUND: ProblemType =
    ProblemType(StatusCode::NOT_FOUND, "/problems/path-not-found", "Nothing is served here");
const METHOD_NOT_ALLOWED: ProblemType =
    ProblemType(StatusCode::METHOD_NOT_ALLOWED, "/problems/method-not-allowed", "The method is not allowed here");
const NOT_ACCEPTABLE: ProblemType =
    ProblemType(StatusCode::NOT_ACCEPTABLE, "/problems/not-acceptable", "No media type that is accepted can be had");
const BODY_TOO_SLOW: ProblemType =
    ProblemType(StatusCode::REQUEST_TIMEOUT, "/problems/body-too-slow", "The body came too slowly");
const PAYMENT_EXISTS: ProblemType = ProblemType(StatusCode::CONFLICT, "/problems/payment-exists", "The id is taken");
const VERSION_CONFLICT: ProblemType =
    ProblemType(StatusCode::CONFLICT, "/problems/version-conflict", "The payment has changed since");
const PATCH_TEST_FAILED: ProblemType =
    ProblemType(StatusCode::CONFLICT, "/problems/patch-test-failed", "A test of the patch does not hold");
const CURSOR_EXPIRED: ProblemType =
    ProblemType(StatusCode::GONE, "/problems/cursor-expired", "The cursor leads nowhere any more");
const VERSION_RETIRED: ProblemType =
    ProblemType(StatusCode::GONE, "/problems/version-retired", "The version is no longer served");
const PRECONDITION_FAILED: ProblemType =
    ProblemType(StatusCode::PRECONDITION_FAILED, "/problems/precondition-failed", "The precondition does not hold");
const BODY_TOO_LARGE: ProblemType =
    ProblemType(StatusCode::PAYLOAD_TOO_LARGE, "/problems/body-too-large", "The body is too large");
const TARGET_TOO_LONG: ProblemType =
    ProblemType(StatusCode::URI_TOO_LONG, "/problems/target-too-long", "The path and query are too long");
const HEAD_TOO_LARGE: ProblemType =
    ProblemType(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "/problems/head-too-large", "The head is too large");
const UNSUPPORTED_MEDIA_TYPE: ProblemType = ProblemType(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "/problems/unsupported-media-type",
    "The media type is not supported",
);
const PATCH_NOT_APPLICABLE: ProblemType =
    ProblemType(StatusCode::UNPROCESSABLE_ENTITY, "/problems/patch-not-applicable", "The patch cannot be applied");
const TOO_MANY_REQUESTS: ProblemType =
    ProblemType(StatusCode::TOO_MANY_REQUESTS, "/problems/too-many-requests", "Too many requests");
const INTERNAL_ERROR: ProblemType =
    ProblemType(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal-error", "The service failed");
const UNAVAILABLE: ProblemType =
    ProblemType(StatusCode::SERVICE_UNAVAILABLE, "/problems/unavailable", "The service is unavailable");

/// The type of the problem that an error becomes.
pub(super) fn problem_type(error: &Error) -> ProblemType {
    match error {
        Error::Refused(refusal) => type_of_refusal(refusal),
        Error::Payments(PaymentsError::NotFound) => PAYMENT_NOT_FOUND,
        Error::Payments(PaymentsError::AlreadyExists) => PAYMENT_EXISTS,
        Error::Payments(PaymentsError::VersionConflict { .. }) => VERSION_CONFLICT,
        Error::Unauthenticated(_) => UNAUTHENTICATED,
        Error::InsufficientScope { .. } => INSUFFICIENT_SCOPE,
        Error::NotForOperators => PATH_NOT_FOUND,
        Error::PreconditionFailed(_) => PRECONDITION_FAILED,
        Error::VersionNotFound { .. } => VERSION_NOT_FOUND,
        Error::Payments(PaymentsError::Expired) | Error::CursorExpired { .. } => CURSOR_EXPIRED,
        Error::VersionRetired { .. } => VERSION_RETIRED,
        Error::PatchTestFailed(_) => PATCH_TEST_FAILED,
        Error::PatchNotApplicable(_) => PATCH_NOT_APPLICABLE,
        Error::BodyTooSlow { .. } => BODY_TOO_SLOW,
        Error::HeadUnreadable { .. } => INVALID_REQUEST,
        Error::TargetTooLong => TARGET_TOO_LONG,
        Error::HeadTooLarge => HEAD_TOO_LARGE,
        Error::TooManyRequests { .. } | Error::TooManyListeners { .. } => TOO_MANY_REQUESTS,
        Error::Payments(PaymentsError::Overloaded | PaymentsError::Unavailable(_))
        | Error::IssuerAway { .. }
        | Error::TimedOut { .. }
        | Error::TooManyConnections
        | Error::ListenersFull
        | Error::OverMemoryBudget
        | Error::ResponseOverMemoryBudget
        | Error::ProfilerBusy => UNAVAILABLE,
        Error::Payments(PaymentsError::Internal(_))
        | Error::Panicked(_)
        | Error::VersionNotWritten(_)
        | Error::ProfilerFailed(_)
        | Error::MetricsNotEncoded(_) => INTERNAL_ERROR,
    }
}

fn type_of_refusal(refusal: &Refusal) -> ProblemType {
    match refusal {
        Refusal::PathNotFound => PATH_NOT_FOUND,
        Refusal::Path => PAYMENT_NOT_FOUND,
        Refusal::MethodNotAllowed { .. } => METHOD_NOT_ALLOWED,
        Refusal::NotAcceptable { .. } => NOT_ACCEPTABLE,
        Refusal::Invalid(_) | Refusal::BodyLost(_) => INVALID_REQUEST,
        Refusal::MediaType { .. } | Refusal::MediaTypes { .. } | Refusal::ContentEncoding { .. } => {
            UNSUPPORTED_MEDIA_TYPE
        }
        Refusal::BodyTooLarge { .. } => BODY_TOO_LARGE,
        // The enum is non-exhaustive: a variant that is new has no type of its own yet.
        Refusal::Undeclared { .. } | _ => INTERNAL_ERROR,
    }
}
