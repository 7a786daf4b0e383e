//! The operations of the contract, a file for each tag: reads the request, calls the domain, writes the response.
//!
//! The handlers know the domain and the generated models, and no statuses. `wire` converts between the two.

mod admin;
mod cursor_codec;
mod cursors;
mod date_time;
mod ending;
mod events;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod identity;
mod metrics;
mod monitoring;
mod paging;
mod patches;
mod payments;
mod precondition;
mod service;
mod turns;
mod wire;

pub use service::{Service, Settings, Sources};
