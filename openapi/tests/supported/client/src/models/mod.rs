// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

//! The models of the contract.
//!
//! All of them are open to additions: unknown properties are ignored, and unknown values of enums are `Unknown`. A struct is made
//! by `new`, which takes the properties that the contract requires, and by setters for the others.

mod health;

mod kind;

mod notes;

mod part;

mod patch;

mod patch_step;

mod patch_step_inner;

mod patch_step_inner_more;

mod problem;

mod state;

mod thing;

mod thing_input;

mod thing_list;

mod thing_request;

mod thing_response;

mod tree;

pub use health::Health;

pub use kind::Kind;

pub use notes::Notes;

pub use part::Part;

pub use patch::Patch;

pub use patch_step::PatchStep;

pub use patch_step_inner::PatchStepInner;

pub use patch_step_inner_more::PatchStepInnerMore;

pub use problem::Problem;

pub use state::State;

pub use thing::Thing;

pub use thing_input::ThingInput;

pub use thing_list::ThingList;

pub use thing_request::ThingRequest;

pub use thing_response::ThingResponse;

pub use tree::Tree;
