//! Patches of JSON text: JSON Patch (RFC 6902) and merge patch (RFC 7396).
//!
//! Both work on the text of a document, not on a tree of values, because a tree forgets: `1.10` becomes `1.1`, a long
//! integer becomes a float, keys change their order. Here the text is opened only where a patch leads, and whatever is
//! not opened is written back byte for byte. In an object or array that changes, the white space between the members
//! goes; keys and values keep their spelling.
//!
//! Documents and patches come from strangers. Nothing recurses deeper than [`MAX_DEPTH`], and nothing grows beyond the
//! limit that the caller sets.

mod equal;
mod json_patch;
mod merge_patch;
mod number;
mod operation;
mod pointer;
mod scan;
#[cfg(test)]
mod tests;
mod tree;
mod walk;

pub(crate) use {json_patch::json_patch, merge_patch::merge_patch};

use payments_server::Fault;
use std::borrow::Cow;

/// How deep a patch may reach, and how deep objects and arrays may nest where it leaves something.
pub(crate) const MAX_DEPTH: usize = 128;

/// How many operations one JSON Patch may have: each may cost a walk through the whole document.
pub(crate) const MAX_OPERATIONS: usize = 1000;

/// Why a patch was not applied. The document is then as it was.
///
/// The pointers of the faults lead into the patch, not into the document: `/2/path` is the path of the third operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PatchError {
    /// The patch itself is wrong, whatever the document says: all that is wrong, up to a sane number.
    Malformed(Vec<Fault>),
    /// The patch is well-formed, but this document does not allow it.
    NotApplicable(Fault),
    /// A `test` did not hold: the document is not what the client believes it to be.
    TestFailed(Fault),
}

/// One thing that is wrong with a patch.
fn fault(pointer: impl Into<String>, detail: impl Into<Cow<'static, str>>) -> Fault {
    Fault { pointer: pointer.into(), detail: detail.into() }
}

/// What is wrong with a result of more than `limit` bytes.
fn too_large(limit: usize) -> String {
    format!("would make the document larger than {limit} bytes; add less, or remove something first")
}

/// What is wrong with a value that nests too deep.
fn too_deep() -> String {
    format!("would make the document nest deeper than {MAX_DEPTH} objects and arrays; send a flatter value")
}
