//! Every error as a problem document (RFC 9457): the only place that knows statuses.
//!
//! An [`Error`] has a type of problem, which fixes status, type URI and title, and details of its own. Causes that are
//! no business of clients are logged by `causes`, and not sent.

mod causes;

use super::{memory_budget::OverBudget, request_id::RequestId, urls};
use crate::payments::{Error as PaymentsError, Version};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use payments_server::{Fault, Refusal, models};
use std::{borrow::Cow, error::Error as _, time::Duration};

/// The value of `Retry-After` while the service is unavailable, in seconds.
pub(super) const RETRY_AFTER: i64 = 1;

/// The reason why a request fails.
#[derive(Debug)]
pub enum Error {
    /// The generated layer refuses the request.
    Refused(Refusal),
    /// The domain or the store refuses the request.
    Payments(PaymentsError),
    /// `If-Match` does not name the current version.
    PreconditionFailed {
        /// The version that is current.
        current: Version,
    },
    /// A `test` of the patch does not hold.
    PatchTestFailed(Fault),
    /// The patch cannot be applied, or its result breaks rules.
    PatchNotApplicable(Vec<Fault>),
    /// The client has used up its rate limit.
    TooManyRequests {
        /// How long until the next request is allowed.
        wait: Duration,
    },
    /// The request exceeded its deadline.
    TimedOut {
        /// The time that a request has.
        after: Duration,
    },
    /// The connection is one beyond the limit, which are for health checks.
    TooManyConnections,
    /// The memory budget has no room for the request, or for the response to a read.
    OverMemoryBudget,
    /// The memory budget has no room for the response to a write, which has taken effect.
    ResponseOverMemoryBudget,
    /// A handler panicked with this message.
    Panicked(String),
    /// Another profile is being taken; the process has one profiler.
    ProfilerBusy,
    /// The profiler failed for this reason.
    ProfilerFailed(String),
    /// The metrics cannot be encoded.
    MetricsNotEncoded(prometheus::Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if let Refusal::BodyLost(error) = &refusal
            && error.source().is_some_and(|source| source.is::<OverBudget>())
        {
            return Self::OverMemoryBudget;
        }
        Self::Refused(refusal)
    }
}

impl From<PaymentsError> for Error {
    fn from(error: PaymentsError) -> Self {
        Self::Payments(error)
    }
}

impl From<Vec<Fault>> for Error {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Refused(Refusal::Invalid(faults))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        vec![fault].into()
    }
}

/// A type of problem: its status, type URI and title.
#[derive(Clone, Copy)]
struct ProblemType(StatusCode, &'static str, &'static str);

const INVALID_REQUEST: ProblemType =
    ProblemType(StatusCode::BAD_REQUEST, "/problems/invalid-request", "The request breaks a rule");
const PAYMENT_NOT_FOUND: ProblemType =
    ProblemType(StatusCode::NOT_FOUND, "/problems/payment-not-found", "There is no such payment");
const PATH_NOT_FOUND: ProblemType =
    ProblemType(StatusCode::NOT_FOUND, "/problems/path-not-found", "Nothing is served here");
const METHOD_NOT_ALLOWED: ProblemType =
    ProblemType(StatusCode::METHOD_NOT_ALLOWED, "/problems/method-not-allowed", "The method is not allowed here");
const NOT_ACCEPTABLE: ProblemType =
    ProblemType(StatusCode::NOT_ACCEPTABLE, "/problems/not-acceptable", "No media type that is accepted can be had");
const PAYMENT_EXISTS: ProblemType = ProblemType(StatusCode::CONFLICT, "/problems/payment-exists", "The id is taken");
const VERSION_CONFLICT: ProblemType =
    ProblemType(StatusCode::CONFLICT, "/problems/version-conflict", "The payment has changed since");
const PATCH_TEST_FAILED: ProblemType =
    ProblemType(StatusCode::CONFLICT, "/problems/patch-test-failed", "A test of the patch does not hold");
const PRECONDITION_FAILED: ProblemType =
    ProblemType(StatusCode::PRECONDITION_FAILED, "/problems/precondition-failed", "The precondition does not hold");
const BODY_TOO_LARGE: ProblemType =
    ProblemType(StatusCode::PAYLOAD_TOO_LARGE, "/problems/body-too-large", "The body is too large");
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

