//! What errors of the server and of the way to it mean to the caller.

use crate::payments::Error;

/// SQLSTATE codes, or their first two characters, of what may pass without us.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const PASSING: [&str; 9] = [
    "08",    // the connection broke
    "25006", // read-only: we talk to a standby, or a primary that was demoted
    "28",    // it does not let us in (any more)
    "3D",    // the database is gone
    "40",    // serialization failure, deadlock: rolled back, may be tried again
    "53",    // too many connections, disk full, out of memory
    "55P03", // a lock was not to be had in time
    "57",    // cancelled, shutting down, starting up
    "58",    // the system under the server failed
];

/// The server or the way to it is in trouble that may pass: [`Error::Unavailable`]. Anything else is our fault.
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

/// Whether it was the connection that failed, and not what was asked of the server: another connection may do.
pub(super) fn is_lost(error: &Error) -> bool {
    let Error::Unavailable(source) = error else { return false };
    match source.downcast_ref::<sqlx::Error>() {
        // 57P01: somebody ended the connection, or the server shuts down.
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code == "57P01"),
        Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
        _ => false,
    }
}

pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}
