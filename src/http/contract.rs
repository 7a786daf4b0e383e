//! The contract, served beside the service that keeps it.

use axum::{Router, http::header, routing::get};
use payments_server::OPENAPI_JSON;

/// The contract as it was written.
const OPENAPI_YML: &str = include_str!("../../api/openapi.yml");

/// Where the contract can be read. The media type of YAML is RFC 9512's.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/openapi.yml", get(async || ([(header::CONTENT_TYPE, "application/yaml")], OPENAPI_YML)))
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI_JSON)))
}
