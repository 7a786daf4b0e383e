//! The service as the contract describes it.
//!
//! Rooms depend one way: `connection` → `middleware` → `site` → `api` and `pages` → `problem`. A request passes them in
//! that order, and `problem` turns every error into a response. Several rooms use `request_id`, `urls` and
//! `entity_tags`, which depend on none.

mod api;
mod connection;
mod entity_tags;
mod middleware;
mod pages;
mod problem;
mod request_id;
mod site;
mod urls;

pub use api::{Service, Settings, Sources};
pub use connection::{ConnectionTimeouts, serve};
pub use middleware::{HttpMetrics, Limit, Limits, Origins, Pipeline};
pub(crate) use pages::profiling::start_heap_sampling;
pub use site::{Audience, Site};
