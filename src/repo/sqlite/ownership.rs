//! The locks that make sure that one process owns the file.
//!
//! Two locks, both of which the system releases when the process ends, however it ends:
//!
//! 1. On the file `<path>-lock` beside the database, which stays, empty. All systems have it.
//! 2. On the database itself, so on its inode: a process that finds it by another name (a hard link), or that finds no
//!    `<path>-lock` because it was removed, is refused too. Linux only: there `flock` locks and the POSIX locks of SQLite do
//!    not see each other. Elsewhere SQLite would wait for ourselves.
//!
//! A process loses all its POSIX locks on a file as soon as it closes any of its handles. So our own handle of the database is
//! opened before SQLite has any lock, and is closed after the last connection.

use super::identity::Identity;
use crate::repo::OpenError;
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The ownership of a database file, until it is dropped. Drop it after the last connection.
#[derive(Debug)]
pub(super) struct Ownership {
    _lock: File,
    _database: File,
}

impl Ownership {
    /// Takes the database at `path`, which is created if there is none. Also returns its full path, and which file it is.
    ///
    /// # Errors
    /// [`OpenError::InUse`], [`OpenError::File`], [`OpenError::Linked`].
    pub(super) fn take(path: &Path) -> Result<(Self, PathBuf, Identity), OpenError> {
        let refuse = |source: std::io::Error| OpenError::File { path: path.to_owned(), source: source.into() };
        let locked = |lock: Result<(), TryLockError>| match lock {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(refuse(error)),
        };
        let resolved = resolve(path).map_err(refuse)?;
        let mut name = OsString::from(&resolved);
        name.push("-lock");
        let lock = File::options().create(true).truncate(false).write(true).open(name).map_err(refuse)?;
        locked(lock.try_lock())?;
        let database = open(&resolved).map_err(refuse)?;
        if cfg!(target_os = "linux") {
            locked(database.try_lock())?;
        }
        let identity = Identity::of(&database.metadata().map_err(refuse)?);
        if identity.names() > 1 {
            return Err(OpenError::Linked { path: path.to_owned(), names: identity.names() });
        }
        Ok((Self { _lock: lock, _database: database }, resolved, identity))
    }
}

/// Opens the database file; a new one is empty, and has the permissions that SQLite would give it.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
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
