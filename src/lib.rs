//! A payments resource API whose contract cannot lie. `main → app → http → payments ← repo`.

pub mod app;
pub mod config;
mod deadline;
pub mod health;
pub mod http;
pub mod log;
pub mod metrics;
pub mod payments;
pub mod repo;
mod vectorised;
