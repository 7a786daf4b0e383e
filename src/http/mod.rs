//! The service as the contract describes it.
//!
//! Rooms depend one way: `connection` → `middleware` → `site` → `api` and `pages` → `problem`. A request passes them in
//! that order, and `problem` turns every error into a response. Several rooms use `deprecations`, `entity_tags`,
//! `memory_budget`, `request_id` and `urls`, which depend on no room.

mod api;
mod connection;
mod deprecations;
mod entity_tags;
mod memory_budget;
mod middleware;
mod pages;
mod problem;
mod request_id;
mod site;
mod urls;

pub use api::{Service, Settings, Sources};
pub use connection::{ConnectionLimits, ConnectionMetrics, ConnectionOptions, ConnectionTimeouts, serve};
pub use memory_budget::MemoryBudget;
pub use middleware::{HttpMetrics, Limit, Limits, Origins, Pipeline};
pub(crate) use pages::profiling::start_heap_sampling;
pub use site::{Audience, Site};
