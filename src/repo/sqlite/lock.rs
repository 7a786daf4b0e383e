//! The lock that makes sure that one process owns the file.

use crate::repo::OpenError;
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Locks the file `<path>-lock` beside the database, and returns it with the full path of the database. The system releases
/// the lock when the process ends, however it ends; the empty file stays.
///
/// A file of its own, because SQLite locks the database with POSIX locks, and a process loses all of those on a file as soon
/// as it closes any of its handles.
pub(super) fn take(path: &Path) -> Result<(File, PathBuf), OpenError> {
    let refuse = |source: std::io::Error| OpenError::File { path: path.to_owned(), source: source.into() };
    let resolved = resolve(path).map_err(refuse)?;
    let mut name = OsString::from(&resolved);
    name.push("-lock");
    let lock = File::options().create(true).truncate(false).write(true).open(name).map_err(refuse)?;
    match lock.try_lock() {
        Ok(()) => Ok((lock, resolved)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(refuse(error)),
    }
}

/// `path` in full and without symbolic links, so that every name of a file leads to the same lock.
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
