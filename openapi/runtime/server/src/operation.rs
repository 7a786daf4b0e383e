//! What an operation is called, for whoever watches it from outside.

/// An operation of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path in the contract, with the names of the parameters in braces.
    pub path: &'static str,
    /// The media types of its answers; none if they have no body.
    pub produces: &'static [&'static str],
    /// The statuses with which the contract lets it fail.
    pub failures: &'static [u16],
}
