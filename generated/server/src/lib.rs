// @generated from api/openapi.yml by `make generate`; do not edit.

//! The server's side of the contract **Payments**, version 1.0.0.
//!
//! A service implements [`Api`] (what it may fail with), [`Rules`](models::Rules) (what the values must obey) and, for each tag
//! that it serves, the tag's trait; then it makes [`Routes`] of the tags' `routes`. What is refused, by whichever layer, becomes a
//! response where that is done once for all of them: in the service.

#[doc = "The operations of the tag `Admin`."]
#[path = "apis/admin.rs"]
pub mod admin;
#[doc = "The operations of the tag `Metrics`."]
#[path = "apis/metrics.rs"]
pub mod metrics;
pub mod models;
#[doc = "The operations of the tag `Monitoring`."]
#[path = "apis/monitoring.rs"]
pub mod monitoring;
#[doc = "The operations of the tag `Payments`."]
#[path = "apis/payments.rs"]
pub mod payments;

pub use openapi_server::{
    Answering, Api, Decode, Document, Encode, Fault, Faults, Json, MAX_FAULTS, Operation, Outline, RawBody, RawJson,
    Refusal, Route, Routes, Target, decode, problem,
};

/// The contract, as JSON.
pub const OPENAPI_JSON: &str = include_str!("../openapi.json");
