//! Errors of SQLite, and what they mean to the caller.

use crate::payments::Error;
use std::borrow::Borrow;

/// [`Error::Unavailable`] if the database is in trouble, [`Error::Internal`] if one statement is.
pub(super) fn failure(error: impl Borrow<sqlx::Error> + std::error::Error + Send + Sync + 'static) -> Error {
    if is_about_the_database(error.borrow()) {
        Error::Unavailable(Box::new(error))
    } else {
        Error::Internal(Box::new(error))
    }
}

/// Whether `error` is about the database (a full disk, a failing one, no memory, a dead thread) and may pass, rather than
/// about one statement.
pub(super) fn is_about_the_database(error: &sqlx::Error) -> bool {
    // https://www.sqlite.org/rescode.html; the low byte of an extended code is the primary one.
    const PASSING: [i32; 10] = [
        5,  // BUSY
        6,  // LOCKED
        7,  // NOMEM
        8,  // READONLY
        9,  // INTERRUPT
        10, // IOERR
        13, // FULL
        14, // CANTOPEN
        15, // PROTOCOL
        22, // NOLFS
    ];
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
        Some(code) => code.parse::<i32>().is_ok_and(|code| PASSING.contains(&(code & 0xff))),
        None => matches!(error, sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)),
    }
}

/// An [`Error::Unavailable`] of our own.
pub(super) fn unavailable(why: &'static str) -> Error {
    Error::Unavailable(why.into())
}
