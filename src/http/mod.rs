//! The service as the contract describes it: wire in, domain call, wire out. Knows nothing of SQL.

mod access_log;
mod admin;
mod caching;
mod client_address;
mod compression;
mod contract;
mod cors;
mod docs;
mod guarded;
mod heads;
mod metrics;
mod monitoring;
mod paging;
mod patch;
mod patches;
mod payments;
mod pipeline;
mod precondition;
mod problem;
pub(crate) mod profiling;
mod rate_limit;
mod request_id;
mod server;
mod service;
mod site;
mod taking;
mod wire;

pub use cors::Origins;
pub use metrics::HttpMetrics;
pub use pipeline::{Limits, Pipeline};
pub use rate_limit::Limit;
pub use server::{Patience, serve};
pub use service::{Service, Settings, Sources};
pub use site::Site;
