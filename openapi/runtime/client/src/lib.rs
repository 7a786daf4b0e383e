//! The runtime of a generated client crate: all that does not depend on the contract.
//!
//! A [`Call`] collects what a request says and sends it through a [`Client`]; the
//! [`RawResponse`] that comes back becomes a [`Response`] or an [`Error`]. [`Json`] and [`JsonObject`] keep JSON as text.
//!
//! The generated crate re-exports the types that its users need; the rest is for generated code.

mod call;
mod client;
mod deprecation;
mod error;
mod json;
mod object;
mod raw_response;
mod response;
mod string_enum;
mod text_object;

pub use call::Call;
pub use client::{ApiClient, Client, ClientBuilder};
pub use deprecation::DeprecationNotice;
pub use error::{Error, Problem, Unexpected};
pub use json::{Json, present};
pub use object::JsonObject;
pub use raw_response::RawResponse;
pub use response::Response;
// The macros and the generated models name these by this crate.
pub use {reqwest, serde};
