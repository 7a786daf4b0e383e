// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! The models of the contract.
//!
//! All of them are open to additions: unknown properties are ignored, and unknown values of enums are `Unknown`. A struct is made
//! by `new`, which takes the properties that the contract requires, and by setters for the others.

mod health;

mod health_status;

mod json_patch;

mod json_patch_op;

mod json_patch_operation;

mod merge_patch;

mod page_links;

mod payment;

mod payment_attributes;

mod payment_links;

mod payment_list;

mod payment_request;

mod payment_response;

mod payment_type;

mod problem;

mod problem_error;

mod repo;

mod repo_response;

pub use health::Health;

pub use health_status::HealthStatus;

pub use json_patch::JsonPatch;

pub use json_patch_op::JsonPatchOp;

pub use json_patch_operation::JsonPatchOperation;

pub use merge_patch::MergePatch;

pub use page_links::PageLinks;

pub use payment::Payment;

pub use payment_attributes::PaymentAttributes;

pub use payment_links::PaymentLinks;

pub use payment_list::PaymentList;

pub use payment_request::PaymentRequest;

pub use payment_response::PaymentResponse;

pub use payment_type::PaymentType;

pub use problem::Problem;

pub use problem_error::ProblemError;

pub use repo::Repo;

pub use repo_response::RepoResponse;
