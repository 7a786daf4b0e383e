//! Errors of patches: which part is wrong, why, and how to cure it.

use crate::{Depth, Obstacle, Op, PointerError, SyntaxError};
use std::fmt;

/// A patch could not be applied; nothing was changed.
///
/// The pointers of the faults lead into the patch, not into the document: `/2/path` is the path of the third operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// The document is not JSON.
    Document(SyntaxError),
    /// The patch is wrong for any document. Holds all its faults, up to [`PatchLimits::faults`](crate::PatchLimits).
    Malformed(Vec<PatchFault>),
    /// The patch is well-formed, but cannot be applied to this document, or not within the limits.
    NotApplicable(PatchFault),
    /// A `test` does not hold: the document is not what the author of the patch expects.
    TestFailed(PatchFault),
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(error) => write!(f, "the document is not JSON: {error}"),
            Self::Malformed(faults) => {
                f.write_str("the patch is malformed:")?;
                faults
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, fault)| write!(f, "{} {fault}", if index > 0 { ";" } else { "" }))
            }
            Self::NotApplicable(fault) => write!(f, "the patch cannot be applied: {fault}"),
            Self::TestFailed(fault) => write!(f, "a test of the patch does not hold: {fault}"),
        }
    }
}

impl std::error::Error for PatchError {}

/// One fault of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchFault {
    /// A JSON Pointer into the patch; empty for the patch as a whole.
    pub pointer: String,
    /// The reason, as text without a subject, such as "is missing; …".
    pub reason: Reason,
}

impl fmt::Display for PatchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "the patch" } else { &self.pointer };
        write!(f, "{pointer} {}", self.reason)
    }
}

/// The reason why a part of a patch is refused. The text is a sentence without its subject, the part, and names a cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The part should be JSON text.
    NotJson(SyntaxError),
    /// The key stands twice in its object.
    Duplicate,
    /// There are more operations than the limit.
    TooManyOperations {
        /// The number of operations.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The part should be a JSON Pointer.
    NotAPointer {
        /// The rule that the text breaks.
        error: PointerError,
        /// The member that paths are expected to begin with.
        envelope: Option<&'static str>,
    },
    /// The operation needs a `value`.
    NoValue(Op),
    /// The operation needs a `from`.
    NoFrom(Op),
    /// The pointer leads to nothing.
    NotFound(NotFound),
    /// The value is not the one that the `test` expects.
    NotEqual {
        /// The place of the value, as a pointer that may be cut short.
        place: String,
    },
    /// The pointer names the whole document, which cannot be removed.
    RemovesDocument,
    /// A value would move into itself.
    MovesIntoItself {
        /// The place of the value.
        from: String,
        /// The place inside the value.
        path: String,
    },
    /// The pointer has more tokens than documents may have levels.
    LeadsTooDeep(Depth),
    /// The document would nest deeper than the limit.
    TooDeep(Depth),
    /// The document would have more than so many bytes.
    TooLarge(usize),
    /// The operations look at, copy or move more than so many values.
    TooMuchWork(usize),
}

impl Reason {
    /// Returns whether the patch exceeds a limit; otherwise it contradicts the document.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::LeadsTooDeep(_) | Self::TooDeep(_) | Self::TooLarge(_) | Self::TooMuchWork(_))
    }

    /// Makes a fault of the part that `pointer` leads to.
    pub(crate) fn at(self, pointer: impl Into<String>) -> PatchFault {
        PatchFault { pointer: pointer.into(), reason: self }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => write!(f, "is not JSON: {error}"),
            Self::Duplicate => f.write_str("stands twice in the same object; keep one"),
            Self::TooManyOperations { count, limit } => {
                write!(f, "has {count} operations; send at most {limit} at a time")
            }
            Self::NotAPointer { error: error @ PointerError::NoSlash, envelope: Some(envelope) } => {
                write!(f, "{error}; paths begin with /{envelope}")
            }
            Self::NotAPointer { error, envelope: _ } => error.fmt(f),
            Self::NoValue(op) => write!(f, "is missing; {op} needs a value, which may be null"),
            Self::NoFrom(op) => write!(f, "is missing; {op} needs to know from where"),
            Self::NotFound(not_found) => not_found.fmt(f),
            Self::NotEqual { place } => {
                write!(f, "is not the value of {place}; read it again, and patch what it is now")
            }
            Self::RemovesDocument => {
                f.write_str("names the whole document, which cannot be removed; name a part of it")
            }
            Self::MovesIntoItself { from, path } => {
                write!(f, "names {from}, which cannot move into itself, to {path}; copy it instead")
            }
            Self::LeadsTooDeep(depth) => {
                let levels = depth.levels();
                write!(f, "leads deeper than {levels} objects and arrays; name something closer to the top")
            }
            Self::TooDeep(depth) => {
                let levels = depth.levels();
                write!(f, "would make the document nest deeper than {levels} objects and arrays; send a flatter value")
            }
            Self::TooLarge(bytes) => {
                write!(f, "would make the document larger than {bytes} bytes; add less, or remove something first")
            }
            Self::TooMuchWork(values) => write!(
                f,
                "has the operations look at or move more than {values} values in all; send fewer of them, or replace the \
                 large object or array as a whole"
            ),
        }
    }
}

/// A pointer that leads to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// The first place on the path that does not exist, as a pointer that may be cut short.
    pub place: String,
    /// The place of its parent, which exists.
    pub parent: String,
    /// True if the pointer leads on from the missing place.
    pub leads_through: bool,
    /// The reason why the place does not exist.
    pub obstacle: Obstacle,
    /// The member that paths should begin with, if the document has it and this path begins elsewhere.
    pub envelope: Option<&'static str>,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, parent, leads_through, obstacle, envelope } = self;
        write!(f, "{} {place}, ", if *leads_through { "leads through" } else { "names" })?;
        match (obstacle, envelope) {
            (Obstacle::NoMember, Some(envelope)) => write!(f, "which does not exist; paths begin with /{envelope}"),
            (Obstacle::NoMember, None) => {
                f.write_str("which does not exist; name a member that does, or add this one first")
            }
            (Obstacle::NoElement(0), _) => write!(f, "but {parent} is empty; add to it first, at /-"),
            (Obstacle::NoElement(count), _) => {
                write!(f, "but {parent} has {count} elements, counted from 0; use an index below {count}")
            }
            (Obstacle::Gap(count), _) => {
                write!(f, "but {parent} has {count} elements; add at an index up to {count}, or at -")
            }
            (Obstacle::PastEnd, _) => {
                f.write_str("the place after the last element, where there is nothing; use an index")
            }
            (Obstacle::NotAnIndex, _) => write!(f, "but {parent} is an array; use an index, such as 0 or 12"),
            (Obstacle::NoChildren(kind), _) => {
                write!(f, "but {parent} is {kind}, which holds nothing; name something else")
            }
        }
    }
}
