// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]
#![allow(deprecated, reason = "a model has its deprecated fields too")]

pub mod apis;
mod client;
#[allow(unused_imports, reason = "not every model names another")]
pub mod models;

pub use client::{Client, ClientBuilder, Error};
pub use openapi_client::{
    ByteStream, ClientCredentials, DeprecationNotice, Json, JsonObject, Response, TokenError, TokenSource, Unexpected,
    reqwest::{self, StatusCode, header::HeaderMap},
};
