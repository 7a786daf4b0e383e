//! Rules of the domain, and the message of the one that a value breaks.

/// A rule that a value breaks, as a predicate that reads on from the value's name: "must be greater than zero".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenRule(pub &'static str);
