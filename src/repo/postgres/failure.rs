//! Errors of the server and of connections to it, and what they mean to the caller.

use crate::payments::Error;

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
        // 57P01: an administrator ended the connection, or the server shuts down.
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code == "57P01"),
        Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
        _ => false,
    }
}

/// An [`Error::Unavailable`] of our own.
pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}
