//! The harness: plays the features against the service, holds every answer to the contract, and says what came of it.
//!
//! A step is in `steps`, by what it is about; it talks to the service through the [`World`], and asserts with
//! [`expect`]. The rest makes that short: [`client`] sends anything, [`contract`] is the referee, `server` gives each
//! scenario a service of its own, `run` plays the scenarios and passes the verdict, `report` writes it down.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod catalogue;
pub mod client;
pub mod contract;
pub mod expect;
mod json;
pub mod options;
mod record;
mod recorder;
mod report;
mod run;
mod server;
pub mod stage;
mod steps;
mod terminal;
mod world;

pub use catalogue::Selection;
pub use run::run;
pub use terminal::Terminal;
pub use world::World;
