//! One process owns the file.

use super::OpenError;
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Takes the file beside `path` that says who owns it, `<path>-lock`. The system gives it back when the process ends,
/// however it ends; the empty file stays.
///
/// Not the database itself: SQLite locks that with POSIX locks, all of which a process loses as soon as it closes any
/// of its handles on the file.
pub(super) fn take(path: &Path) -> Result<File, OpenError> {
    let refuse = |source: std::io::Error| OpenError::File { path: path.to_owned(), source: source.into() };
    let mut name = OsString::from(resolve(path).map_err(refuse)?);
    name.push("-lock");
    let lock = File::options().create(true).truncate(false).write(true).open(name).map_err(refuse)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(refuse(error)),
    }
}

/// `path` without symbolic links, so that every name of a file leads to the same lock.
fn resolve(path: &Path) -> std::io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let directory = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            let name = path.file_name().ok_or(error)?;
            Ok(directory.canonicalize()?.join(name))
        }
        resolved => resolved,
    }
}
