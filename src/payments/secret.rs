//! The secret of a store.

use std::fmt;

/// Random bytes that a store keeps beside its payments, from its first opening on: the same for every process that opens it,
/// and known to nobody else. Callers derive keys from it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; Self::LENGTH]);

impl Secret {
    /// How many bytes a secret has.
    pub const LENGTH: usize = 32;

    /// The secret that consists of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes. They must not leave the process.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    /// Leaves the bytes out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}
