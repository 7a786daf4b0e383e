//! Describes an operation of the contract, for routing, logs and metrics.

use crate::deprecation::Deprecation;

/// An operation of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its tag.
    pub tag: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path in the contract, with the names of the parameters in braces.
    pub path: &'static str,
    /// The names of the parameters in its query.
    pub query: &'static [&'static str],
    /// The media types of its successful responses; empty if they have no body.
    pub produces: &'static [&'static str],
    /// The statuses of the problems that the contract declares for it.
    pub failures: &'static [u16],
    /// The scope that its caller needs; `None` if it is open to everybody.
    pub scope: Option<&'static str>,
    /// What is deprecated of it and of its parameters.
    pub deprecations: &'static [Deprecation],
}
