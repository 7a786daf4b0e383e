//! The service as the contract describes it.
//!
//! Rooms depend one way: `connection` → `middleware` → `site` → `api` and `pages` → `problem`. A request passes them in
//! that order, and `problem` turns every error into a response. `versions` stands between `site` and `api`: there a request
//! of an older version becomes one of the newest. Several rooms use `body_handle`, `caller`, `deprecations`, `entity_tags`,
//! `identity`, `memory_budget`, `request_id` and `urls`, which depend on no room.

mod api;
mod body_handle;
mod caller;
mod connection;
mod deprecations;
mod entity_tags;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod header_scan;
mod identity;
mod memory_budget;
mod middleware;
mod pages;
mod problem;
mod request_id;
mod site;
mod urls;
mod versions;

pub use api::{Service, Settings, Sources};
pub use connection::{ConnectionLimits, ConnectionMetrics, ConnectionOptions, ConnectionTimeouts, serve};
pub use identity::Identity;
pub use memory_budget::MemoryBudget;
pub use middleware::{HttpMetrics, Limit, Limits, Origins, Pipeline};
pub(crate) use pages::profiling::start_heap_sampling;
pub use site::{Audience, Site};
