//! The service as the contract describes it. A request passes `connection`, `middleware`, then `api` or `pages`; whatever
//! fails becomes a response in `problem`.

mod api;
mod connection;
mod middleware;
mod pages;
mod patch;
mod problem;
mod request_id;
mod site;

pub use api::{Service, Settings, Sources};
pub use connection::{Patience, serve};
pub use middleware::{HttpMetrics, Limit, Limits, Origins, Pipeline};
pub(crate) use pages::profiling;
pub use site::Site;
