//! What a document or a patch may cost.

/// A number of levels that objects and arrays may nest, at most [`Depth::MAX`].
///
/// Patches, comparisons and the destruction of a changed document recurse once for each level. The bound keeps this within
/// a few kilobytes of stack, whatever limit a caller chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Depth(usize);

impl Depth {
    /// 128 levels, which is also where serde_json and many other parsers stop.
    pub const MAX: Self = Self(128);

    /// A limit of so many levels; more than [`Depth::MAX`] is that.
    #[must_use]
    pub const fn new(levels: usize) -> Self {
        if levels < Self::MAX.0 { Self(levels) } else { Self::MAX }
    }

    /// The limit as a number; a document that is a string has no level, `[]` has one.
    #[must_use]
    pub const fn levels(self) -> usize {
        self.0
    }
}

/// What a patch may cost.
///
/// ```
/// use json_text::{Depth, PatchLimits};
///
/// let limits = PatchLimits { bytes: 1 << 20, ..PatchLimits::default() };
/// assert_eq!(limits.depth, Depth::MAX);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PatchLimits {
    /// How many bytes the result may have, and every document on the way to it.
    pub bytes: usize,
    /// How deep a patch may reach, and how deep objects and arrays may nest where it leaves something.
    pub depth: Depth,
    /// How many operations a JSON Patch may have; each may cost a walk through the whole document.
    pub operations: usize,
    /// How many faults of a malformed patch are reported.
    pub faults: usize,
}

impl Default for PatchLimits {
    /// 1 MiB, 128 levels, 1,000 operations, 32 faults.
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: Depth::MAX, operations: 1000, faults: 32 }
    }
}

#[cfg(test)]
mod tests {
    use super::Depth;

    #[test]
    fn depth_is_at_most_its_maximum() {
        let levels = [0, 64, 128, 129, usize::MAX].map(|levels| Depth::new(levels).levels());
        assert_eq!(levels, [0, 64, 128, 128, 128]);
    }
}
