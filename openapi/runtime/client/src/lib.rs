//! The runtime of a generated client crate: all that does not depend on the contract.
//!
//! A [`Call`] collects what a request says and sends it through a [`Client`]; the
//! [`RawResponse`] that comes back becomes a [`Response`] or an [`Error`]. [`Json`] and [`JsonObject`] keep JSON as text.
//!
//! The generated crate re-exports the types that its users need; the rest is for generated code.

mod backoff;
mod call;
mod client;
mod deprecation;
mod error;
mod event_source;
mod json;
mod object;
mod open_response;
mod raw_response;
mod response;
mod sse_parser;
mod string_enum;
mod text_object;
mod token_source;

pub use backoff::Backoff;
pub use call::Call;
pub use client::{ApiClient, Client, ClientBuilder};
pub use deprecation::DeprecationNotice;
pub use error::{Error, Problem, Unexpected};
pub use event_source::{EventSource, EventSourceBuilder, Interruption, OnInterruption};
pub use json::{Json, present};
pub use object::JsonObject;
pub use open_response::{ByteStream, OpenResponse};
pub use raw_response::RawResponse;
pub use response::Response;
pub use sse_parser::ServerSentEvent;
pub use token_source::{ClientCredentials, TokenError, TokenSource};
// The macros and the generated models name these by this crate.
pub use {reqwest, serde};
