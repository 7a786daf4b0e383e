//! The service over HTTP, as its clients meet it: started in this process on a free port, over SQLite in memory.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod admin;
mod browsers;
mod create;
mod delete;
mod docs;
mod failures;
mod get;
mod list;
mod metrics;
mod monitoring;
mod patch;
mod protocol;
mod refusals;
mod service;
mod update;
