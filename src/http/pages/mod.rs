//! Pages beside the contract's operations: the contract itself, its documentation, and profiles.

pub(super) mod contract;
pub(super) mod docs;
pub(crate) mod profiling;
