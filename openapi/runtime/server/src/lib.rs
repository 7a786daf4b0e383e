//! The runtime of a generated server crate: all that does not depend on the contract.
//!
//! A request passes through the modules in this order: [`routes`] finds its operation, [`input`] reads path, query, headers and
//! body, [`decode`](mod@decode) turns JSON into models, the service does the work, [`encode`] and [`output`] write the response.
//! Everything that is refused on the way is a [`Refusal`], which the service turns into a response in one place.
//!
//! The generated crate re-exports the items that a service uses; the rest is for generated code.

pub mod checks;
pub mod decode;
pub mod deprecation;
pub mod encode;
pub mod input;
mod operation;
pub mod output;
mod refusal;
pub mod routes;
mod string_enum;

pub use decode::{Decode, EarlierFaults, Fault, Faults, MAX_FAULTS, decode};
pub use deprecation::{DeprecatedProperties, DeprecatedUses, Deprecation};
pub use encode::{Encode, RawJson};
pub use input::{RawBody, preferred_media_type};
pub use json_text::{Json, Outline};
pub use operation::Operation;
pub use output::{Document, EventStream, problem};
pub use refusal::{Api, Refusal};
pub use routes::{Answering, Route, Routes, Target};
