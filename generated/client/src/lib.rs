// @generated from api/openapi.yml by `make generate`; do not edit.

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]

mod answer;
pub mod apis;
mod call;
mod client;
mod error;
mod json;
pub mod models;
mod object;
mod response;

pub use client::{Client, ClientBuilder};
pub use error::{Error, Unexpected};
pub use json::Json;
pub use object::JsonObject;
pub use reqwest::{self, StatusCode, header::HeaderMap};
pub use response::Response;
