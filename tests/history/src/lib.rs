//! Proves by recorded histories that the service keeps its promises while many clients use it and things go wrong.
//!
//! Clients ask for all operations of the contract, on few payments, over every store and any number of replicas, and some follow the
//! events all the time ([`run`], [`generate`], [`follow`], [`send`]); processes are killed and connections cut meanwhile ([`system`]); everything is
//! recorded ([`record`]). The checker ([`mod@check`]) then holds the [`model::History`] to what a versioned register promises. A history
//! that breaks a rule is told in words ([`report`]) and drawn as a timeline ([`timeline`]).
//!
//! Why no kept library searches: `stateright`, whose tester is the one for Rust, tries orders until one fits. That takes
//! exponential time for what no order fits, cannot say which rule was broken, and is not needed: the versions in the answers are the order.
//!
//! `make check-history` runs minutes of it, `make soak` draws what the process uses over time ([`soak`]).

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails says so by panicking; `check` and `model` do neither"
)]

pub mod check;
pub mod clock;
pub mod counts;
pub mod follow;
pub mod generate;
pub mod model;
pub mod record;
pub mod report;
pub mod rounds;
pub mod run;
pub mod send;
pub mod soak;
pub mod system;
pub mod timeline;

pub use check::check;
