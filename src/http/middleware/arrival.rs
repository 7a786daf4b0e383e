//! What a connection says of a request that it hands to the pipeline.

use crate::http::{memory_budget::Reserved, problem::Error};
use std::net::IpAddr;

/// Makes the error of a request that is refused. Requests carry this, because an error is larger than a pointer.
pub(in crate::http) type MakeError = fn() -> Error;

/// Why a connection does not take a request.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) enum Refused {
    /// It would not take any; one to the versioned paths is refused, so that probes get through.
    Busy(MakeError),
    /// The request is malformed.
    Malformed(MakeError),
}

impl Refused {
    /// The error for a request to such a path, if it is refused.
    pub(super) fn error(self, is_versioned: bool) -> Option<Error> {
        match self {
            Self::Busy(error) => is_versioned.then(error),
            Self::Malformed(error) => Some(error()),
        }
    }
}

/// What the connection knows of a request.
pub(in crate::http) struct Arrival {
    pub(in crate::http) peer: IpAddr,
    /// Why the connection does not take the request.
    pub(in crate::http) refused: Option<Refused>,
    /// What the request has reserved of the memory budget.
    pub(in crate::http) reserved: Reserved,
}
