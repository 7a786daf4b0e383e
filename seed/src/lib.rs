//! The mock data.

mod fixtures;

pub use fixtures::{Fixture, JSON, find, fixture, fixtures};
