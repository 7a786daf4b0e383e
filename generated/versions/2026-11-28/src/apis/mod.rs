// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! A request type for each operation, built by the method of [`Client`](crate::Client) with its name.
//!
//! The method takes the required parameters, the setters of the request take the optional ones, and `send` sends it. A request
//! can be cloned and sent again.
mod admin;
mod metrics;
mod monitoring;
mod payments;
pub use admin::*;
pub use metrics::*;
pub use monitoring::*;
pub use payments::*;
