//! A watch over the database file: whether the file at its path is still the one that is open.
//!
//! A file that was removed, renamed or replaced can still be written by those that have it open, and all that is lost with
//! the last handle. A file with a second name has a second write-ahead log, if another program opens it by that name. SQLite
//! notices neither. So the path is looked at each second, which a commit would be too expensive for. While something is
//! wrong, writes are refused and checks fail; reads go on.

use super::identity::Identity;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

/// How often the path is looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// What is wrong with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Damage {
    Removed = 1,
    Replaced = 2,
    Linked = 3,
    LogLost = 4,
}

const ALL: [Damage; 4] = [Damage::Removed, Damage::Replaced, Damage::Linked, Damage::LogLost];

impl Damage {
    fn reason(self) -> &'static str {
        match self {
            Self::Removed => "the database file was removed or renamed",
            Self::Replaced => "another file stands at the path of the database",
            Self::Linked => "the database file has a second name (hard link)",
            Self::LogLost => "the write-ahead log of the database (-wal) was removed or replaced",
        }
    }

    fn cure(self) -> &'static str {
        match self {
            Self::Removed | Self::Replaced => {
                "move the file back to its path; if it is gone, copy the payments out through the API before you stop the \
                 service, which still has the file open"
            }
            Self::Linked => "remove the other name of the file; a copy is made with `payments backup`",
            Self::LogLost => {
                "copy the payments out through the API before you stop the service: what was written since the last checkpoint \
                 is lost then"
            }
        }
    }
}

/// The state of the database file.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The [`Damage`] that was found last; 0 if there is none.
    damage: AtomicU8,
    is_over: AtomicBool,
}

/// The files to look at.
#[derive(Debug)]
struct Files {
    database: (PathBuf, Identity),
    /// Unknown if there was none when the watch began.
    log: (PathBuf, Option<Identity>),
}

impl Watch {
    /// A watch that finds nothing: a database in memory has no file.
    pub(super) fn none() -> Arc<Self> {
        Arc::default()
    }

    /// Starts to look at the database at `path` each second. The database must be open, so that its log is there.
    pub(super) fn start(path: &Path, database: Identity) -> Arc<Self> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = PathBuf::from(log);
        let log_now = fs::metadata(&log).ok().map(|log| Identity::of(&log));
        let files = Arc::new(Files { database: (path.to_owned(), database), log: (log, log_now) });
        let watch = Arc::<Self>::default();
        let watching = Arc::downgrade(&watch);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                // The store was dropped, or has closed.
                let Some(watch) = watching.upgrade().filter(|watch| !watch.is_over()) else { return };
                let files = Arc::clone(&files);
                // A thread for blocking work, because a disk may hang.
                let looked = tokio::task::spawn_blocking(move || watch.look(&files));
                if looked.await.is_err() {
                    return;
                }
            }
        });
        watch
    }

    /// Why writes have to be refused, if they have to.
    pub(super) fn damage(&self) -> Option<&'static str> {
        Self::decode(self.damage.load(Ordering::Relaxed)).map(Damage::reason)
    }

    /// Ends the watch: SQLite is about to remove the log.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn decode(code: u8) -> Option<Damage> {
        ALL.into_iter().find(|damage| *damage as u8 == code)
    }

    fn look(&self, files: &Files) {
        let found = files.damage();
        // Asked after the look: SQLite removes the log when it closes, which is no damage.
        if self.is_over() {
            return;
        }
        let before = Self::decode(self.damage.swap(found.map_or(0, |damage| damage as u8), Ordering::Relaxed));
        let path = files.database.0.display();
        match (before, found) {
            (_, Some(damage)) if before != found => tracing::error!(
                %path, reason = damage.reason(), cure = damage.cure(),
                "the database file is no longer what is open: writes are refused and /ready fails"
            ),
            (Some(_), None) => tracing::info!(%path, "the database file is what is open again: writes are accepted"),
            (_, _) => {}
        }
    }
}

impl Files {
    fn damage(&self) -> Option<Damage> {
        let (path, database) = &self.database;
        match fs::metadata(path) {
            Ok(found) if !database.is_same_file(Identity::of(&found)) => return Some(Damage::Replaced),
            Ok(found) if Identity::of(&found).names() > 1 => return Some(Damage::Linked),
            Ok(_) => {}
            Err(error) if is_absent(&error) => return Some(Damage::Removed),
            // Nothing is known, and SQLite itself will find out whether the disk fails.
            Err(_) => return None,
        }
        let (path, Some(log)) = &self.log else { return None };
        match fs::metadata(path) {
            Ok(found) if !log.is_same_file(Identity::of(&found)) => Some(Damage::LogLost),
            Err(error) if is_absent(&error) => Some(Damage::LogLost),
            Ok(_) | Err(_) => None,
        }
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
