//! Starts what tests need, and asks it: the service in this process ([`Service`]), the built program ([`Program`]), a
//! PostgreSQL ([`postgres`]), a store whose calls fail ([`Faulty`]), a network that misbehaves ([`Proxy`]), a connection for raw
//! bytes ([`Connection`]), access tokens ([`tokens`]), a stream of events ([`EventStream`]).
//!
//! An [`Answer`] that is not as expected prints what was expected, what came, and the body.
//!
//! Unit tests inside `src/` cannot use this crate: it is built on `payments` as other crates see it, whose types differ from
//! those of a `payments` that is compiled for its own tests.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod answer;
mod client;
mod connection;
mod event_stream;
mod faulty;
mod payment;
mod program;
mod proxy;
mod service;
pub mod tokens;

pub use answer::Answer;
pub use client::{Client, JSON};
pub use connection::Connection;
pub use event_stream::{EventStream, StreamedEvent};
pub use faulty::{Fault, Faulty, Plan};
pub use payment::{payment, with_attributes};
pub use program::{Process, Program, sqlite_uri};
pub use proxy::{Proxy, Way};
pub use service::{Service, settings};
pub use test_postgres as postgres;
