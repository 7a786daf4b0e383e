//! A rule of the domain that a value breaks.

/// What is wrong with a value, as a predicate that reads on from the value's name: "must be greater than zero".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenRule(pub &'static str);