/// The part of a problem document that differs from one occurrence to the next.
struct Occurrence {
    detail: Cow<'static, str>,
    errors: Option<Vec<Fault>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Occurrence {
    fn new(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), errors: None, headers: Vec::new() }
    }

    fn of_faults(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [Fault { pointer, detail }] if pointer.is_empty() => format!("The body {detail}."),
            [Fault { pointer, detail }] => format!("{pointer} {detail}."),
            faults => format!("There are {} faults; errors names each.", faults.len()),
        };
        Self { errors: Some(faults), ..Self::new(detail) }
    }

    fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// What identifies the request, in a problem document and in the log.
pub(super) struct RequestInfo {
    pub(super) path: Box<str>,
    /// The path template of the operation, which the log has instead of the path; a dash without one.
    pub(super) route: &'static str,
    pub(super) id: Option<RequestId>,
}

impl RequestInfo {
    /// Reads it from the head of a request that names no operation.
    pub(super) fn of(head: &Parts) -> Self {
        Self { path: head.uri.path().into(), route: "-", id: RequestId::sent_in(&head.headers) }
    }
}

/// Creates a fault, which names what is wrong in a request, and how to mend it.
pub(super) fn fault(pointer: &str, detail: impl Into<Cow<'static, str>>) -> Fault {
    Fault { pointer: pointer.to_owned(), detail: detail.into() }
}

/// The status of an error.
pub(super) fn status(error: &Error) -> StatusCode {
    problem_type(error).0
}

/// Turns an error into the response to `request`, and logs its cause.
pub(super) fn response(error: Error, request: &RequestInfo) -> Response {
    causes::log(&error, request);
    let ProblemType(status, kind, title) = problem_type(&error);
    let Occurrence { detail, errors, headers } = describe(error);
    let problem = models::Problem {
        kind: kind.to_owned(),
        title: title.to_owned(),
        status: i32::from(status.as_u16()),
        detail: detail.into_owned(),
        instance: urls::encode_path(&request.path),
        request_id: request.id.as_ref().map(|id| id.as_str().to_owned()),
        errors: errors.map(|faults| faults.into_iter().map(problem_error).collect()),
    };
    let mut response = payments_server::problem(status, problem);
    response.headers_mut().extend(headers);
    response
}

fn problem_error(Fault { pointer, detail }: Fault) -> models::ProblemError {
    models::ProblemError { pointer, detail: detail.into_owned() }
}

fn problem_type(error: &Error) -> ProblemType {
    match error {
        Error::Refused(refusal) => type_of_refusal(refusal),
        Error::Payments(PaymentsError::NotFound) => PAYMENT_NOT_FOUND,
        Error::Payments(PaymentsError::AlreadyExists) => PAYMENT_EXISTS,
        Error::Payments(PaymentsError::VersionConflict { .. }) => VERSION_CONFLICT,
        Error::PreconditionFailed { .. } => PRECONDITION_FAILED,
        Error::PatchTestFailed(_) => PATCH_TEST_FAILED,
        Error::PatchNotApplicable(_) => PATCH_NOT_APPLICABLE,
        Error::TooManyRequests { .. } => TOO_MANY_REQUESTS,
        Error::Payments(PaymentsError::Overloaded | PaymentsError::Unavailable(_))
        | Error::TimedOut { .. }
        | Error::TooManyConnections
        | Error::OverMemoryBudget
        | Error::ResponseOverMemoryBudget
        | Error::ProfilerBusy => UNAVAILABLE,
        Error::Payments(PaymentsError::Internal(_))
        | Error::Panicked(_)
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
        Refusal::MediaType { .. } | Refusal::ContentEncoding { .. } => UNSUPPORTED_MEDIA_TYPE,
        Refusal::BodyTooLarge { .. } => BODY_TOO_LARGE,
        // The enum is non-exhaustive: a variant that is new has no type of its own yet.
        Refusal::Undeclared { .. } | _ => INTERNAL_ERROR,
    }
}

