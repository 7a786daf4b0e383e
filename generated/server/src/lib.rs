// @generated from api/openapi.yml by `make generate`; do not edit.

//! The server's side of the contract **Payments**, version 1.0.0.
//!
//! A service implements [`Api`] (what it may fail with), [`Rules`](models::Rules) (what the values must obey) and, for each tag
//! that it serves, the tag's trait; then it makes [`Routes`] of the tags' `routes`. What is refused, by whichever layer, becomes a
//! response where that is done once for all of them: in the service.

#[doc = "The operations of the tag `Admin`."]
#[path = "apis/admin.rs"]
pub mod admin;
mod decode;
mod encode;
mod input;
mod json;
#[doc = "The operations of the tag `Metrics`."]
#[path = "apis/metrics.rs"]
pub mod metrics;
pub mod models;
#[doc = "The operations of the tag `Monitoring`."]
#[path = "apis/monitoring.rs"]
pub mod monitoring;
mod operation;
mod output;
#[doc = "The operations of the tag `Payments`."]
#[path = "apis/payments.rs"]
pub mod payments;
mod refusal;
mod routes;

pub use decode::{Decode, Fault, Faults, MAX_FAULTS, decode};
pub use encode::{Encode, RawJson};
pub use input::RawBody;
pub use json::{Json, Outline};
pub use operation::Operation;
pub use output::{Document, problem};
pub use refusal::{Api, Refusal};
pub use routes::{Answering, Route, Routes, Target};

/// The contract, as JSON.
pub const OPENAPI_JSON: &str = include_str!("../openapi.json");
