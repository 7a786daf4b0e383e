// @generated from api/openapi.yml by `make generate`; do not edit.

//! The operations: a request type each, made by the method of [`Client`](crate::Client) that has its name.
//!
//! What is required goes into that method, what is optional into the setters of the request; nothing happens before
//! `send`. A request can be cloned, to send it again.
mod admin;
mod metrics;
mod monitoring;
mod payments;
pub use admin::*;
pub use metrics::*;
pub use monitoring::*;
pub use payments::*;
