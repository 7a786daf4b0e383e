//! The operations of the contract, a file for each tag: reads the request, calls the domain, writes the response.

mod admin;
mod metrics;
mod monitoring;
mod paging;
mod patches;
mod payments;
pub(super) mod precondition;
mod service;
pub(super) mod wire;

pub use service::{Service, Settings, Sources};
