// @generated from api/openapi.yml by `make generate`; do not edit.

//! The server's side of the contract **Payments**, version 2027-01-15.
//!
//! A service implements [`Api`] (its errors and limits), [`Rules`](models::Rules) (its checks of values) and the trait of each tag
//! that it serves; then it builds [`Routes`] from the `routes` of the tags. Every refusal, of whichever layer, is converted into the
//! error of the service, which turns it into a response in one place.

#[doc = "The operations of the tag `Admin`."]
#[path = "apis/admin.rs"]
pub mod admin;
#[doc = "The operations of the tag `Events`."]
#[path = "apis/events.rs"]
pub mod events;
#[doc = "The operations of the tag `Identity`."]
#[path = "apis/identity.rs"]
pub mod identity;
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
    Answering, Api, Decode, DeprecatedUses, Deprecation, Document, EarlierFaults, Encode, EventStream, Fault, Faults,
    Json, MAX_FAULTS, Operation, Outline, RawBody, RawJson, Refusal, Route, Routes, Target, decode, deprecation, input,
    preferred_media_type, problem,
};

/// The contract, as JSON.
pub const OPENAPI_JSON: &str = include_str!("../openapi.json");
