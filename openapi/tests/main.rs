//! Plays the generated server and client of supported.yml against each other: what one sends, the other reads, for everything that
//! the templates can do.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails says so by panicking")]

mod deprecations;
mod models;
mod requests;
mod service;
mod streams;
