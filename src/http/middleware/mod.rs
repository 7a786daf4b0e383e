//! The steps that every request passes: id, log line, rate limit, deadline, common headers.
//!
//! `pipeline` puts them in order; every other file is one step.

mod access_log;
mod arrival;
mod authorisation;
mod caching;
mod client_address;
mod compression;
mod cors;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod metrics;
mod pipeline;
mod rate_limit;
mod streams;

pub(super) use access_log::TRACEPARENT;
pub(super) use arrival::{Arrival, MakeError, Refused};
pub use cors::Origins;
pub use metrics::HttpMetrics;
pub(super) use pipeline::Started;
pub use pipeline::{Limits, Pipeline};
pub use rate_limit::Limit;
pub(super) use rate_limit::client_network;