/// Describes one occurrence of an error.
fn describe(error: Error) -> Occurrence {
    match error {
        Error::Refused(refusal) => describe_refusal(refusal),
        Error::Payments(error) => describe_payments(error),
        Error::PreconditionFailed { current } => Occurrence::new(format!(
            "The payment is at version {current}, which If-Match does not name. Read it again, and decide."
        )),
        Error::PatchTestFailed(fault) => Occurrence::of_faults(vec![fault]).without_errors(),
        Error::PatchNotApplicable(faults) => Occurrence::of_faults(faults),
        Error::TooManyRequests { wait } => {
            let seconds = whole_seconds(wait);
            Occurrence::new(format!("The limit is used up. Try again in {seconds} s."))
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
        }
        Error::TimedOut { after } => Occurrence::new(format!(
            "The request took longer than {} s, and was given up. A change may have taken effect all the same: \
                 read before you repeat it.",
            after.as_secs()
        ))
        .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
        Error::TooManyConnections => Occurrence::new(
            "The service has as many connections as it can have, and none is idle. Nothing was done: try again.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
        Error::OverMemoryBudget => {
            Occurrence::new("The service holds as many bytes of other requests as it can. Nothing was done: try again.")
                .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER))
        }
        Error::ResponseOverMemoryBudget => Occurrence::new(
            "The service holds too many bytes of other requests to send this response. A change may have taken effect \
             all the same: read before you repeat it.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
        Error::Panicked(_) | Error::ProfilerFailed(_) | Error::MetricsNotEncoded(_) => internal(),
        Error::ProfilerBusy => Occurrence::new("Another profile is being taken; wait until it is done.")
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
    }
}

impl Occurrence {
    fn without_errors(self) -> Self {
        Self { errors: None, ..self }
    }
}

fn describe_payments(error: PaymentsError) -> Occurrence {
    match error {
        PaymentsError::NotFound => Occurrence::new("No payment has this id, or it was deleted."),
        PaymentsError::AlreadyExists => {
            Occurrence::new("The id was used before, and ids are never reused. Choose another, or leave it out.")
        }
        PaymentsError::VersionConflict { current } => Occurrence::new(format!(
            "The payment is at version {current}, not at the one that was sent. Read it again, and decide."
        )),
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

fn describe_refusal(refusal: Refusal) -> Occurrence {
    match refusal {
        Refusal::PathNotFound => Occurrence::new("Nothing is served at this path; /openapi.yml says what is."),
        Refusal::Path => Occurrence::new("No payment can have this id: it is not UTF-8."),
        Refusal::MethodNotAllowed { allow } => Occurrence {
            headers: allow.map(|methods| (header::ALLOW, methods)).into_iter().collect(),
            ..Occurrence::new("The header Allow lists the methods that this path has.")
        },
        Refusal::NotAcceptable { produces } => Occurrence::new(format!(
            "The answer is {}, which Accept rules out; nothing was done.",
            produces.join(" or ")
        )),
        Refusal::Invalid(faults) => Occurrence::of_faults(faults),
        Refusal::MediaType { sent, accepted } => media_type(sent.as_deref(), accepted),
        Refusal::ContentEncoding { sent, accepted } => {
            accepting(format!("The body is encoded as {}; send it without Content-Encoding.", shorten(&sent)), accepted)
                .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
        }
        Refusal::BodyTooLarge { limit } => Occurrence::new(format!("The body is larger than {limit} bytes.")),
        Refusal::BodyLost(_) => Occurrence::of_faults(vec![fault("", "broke off before its end")]),
        // The enum is non-exhaustive.
        Refusal::Undeclared { .. } | _ => internal(),
    }
}

fn media_type(sent: Option<&str>, accepted: &'static [&'static str]) -> Occurrence {
    let list = accepted.join(", ");
    let detail = match sent {
        Some(sent) => format!("The body is {}; send {list}.", shorten(sent)),
        None => format!("The header Content-Type is missing; send {list}."),
    };
    accepting(detail, accepted)
}

/// An occurrence that lists the accepted media types, in a header.
fn accepting(detail: String, accepted: &'static [&'static str]) -> Occurrence {
    // RFC 5789, section 3.1, has a header of its own for what PATCH accepts.
    let patches = accepted.iter().all(|media_type| media_type.contains("patch"));
    let name = if patches { HeaderName::from_static("accept-patch") } else { header::ACCEPT };
    let value = HeaderValue::try_from(accepted.join(", ")).unwrap_or(HeaderValue::from_static("application/json"));
    Occurrence::new(detail).with_header(name, value)
}

fn internal() -> Occurrence {
    Occurrence::new("This is our fault, and it has been logged.")
}

/// Rounds a duration up to seconds: a client that waits so long has waited long enough.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Shortens text that a client sent, to repeat it in a response.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}
