//! What happens to every request, whatever it asks for: name, log, limits, deadline, headers.

mod access_log;
mod caching;
mod client_address;
mod compression;
mod cors;
mod metrics;
mod pipeline;
mod rate_limit;

pub use cors::Origins;
pub use metrics::HttpMetrics;
pub(super) use pipeline::Begun;
pub use pipeline::{Limits, Pipeline};
pub use rate_limit::Limit;
