//! Every error as a problem document (RFC 9457): the only place that knows statuses.
//!
//! An [`Error`] has a type of problem, which fixes status, type URI and title, and details of its own. Causes that are
//! no business of clients are logged by `causes`, and not sent.

mod causes;
mod events;
mod heads;
mod payments;
mod preconditions;
mod refusals;
mod tokens;
mod types;

pub(super) use preconditions::UnmetPrecondition;

use super::{identity::TokenFault, memory_budget::OverBudget, request_id::RequestId, urls};
use crate::payments::{Error as PaymentsError, Version};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use payments_server::{Fault, Refusal, models};
use std::{borrow::Cow, error::Error as _, time::Duration};
use types::{ProblemType, problem_type};

/// The value of `Retry-After` while the service is unavailable, in seconds.
pub(super) const RETRY_AFTER: i64 = 1;

/// The reason why a request fails.
#[derive(Debug)]
pub enum Error {
    /// The generated layer refuses the request.
    Refused(Refusal),
    /// The domain or the store refuses the request.
    Payments(PaymentsError),
    /// The payment has no such version in its history.
    VersionNotFound {
        /// The version; `None` for text that is none.
        asked: Option<Version>,
        /// The newest version of the payment.
        newest: Version,
    },
    /// The events behind a cursor are not kept any more, or the store has other data.
    CursorExpired {
        /// The address of what is kept from the beginning.
        begin: String,
    },
    /// The client has as many streams and requests that wait as one may have.
    TooManyListeners {
        /// How many that are.
        limit: usize,
    },
    /// The service has as many streams and requests that wait as it can have.
    ListenersFull,
    /// A precondition does not hold.
    PreconditionFailed(UnmetPrecondition),
    /// A `test` of the patch does not hold.
    PatchTestFailed(Fault),
    /// The patch cannot be applied, or its result breaks rules.
    PatchNotApplicable(Vec<Fault>),
    /// The client has used up its rate limit.
    TooManyRequests {
        /// How long until the next request is allowed.
        wait: Duration,
    },
    /// The request has no valid token.
    Unauthenticated(TokenFault),
    /// The token of the request lacks the scope that its operation asks for.
    InsufficientScope {
        /// The scope.
        scope: &'static str,
    },
    /// The token cannot be judged, because the issuer has given no keys.
    IssuerAway {
        /// How long until the issuer is asked again.
        retry_after: Duration,
    },
    /// Nothing is served at this path of the address for operators.
    NotForOperators,
    /// The request exceeded its deadline.
    TimedOut {
        /// The time that a request has.
        after: Duration,
    },
    /// The body was not complete at the deadline of the request.
    BodyTooSlow {
        /// The time that a request has.
        after: Duration,
    },
    /// The head is no HTTP/1 that can be read.
    HeadUnreadable {
        /// Whether it begins as TLS does.
        is_tls: bool,
    },
    /// The path and the query are too long.
    TargetTooLong,
    /// The head has more bytes or headers than it may have.
    HeadTooLarge,
    /// The connection is one beyond the limit, which are for health checks.
    TooManyConnections,
    /// The memory budget has no room for the request, or for the response to a read.
    OverMemoryBudget,
    /// The memory budget has no room for the response to a write, which has taken effect.
    ResponseOverMemoryBudget,
    /// A handler panicked with this message.
    Panicked(String),
    /// The request names a version of the contract that was retired.
    VersionRetired {
        /// The version.
        version: &'static str,
        /// The versions that are served, for the client.
        served: String,
    },
    /// The response cannot be written as the version of the request has it, for this reason.
    VersionNotWritten(String),
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

impl From<UnmetPrecondition> for Error {
    fn from(unmet: UnmetPrecondition) -> Self {
        Self::PreconditionFailed(unmet)
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
        instance: urls::path_reference(&request.path),
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

/// Describes one occurrence of an error.
fn describe(error: Error) -> Occurrence {
    match error {
        Error::Refused(refusal) => refusals::describe(refusal),
        Error::Payments(error) => payments::describe(error),
        Error::VersionNotFound { asked, newest } => events::version_not_found(asked, newest),
        Error::CursorExpired { begin } => events::cursor_expired(&begin),
        Error::TooManyListeners { limit } => events::too_many_listeners(limit),
        Error::ListenersFull => events::listeners_full(),
        Error::Unauthenticated(fault) => tokens::unauthenticated(fault),
        Error::InsufficientScope { scope } => tokens::insufficient_scope(scope),
        Error::IssuerAway { retry_after } => tokens::issuer_away(retry_after),
        Error::NotForOperators => Occurrence::new(
            "Nothing is served at this path of the address for operators: the probes are, and of /admin, /metrics and \
             /profiling those that are switched on.",
        ),
        Error::PreconditionFailed(unmet) => Occurrence::new(unmet.detail()),
        Error::VersionRetired { version, served } => Occurrence::new(format!(
            "Version {version} was retired. Move to one of {served}; /docs/changes says what is different."
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
        Error::HeadUnreadable { is_tls: true } => Occurrence::new(heads::TLS),
        Error::HeadUnreadable { is_tls: false } => Occurrence::new(heads::UNREADABLE),
        Error::TargetTooLong => Occurrence::new(heads::TARGET_TOO_LONG),
        Error::HeadTooLarge => Occurrence::new(heads::TOO_LARGE),
        Error::BodyTooSlow { after } => Occurrence::new(format!(
            "The body was not complete after {} s. Nothing was done. Send it again, faster.",
            after.as_secs()
        )),
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
        Error::Panicked(_) | Error::VersionNotWritten(_) | Error::ProfilerFailed(_) | Error::MetricsNotEncoded(_) => {
            internal()
        }
        Error::ProfilerBusy => Occurrence::new("Another profile is being taken; wait until it is done.")
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER)),
    }
}

impl Occurrence {
    fn without_errors(self) -> Self {
        Self { errors: None, ..self }
    }
}

fn internal() -> Occurrence {
    Occurrence::new("This is our fault, and it has been logged.")
}

/// Rounds a duration up to seconds: a client that waits so long has waited long enough.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
