//! Pages that are no operations of the contract: the contract itself, its documentation, the kinds of problems, and profiles.
//!
//! Each lists the paths that it serves, for the log at the start, and builds its routes.

mod asset;
pub(super) mod contract;
pub(super) mod docs;
pub(super) mod problems;
pub(super) mod profiling;
