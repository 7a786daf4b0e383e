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
//!
//! A file that is refused leaves no `<path>-lock` behind that was not there before. It is removed by the process that holds its
//! lock; another that has opened it meanwhile finds after its own lock that the path leads elsewhere, and begins again.

use super::identity::Identity;
use crate::repo::OpenError;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The ownership of a database file, until it is dropped. Drop it after the last connection.
#[derive(Debug)]
pub(super) struct Ownership {
    lock: LockFile,
    _database: File,
}

impl Ownership {
    /// Takes the database at `path`, which is created if there is none, unless it `must_exist`. Also returns its full path,
    /// and which file it is.
    ///
    /// # Errors
    /// [`OpenError::InUse`], [`OpenError::File`], [`OpenError::Linked`].
    pub(super) fn take(path: &Path, must_exist: bool) -> Result<(Self, PathBuf, Identity), OpenError> {
        let refuse = |source: io::Error| OpenError::File { path: path.to_owned(), source: source.into() };
        let resolved = resolve(path).map_err(refuse)?;
        let lock = LockFile::take(&resolved).map_err(|error| refused(error, path))?;
        match take_database(path, &resolved, must_exist) {
            Ok((database, identity)) => Ok((Self { lock, _database: database }, resolved, identity)),
            Err(error) => {
                lock.discard();
                Err(error)
            }
        }
    }

    /// Gives the file up, because it cannot be used, and leaves no trace. There must be no connection.
    pub(super) fn discard(self) {
        self.lock.discard();
    }
}

/// Opens and locks the database itself.
fn take_database(path: &Path, resolved: &Path, must_exist: bool) -> Result<(File, Identity), OpenError> {
    let refuse = |source: io::Error| OpenError::File { path: path.to_owned(), source: source.into() };
    let database = open(resolved, must_exist).map_err(refuse)?;
    if cfg!(target_os = "linux") {
        database.try_lock().map_err(|error| refused(error, path))?;
    }
    let identity = Identity::of(&database.metadata().map_err(refuse)?);
    if identity.names() > 1 {
        return Err(OpenError::Linked { path: path.to_owned(), names: identity.names() });
    }
    Ok((database, identity))
}

fn refused(error: TryLockError, path: &Path) -> OpenError {
    match error {
        TryLockError::WouldBlock => OpenError::InUse { path: path.to_owned() },
        TryLockError::Error(error) => OpenError::File { path: path.to_owned(), source: error.into() },
    }
}

/// The file `<path>-lock`, locked.
#[derive(Debug)]
struct LockFile {
    _file: File,
    path: PathBuf,
    is_new: bool,
}

impl LockFile {
    /// Locks the file beside the database at `resolved`, which is created if there is none.
    fn take(resolved: &Path) -> Result<Self, TryLockError> {
        let mut name = OsString::from(resolved);
        name.push("-lock");
        let path = PathBuf::from(name);
        // Each time, another process has refused the database, which happens at its start only.
        for _ in 0..100 {
            let (file, is_new) = open_or_create(&path).map_err(TryLockError::Error)?;
            file.try_lock()?;
            if is_at(&file, &path) {
                return Ok(Self { _file: file, path, is_new });
            }
        }
        Err(TryLockError::WouldBlock)
    }

    /// Removes the file if it is new, while its lock is still held.
    fn discard(self) {
        if self.is_new
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove an empty lock file; remove it yourself");
        }
    }
}

/// Opens a file for writing. Also returns whether it was created.
fn open_or_create(path: &Path) -> io::Result<(File, bool)> {
    match File::options().create_new(true).write(true).open(path) {
        Ok(file) => Ok((file, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let file = File::options().create(true).truncate(false).write(true).open(path)?;
            Ok((file, false))
        }
        Err(error) => Err(error),
    }
}

/// Whether `path` leads to this file, and not to another by now.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: io::Result<fs::Metadata>| metadata.map(|metadata| Identity::of(&metadata));
    match (identity(file.metadata()), identity(fs::metadata(path))) {
        (Ok(file), Ok(there)) => file.is_same_file(there),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// Opens the database file. A new one, unless the file `must_exist`, is empty, and has the permissions that SQLite would give it.
fn open(path: &Path, must_exist: bool) -> io::Result<File> {
    let mut options = File::options();
    options.create(!must_exist).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    options.open(path)
}

/// `path` in full and without symbolic links, so that every name of a file leads to the same lock.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
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

#[cfg(all(test, unix))]
mod tests {
    use super::LockFile;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Without the look at the path after the lock, a thread that opened the file before it was removed locks a file without
    /// a name, while another locks a new one.
    #[test]
    fn one_at_a_time_has_a_lock_file_that_others_remove() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("payments.db");
        let (owners, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5000 {
                        let Ok(lock) = LockFile::take(&path) else { continue };
                        assert_eq!(owners.fetch_add(1, Ordering::SeqCst), 0, "two have the lock");
                        taken.fetch_add(1, Ordering::SeqCst);
                        std::thread::yield_now();
                        owners.fetch_sub(1, Ordering::SeqCst);
                        lock.discard();
                    }
                });
            }
        });
        assert!(taken.into_inner() > 100, "the lock was hardly ever taken");
    }
}
