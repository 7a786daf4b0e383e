//! Translates outcomes in business words to status codes and problem types. No other module names those.

use crate::expect::Expect;
use cucumber::Parameter;
use serde_json::Value;
use std::str::FromStr;

/// The ways in which a request may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "success", regex = "created|returned|changed|deleted|not sent again")]
pub(crate) enum Success {
    Created,
    Returned,
    Changed,
    Deleted,
    NotSentAgain,
}

impl Success {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Returned | Self::Changed => 200,
            Self::Created => 201,
            Self::Deleted => 204,
            Self::NotSentAgain => 304,
        }
    }
}

impl FromStr for Success {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        Ok(match words {
            "created" => Self::Created,
            "returned" => Self::Returned,
            "changed" => Self::Changed,
            "deleted" => Self::Deleted,
            "not sent again" => Self::NotSentAgain,
            _ => return Err(format!("{words} is not a success")),
        })
    }
}

/// The reasons for which a request may be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(
    name = "refusal",
    regex = "invalid|unauthenticated|lacking a scope|an unknown payment|an unknown version|an expired cursor|an unknown path|a wrong method|unacceptable|a taken id|a version conflict\
             |a failed test|a failed precondition|too slow|too large|an unsupported media type|an inapplicable patch|over the limit\
             |unavailable|our fault"
)]
pub(crate) enum Refusal {
    Invalid,
    Unauthenticated,
    LackingScope,
    UnknownPayment,
    UnknownVersion,
    ExpiredCursor,
    UnknownPath,
    WrongMethod,
    Unacceptable,
    TakenId,
    VersionConflict,
    FailedTest,
    FailedPrecondition,
    TooSlow,
    TooLarge,
    UnsupportedMediaType,
    InapplicablePatch,
    OverTheLimit,
    Unavailable,
    OurFault,
}

impl Refusal {
    /// The status, and the type of the problem document.
    pub(crate) fn problem(self) -> (u16, &'static str) {
        match self {
            Self::Invalid => (400, "/problems/invalid-request"),
            Self::Unauthenticated => (401, "/problems/unauthenticated"),
            Self::LackingScope => (403, "/problems/insufficient-scope"),
            Self::UnknownPayment => (404, "/problems/payment-not-found"),
            Self::UnknownVersion => (404, "/problems/version-not-found"),
            Self::ExpiredCursor => (410, "/problems/cursor-expired"),
            Self::UnknownPath => (404, "/problems/path-not-found"),
            Self::WrongMethod => (405, "/problems/method-not-allowed"),
            Self::Unacceptable => (406, "/problems/not-acceptable"),
            Self::TakenId => (409, "/problems/payment-exists"),
            Self::VersionConflict => (409, "/problems/version-conflict"),
            Self::FailedTest => (409, "/problems/patch-test-failed"),
            Self::FailedPrecondition => (412, "/problems/precondition-failed"),
            Self::TooSlow => (408, "/problems/body-too-slow"),
            Self::TooLarge => (413, "/problems/body-too-large"),
            Self::UnsupportedMediaType => (415, "/problems/unsupported-media-type"),
            Self::InapplicablePatch => (422, "/problems/patch-not-applicable"),
            Self::OverTheLimit => (429, "/problems/too-many-requests"),
            Self::OurFault => (500, "/problems/internal-error"),
            Self::Unavailable => (503, "/problems/unavailable"),
        }
    }
}

impl FromStr for Refusal {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        Ok(match words {
            "unauthenticated" => Self::Unauthenticated,
            "lacking a scope" => Self::LackingScope,
            "invalid" => Self::Invalid,
            "an unknown payment" => Self::UnknownPayment,
            "an unknown version" => Self::UnknownVersion,
            "an expired cursor" => Self::ExpiredCursor,
            "an unknown path" => Self::UnknownPath,
            "a wrong method" => Self::WrongMethod,
            "unacceptable" => Self::Unacceptable,
            "a taken id" => Self::TakenId,
            "a version conflict" => Self::VersionConflict,
            "a failed test" => Self::FailedTest,
            "a failed precondition" => Self::FailedPrecondition,
            "too slow" => Self::TooSlow,
            "too large" => Self::TooLarge,
            "an unsupported media type" => Self::UnsupportedMediaType,
            "an inapplicable patch" => Self::InapplicablePatch,
            "over the limit" => Self::OverTheLimit,
            "our fault" => Self::OurFault,
            "unavailable" => Self::Unavailable,
            _ => return Err(format!("{words} is no way to be refused")),
        })
    }
}

impl Expect<'_> {
    /// Asserts a refusal: the status, and a complete problem document about the request to `path`.
    #[track_caller]
    pub(crate) fn refused(self, refusal: Refusal, path: &str) -> Self {
        let (status, kind) = refusal.problem();
        // A reference that begins with two slashes would name a host (RFC 3986, section 4.2).
        let instance = if path.starts_with("//") { format!("/.{path}") } else { path.to_owned() };
        let problem = self.status(status).at("$.type").is(kind).at("$.status").is(status).at("$.instance").is(instance);
        let faults = problem.at("$.errors[*].pointer").texts();
        // A refusal of the request itself must point at its faults.
        if faults.is_empty() && matches!(refusal, Refusal::Invalid | Refusal::InapplicablePatch) {
            problem.fail("errors that say where the faults are", Value::from(faults));
        }
        problem
    }
}
