//! Limits of what a document or a patch may cost.

/// A number of levels that objects and arrays may nest, at most [`Depth::MAX`].
///
/// Patches, comparisons and the destruction of a changed document recurse once for each level. The maximum bounds their
/// stack, whatever limit a caller chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Depth(usize);

impl Depth {
    /// 128 levels, which is also where serde_json and many other parsers stop.
    pub const MAX: Self = Self(128);

    /// A limit of so many levels, or of [`Depth::MAX`] if that is less.
    #[must_use]
    pub const fn new(levels: usize) -> Self {
        if levels < Self::MAX.0 { Self(levels) } else { Self::MAX }
    }

    /// The number of levels. The document `"text"` has none, `[]` has one.
    #[must_use]
    pub const fn levels(self) -> usize {
        self.0
    }
}

/// Limits of what a patch may cost.
///
/// ```
/// use json_text::{Depth, PatchLimits};
///
/// let limits = PatchLimits { bytes: 1 << 20, ..PatchLimits::default() };
/// assert_eq!(limits.depth, Depth::MAX);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PatchLimits {
    /// The most bytes of the result, and of each document on the way to it.
    pub bytes: usize,
    /// The most tokens of a pointer, and the deepest nesting of objects and arrays where a patch puts a value.
    pub depth: Depth,
    /// The most operations of a JSON Patch.
    pub operations: usize,
    /// The most values that the operations of a JSON Patch look at, copy or move in all. An operation may do that with all
    /// values of the document: with a removal at the front of an array, all behind it move up.
    pub work: usize,
    /// The most faults of a malformed patch that are reported.
    pub faults: usize,
}

impl Default for PatchLimits {
    /// 1 MiB, 128 levels, 1,000 operations, 16 million values, 32 faults. So much work takes some 50 ms.
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: Depth::MAX, operations: 1000, work: 16_000_000, faults: 32 }
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
