//! What goes wrong around the service, made to happen: calls of the store that fail, that are done although their answer is
//! lost, or that hang; a network that loses things; a PostgreSQL that goes away and comes back.
//!
//! Whatever happens, an answer must be true: what was acknowledged is there, what was refused was not done, and of
//! everything else it is said that it may have happened.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod calls;
mod cuts;
mod faulty;
mod network;
mod operations;
mod outage;
mod proxy;
mod rivals;
mod service;
