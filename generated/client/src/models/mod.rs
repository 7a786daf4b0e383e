// @generated from api/openapi.yml by `make generate`; do not edit.

//! The models of the contract.
//!
//! All of them are open to additions: unknown properties are ignored, and unknown values of enums are `Unknown`. A struct is made
//! by `new`, which takes the properties that the contract requires, and by setters for the others.

mod author;

mod deprecated_element;

mod deprecated_element_client;

mod deprecation_list;

mod event;

mod event_content;

mod event_data;

mod event_links;

mod event_list;

mod event_type;

mod health;

mod health_status;

mod history_links;

mod json_patch;

mod json_patch_op;

mod json_patch_operation;

mod merge_patch;

mod page_links;

mod payment;

mod payment_attributes;

mod payment_history;

mod payment_input;

mod payment_links;

mod payment_list;

mod payment_request;

mod payment_response;

mod payment_type;

mod payment_version;

mod payment_version_links;

mod payment_version_response;

mod problem;

mod problem_error;

mod repo;

mod repo_response;

mod resource_metadata;

pub use author::Author;

pub use deprecated_element::DeprecatedElement;

pub use deprecated_element_client::DeprecatedElementClient;

pub use deprecation_list::DeprecationList;

pub use event::Event;

pub use event_content::EventContent;

pub use event_data::EventData;

pub use event_links::EventLinks;

pub use event_list::EventList;

pub use event_type::EventType;

pub use health::Health;

pub use health_status::HealthStatus;

pub use history_links::HistoryLinks;

pub use json_patch::JsonPatch;

pub use json_patch_op::JsonPatchOp;

pub use json_patch_operation::JsonPatchOperation;

pub use merge_patch::MergePatch;

pub use page_links::PageLinks;

pub use payment::Payment;

pub use payment_attributes::PaymentAttributes;

pub use payment_history::PaymentHistory;

pub use payment_input::PaymentInput;

pub use payment_links::PaymentLinks;

pub use payment_list::PaymentList;

pub use payment_request::PaymentRequest;

pub use payment_response::PaymentResponse;

pub use payment_type::PaymentType;

pub use payment_version::PaymentVersion;

pub use payment_version_links::PaymentVersionLinks;

pub use payment_version_response::PaymentVersionResponse;

pub use problem::Problem;

pub use problem_error::ProblemError;

pub use repo::Repo;

pub use repo_response::RepoResponse;

pub use resource_metadata::ResourceMetadata;
