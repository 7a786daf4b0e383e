//! The mock data, and the code that loads it, or any other payments, through the generated client like any consumer.

mod fixtures;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "load")]
mod read;
#[cfg(feature = "load")]
mod synthetic;

pub use fixtures::{Fixture, JSON, find, fixture, fixtures};
