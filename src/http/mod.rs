//! The service as the contract describes it: wire in, domain call, wire out. Knows nothing of SQL.

mod admin;
mod contract;
mod monitoring;
mod paging;
mod patch;
mod patches;
mod payments;
mod precondition;
mod problem;
mod server;
mod service;
mod wire;

pub use server::serve;
pub use service::{Service, Settings, Sources, router};
