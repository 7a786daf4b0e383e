//! Which file stands at a path: files are the same if they have the same inode, whatever they are called.

use std::fs::Metadata;

/// The identity of a file, and how many names it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    names: u64,
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: file.dev(), inode: file.ino(), names: file.nlink() }
    }

    /// Other systems tell no identity: all files are taken for the same.
    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Self {
        Self { device: 0, inode: 0, names: 1 }
    }

    /// How many names (hard links) the file has; 0 if it was removed.
    pub(super) fn names(self) -> u64 {
        self.names
    }

    /// Whether both are the same file.
    pub(super) fn is_same_file(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}
