//! Everything that can go wrong, as problem details (RFC 9457). The one place that knows which status belongs to what.

use super::{
    api::wire::{fault, uri_path},
    request_id::RequestId,
};
use crate::payments::{Error as PaymentsError, Version};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use payments_server::{Fault, Refusal, models};
use std::{borrow::Cow, error::Error as StdError, time::Duration};

/// In how many seconds a client may try again what could not be served.
pub(super) const RETRY_AFTER: i64 = 1;

/// Why a request fails.
#[derive(Debug)]
pub enum Error {
    /// The generated layer refuses it.
    Refused(Refusal),
    /// The domain or the store refuses it.
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
    /// The client has used up its limit.
    TooManyRequests {
        /// How long until it may try again.
        wait: Duration,
    },
    /// The request took too long, and was given up.
    TimedOut {
        /// How long it took.
        after: Duration,
    },
    /// A handler panicked, saying this.
    Panicked(String),
    /// There is one profiler, and it is in use.
    ProfilerBusy,
    /// The profiler does not do what it should, for this reason.
    ProfilerFailed(String),
    /// What was measured cannot be written down.
    Unmeasured(prometheus::Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
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

/// The kinds of problem: their status, type and title are the same each time.
#[derive(Clone, Copy)]
struct Kind(StatusCode, &'static str, &'static str);

const INVALID_REQUEST: Kind = Kind(StatusCode::BAD_REQUEST, "/problems/invalid-request", "The request breaks a rule");
const PAYMENT_NOT_FOUND: Kind = Kind(StatusCode::NOT_FOUND, "/problems/payment-not-found", "There is no such payment");
const PATH_NOT_FOUND: Kind = Kind(StatusCode::NOT_FOUND, "/problems/path-not-found", "Nothing is served here");
const METHOD_NOT_ALLOWED: Kind =
    Kind(StatusCode::METHOD_NOT_ALLOWED, "/problems/method-not-allowed", "The method is not allowed here");
const NOT_ACCEPTABLE: Kind =
    Kind(StatusCode::NOT_ACCEPTABLE, "/problems/not-acceptable", "No media type that is accepted can be had");
const PAYMENT_EXISTS: Kind = Kind(StatusCode::CONFLICT, "/problems/payment-exists", "The id is taken");
const VERSION_CONFLICT: Kind =
    Kind(StatusCode::CONFLICT, "/problems/version-conflict", "The payment has changed since");
const PATCH_TEST_FAILED: Kind =
    Kind(StatusCode::CONFLICT, "/problems/patch-test-failed", "A test of the patch does not hold");
const PRECONDITION_FAILED: Kind =
    Kind(StatusCode::PRECONDITION_FAILED, "/problems/precondition-failed", "The precondition does not hold");
const BODY_TOO_LARGE: Kind = Kind(StatusCode::PAYLOAD_TOO_LARGE, "/problems/body-too-large", "The body is too large");
const UNSUPPORTED_MEDIA_TYPE: Kind =
    Kind(StatusCode::UNSUPPORTED_MEDIA_TYPE, "/problems/unsupported-media-type", "The media type is not supported");
const PATCH_NOT_APPLICABLE: Kind =
    Kind(StatusCode::UNPROCESSABLE_ENTITY, "/problems/patch-not-applicable", "The patch cannot be applied");
const TOO_MANY_REQUESTS: Kind = Kind(StatusCode::TOO_MANY_REQUESTS, "/problems/too-many-requests", "Too many requests");
const INTERNAL_ERROR: Kind = Kind(StatusCode::INTERNAL_SERVER_ERROR, "/problems/internal-error", "The service failed");
const UNAVAILABLE: Kind = Kind(StatusCode::SERVICE_UNAVAILABLE, "/problems/unavailable", "The service is unavailable");

/// What one problem says beside its kind, before it is put into the contract's words.
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

/// What a problem says of the request.
pub(super) struct Asked {
    pub(super) path: Box<str>,
    pub(super) id: Option<RequestId>,
}

impl Asked {
    /// What there is to say of the request with this head.
    pub(super) fn of(head: &Parts) -> Self {
        Self { path: head.uri.path().into(), id: RequestId::of(&head.headers) }
    }
}

/// The status of the response to a request that fails.
pub(super) fn status(error: &Error) -> StatusCode {
    kind(error).0
}

/// The response to a request that fails.
pub(super) fn response(error: Error, asked: &Asked) -> Response {
    let Kind(status, kind, title) = kind(&error);
    let Occurrence { detail, errors, headers } = describe(error);
    let problem = models::Problem {
        kind: kind.to_owned(),
        title: title.to_owned(),
        status: i32::from(status.as_u16()),
        detail: detail.into_owned(),
        instance: uri_path(&asked.path),
        request_id: asked.id.as_ref().map(|id| id.as_str().to_owned()),
        errors: errors.map(|faults| faults.into_iter().map(problem_error).collect()),
    };
    let mut response = payments_server::problem(status, problem);
    response.headers_mut().extend(headers);
    response
}

fn problem_error(Fault { pointer, detail }: Fault) -> models::ProblemError {
    models::ProblemError { pointer, detail: detail.into_owned() }
}

/// What kind of problem an error is.
fn kind(error: &Error) -> Kind {
    match error {
        Error::Refused(refusal) => kind_of_refusal(refusal),
        Error::Payments(PaymentsError::NotFound) => PAYMENT_NOT_FOUND,
        Error::Payments(PaymentsError::AlreadyExists) => PAYMENT_EXISTS,
        Error::Payments(PaymentsError::VersionConflict { .. }) => VERSION_CONFLICT,
        Error::PreconditionFailed { .. } => PRECONDITION_FAILED,
        Error::PatchTestFailed(_) => PATCH_TEST_FAILED,
        Error::PatchNotApplicable(_) => PATCH_NOT_APPLICABLE,
        Error::TooManyRequests { .. } => TOO_MANY_REQUESTS,
        Error::Payments(PaymentsError::Unavailable(_)) | Error::TimedOut { .. } | Error::ProfilerBusy => UNAVAILABLE,
        Error::Payments(PaymentsError::Internal(_))
        | Error::Panicked(_)
        | Error::ProfilerFailed(_)
        | Error::Unmeasured(_) => INTERNAL_ERROR,
    }
}

fn kind_of_refusal(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::PathNotFound => PATH_NOT_FOUND,
        Refusal::Path => PAYMENT_NOT_FOUND,
        Refusal::MethodNotAllowed { .. } => METHOD_NOT_ALLOWED,
        Refusal::NotAcceptable { .. } => NOT_ACCEPTABLE,
        Refusal::Invalid(_) | Refusal::BodyLost(_) => INVALID_REQUEST,
        Refusal::MediaType { .. } | Refusal::ContentEncoding { .. } => UNSUPPORTED_MEDIA_TYPE,
        Refusal::BodyTooLarge { .. } => BODY_TOO_LARGE,
        // And what has no kind of its own yet.
        Refusal::Undeclared { .. } | _ => INTERNAL_ERROR,
    }
}

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
        Error::Panicked(message) => {
            tracing::error!(message, "a handler panicked");
            internal()
        }
        Error::ProfilerBusy => Occurrence::new("Another profile is being taken; wait until it is done.")
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
        Error::ProfilerFailed(reason) => {
            tracing::error!(reason, "no profile");
            internal()
        }
        Error::Unmeasured(error) => {
            tracing::error!(error = chain(&error), "the metrics cannot be written down");
            internal()
        }
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
        PaymentsError::Unavailable(source) => {
            tracing::warn!(error = chain(&*source), "the store is unavailable");
            Occurrence::new(
                "The store cannot be reached. A change may have taken effect all the same: read before you repeat it.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER))
        }
        PaymentsError::Internal(source) => {
            tracing::error!(error = chain(&*source), "the store failed");
            internal()
        }
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
        Refusal::BodyLost(error) => {
            tracing::debug!(error = chain(&error), "a body broke off");
            Occurrence::of_faults(vec![fault("", "broke off before its end")])
        }
        Refusal::Undeclared { status, failure } => {
            tracing::error!(status, failure, "a failure that the contract does not declare");
            internal()
        }
        refusal => {
            tracing::error!(?refusal, "a refusal that has no problem yet");
            internal()
        }
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

/// A refusal that says which media types would do.
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

/// A duration in seconds, rounded up: whoever waits that long has waited long enough.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// As much of a client's own words as belongs into an answer.
fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// An error and what caused it, for the log.
fn chain(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
