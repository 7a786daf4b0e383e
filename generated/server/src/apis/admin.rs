// @generated from api/openapi.yml by `make generate`; do not edit.

//! The operations of one tag of the contract.

#![allow(unused_imports, reason = "not every tag has operations with a body, or with parameters")]

use crate::{
    decode::{Faults, decode},
    input, models,
    operation::Operation,
    output::{self, With},
    refusal::{Api, Refusal},
};
use axum::{
    Router,
    extract::{Request, State},
    http::HeaderName,
    response::{IntoResponse, Response},
};
use std::{future::Future, sync::Arc};

/// What the service does for the operations of the tag `Admin`.
pub trait Admin: Api {
    #[doc = r#"Empty the store

`DELETE /admin/repo`

Deletes every payment for good, the memory of used ids included. There is no way back.
# Errors
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn clear_repo(&self) -> impl Future<Output = Result<ClearRepoResponse, Self::Error>> + Send;
    #[doc = r#"Describe the store

`GET /admin/repo`

Which store is in use, and how much it holds.
# Errors
- 406 Not Acceptable
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn get_repo(&self) -> impl Future<Output = Result<GetRepoResponse, Self::Error>> + Send;
}

/// The method and the path of each operation of the tag.
pub const OPERATIONS: &[(&str, &str)] = &[("DELETE", "/admin/repo"), ("GET", "/admin/repo")];

/// The routes of the tag. `at` says where a path of the contract is served.
pub fn routes<A: Admin>(at: impl Fn(&'static str) -> String) -> Router<Arc<A>> {
    Router::new()
        .route(&at("/admin/repo"), axum::routing::delete(serve_clear_repo::<A>))
        .route(&at("/admin/repo"), axum::routing::get(serve_get_repo::<A>))
}

/// How [`Admin::clear_repo`] answers, when it does not fail.
#[derive(Debug)]
pub enum ClearRepoResponse {
    /// 204 No Content
    NoContent {},
}

impl IntoResponse for ClearRepoResponse {
    fn into_response(self) -> Response {
        match self {
            Self::NoContent {} => output::status(204).into_response(),
        }
    }
}

async fn serve_clear_repo<A: Admin>(State(api): State<Arc<A>>, request: Request) -> Response {
    static OPERATION: Operation =
        Operation { id: "clearRepo", method: "DELETE", path: "/admin/repo", produces: &[], failures: &[500, 503] };
    let (head, _body) = request.into_parts();
    OPERATION.note(&head.extensions);
    let outcome = async {
        input::acceptable(&head.headers, &OPERATION)?;
        api.clear_repo().await
    }
    .await;
    output::answer(&*api, &head, &OPERATION, outcome)
}

/// How [`Admin::get_repo`] answers, when it does not fail.
#[derive(Debug)]
pub enum GetRepoResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::RepoResponse>,
    },
}

impl IntoResponse for GetRepoResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

async fn serve_get_repo<A: Admin>(State(api): State<Arc<A>>, request: Request) -> Response {
    static OPERATION: Operation = Operation {
        id: "getRepo",
        method: "GET",
        path: "/admin/repo",
        produces: &["application/json"],
        failures: &[406, 500, 503],
    };
    let (head, _body) = request.into_parts();
    OPERATION.note(&head.extensions);
    let outcome = async {
        input::acceptable(&head.headers, &OPERATION)?;
        api.get_repo().await
    }
    .await;
    output::answer(&*api, &head, &OPERATION, outcome)
}
