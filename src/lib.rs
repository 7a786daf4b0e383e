//! A payments resource API whose contract cannot lie. `main → app → http → payments ← repo`.

pub mod app;
pub mod config;
pub mod health;
pub mod http;
pub mod metrics;
pub mod payments;
pub mod repo;
