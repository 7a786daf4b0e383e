//! Provides the mock payments of `seed/payments.json`, and loads them, or any other payments, into a running service
//! through the generated client.

#[cfg(feature = "load")]
mod entry;
mod fixtures;
#[cfg(feature = "load")]
pub mod load;
#[cfg(feature = "load")]
mod read;
#[cfg(feature = "load")]
mod synthetic;

pub use fixtures::{Fixture, JSON, find, fixture, fixtures};
