//! Errors of the server and of connections to it, and what they mean to the caller.

use crate::payments::Error;
use std::borrow::Cow;

/// SQLSTATE codes, or their first two characters, of errors that may pass by themselves.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const PASSING: [&str; 9] = [
    "08",    // the connection broke
    "25006", // read-only: the server is a standby, or a primary that was demoted
    "28",    // the login is refused
    "3D",    // the database is gone
    "40",    // serialization failure, deadlock: rolled back, may be retried
    "53",    // too many connections, disk full, out of memory
    "55P03", // a lock timeout
    "57",    // cancelled, shutting down, starting up
    "58",    // the system under the server failed
];

/// [`Error::Unavailable`] if the server or the connection is in trouble that may pass, [`Error::Internal`] otherwise.
pub(super) fn failure(error: sqlx::Error) -> Error {
    let passing = match error.as_database_error() {
        Some(error) => error.code().is_some_and(|code| PASSING.iter().any(|passing| code.starts_with(passing))),
        None => matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        ),
    };
    if passing { Error::Unavailable(error.into()) } else { Error::Internal(error.into()) }
}

/// Whether the connection failed, rather than the statement: another connection may succeed.
pub(super) fn is_lost(error: &Error) -> bool {
    let Error::Unavailable(source) = error else { return false };
    match source.downcast_ref::<sqlx::Error>() {
        // 57P01 and so on: an administrator ended the connection, or the server shuts down.
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code.starts_with("57P")),
        Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
        _ => false,
    }
}

/// Whether the session refuses to write: the server is a standby, was demoted, or was set to read only.
pub(super) fn is_read_only(error: &Error) -> bool {
    code(error).is_some_and(|code| code == "25006")
}

/// How often a statement may be repeated that the server rolled back because it met another transaction: a serialization
/// failure, or a deadlock. Nothing is wrong with the server, and the next attempt usually succeeds.
pub(super) struct Repeats(u32);

impl Repeats {
    pub(super) const fn new() -> Self {
        Self(3)
    }

    /// Whether to repeat a statement that failed in this way. Counts it, if so.
    pub(super) fn allow(&mut self, error: &Error) -> bool {
        let is_rolled_back = code(error).is_some_and(|code| ["40001", "40P01"].contains(&code.as_ref()));
        let allowed = is_rolled_back && self.0 > 0;
        self.0 -= u32::from(allowed);
        allowed
    }
}

/// The SQLSTATE of a failure that may pass.
fn code(error: &Error) -> Option<Cow<'_, str>> {
    let Error::Unavailable(source) = error else { return None };
    source.downcast_ref::<sqlx::Error>()?.as_database_error()?.code()
}

/// An [`Error::Unavailable`] of our own.
pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}
