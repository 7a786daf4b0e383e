//! Runs the Gherkin features against the service, validates every answer against the contract, and reports the results.
//!
//! Steps are in `steps`, one module a topic. A step sends requests through the [`World`], and asserts with [`expect`].
//! Below them, [`client`] sends any request, well-formed or not; [`contract`] validates answers; `service` starts a service
//! for each scenario; `run` runs the scenarios and decides on the exit code; `report` writes the reports.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod catalogue;
pub mod client;
mod context;
pub mod contract;
pub mod environment;
pub mod expect;
mod json;
pub mod options;
mod recorder;
mod replay;
mod report;
mod results;
mod run;
mod service;
mod steps;
pub mod stores;
mod terminal;
mod world;

pub use catalogue::Selection;
pub use run::run;
pub use terminal::Terminal;
pub use world::World;
