// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

//! The server's side of the contract **Supported**, version 1.2.3.
//!
//! A service implements [`Api`] (its errors and limits), [`Rules`](models::Rules) (its checks of values) and the trait of each tag
//! that it serves; then it builds [`Routes`] from the `routes` of the tags. Every refusal, of whichever layer, is converted into the
//! error of the service, which turns it into a response in one place.

#[doc = "The operations of the tag `Health`."]
#[path = "apis/health.rs"]
pub mod health;
pub mod models;
#[doc = "The operations of the tag `Things`."]
#[path = "apis/things.rs"]
pub mod things;

pub use openapi_server::{
    Answering, Api, Decode, DeprecatedUses, Deprecation, Document, EarlierFaults, Encode, EventStream, Fault, Faults,
    Json, MAX_FAULTS, Operation, Outline, RawBody, RawJson, Refusal, Route, Routes, Target, decode, deprecation, input,
    preferred_media_type, problem,
};

/// The contract, as JSON.
pub const OPENAPI_JSON: &str = include_str!("../openapi.json");
