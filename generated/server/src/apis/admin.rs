// @generated from api/openapi.yml by `make generate`; do not edit.

//! The operations of one tag of the contract.

#![allow(unused_imports, reason = "not every tag has operations with a body, or with parameters")]

use crate::models::{self, Rules};
use axum::{
    extract::Request,
    http::HeaderName,
    response::{IntoResponse, Response},
};
use openapi_server::{
    Answering, Api, Decode, Faults, Operation, Refusal, Route, checks, decode, deprecation, input,
    output::{self, With},
};
use std::{future::Future, sync::Arc};

/// The operations of the tag `Admin`, implemented by the service.
pub trait Admin: Api + Rules {
    #[doc = r#"Empty the store

`DELETE /admin/repo`

Deletes every payment for good, the memory of used ids included. There is no way back.
# Errors
- 400 Bad Request
- 401 Unauthorized
- 403 Forbidden
- 412 Precondition Failed
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn clear_repo(
        &self,
        caller: Self::Caller,
        request: ClearRepoRequest,
    ) -> impl Future<Output = Result<ClearRepoResponse, Self::Error>> + Send;
    #[doc = r#"Describe the store

`GET /admin/repo`

Which store is in use, and how much it holds.
# Errors
- 401 Unauthorized
- 403 Forbidden
- 406 Not Acceptable
- 500 Internal Server Error
- 503 Service Unavailable
"#]
    fn get_repo(&self, caller: Self::Caller) -> impl Future<Output = Result<GetRepoResponse, Self::Error>> + Send;
    #[doc = r#"List what is deprecated, and who uses it

`GET /admin/deprecations`

Every deprecated element of the contract, and the clients that have used it since this process started. Other
replicas have counts of their own; the metric `http_deprecated_uses_total` adds them up.

# Errors
- 401 Unauthorized
- 403 Forbidden
- 406 Not Acceptable
- 503 Service Unavailable
"#]
    fn list_deprecations(
        &self,
        caller: Self::Caller,
    ) -> impl Future<Output = Result<ListDeprecationsResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Admin>() -> Vec<Route<A>> {
    vec![
        Route { operation: &CLEAR_REPO, serve: serve_clear_repo, properties: |_| {} },
        Route { operation: &GET_REPO, serve: serve_get_repo, properties: |_| {} },
        Route { operation: &LIST_DEPRECATIONS, serve: serve_list_deprecations, properties: |_| {} },
    ]
}

/// The request of [`Admin::clear_repo`].
#[derive(Debug)]
pub struct ClearRepoRequest {
    #[doc = r#"Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1)."#]
    pub if_match: Option<String>,
    #[doc = r#"Do it only if this is not `*` (RFC 9110, section 13.1.2). Tags always hold, because there is no `ETag` that one could
match.
"#]
    pub if_none_match: Option<String>,
}

/// The successful responses of [`Admin::clear_repo`].
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

static CLEAR_REPO: Operation = Operation {
    id: "clearRepo",
    tag: "admin",
    method: "DELETE",
    path: "/admin/repo",
    query: &[],
    produces: &[],
    failures: &[400, 401, 403, 412, 500, 503],
    scope: Some("admin"),
    deprecations: &[],
};

fn serve_clear_repo<A: Admin>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &CLEAR_REPO)?;
            #[allow(unused_mut, reason = "an operation without query, headers and body finds no faults")]
            let mut faults = Faults::begin(&head.extensions);
            let if_match =
                input::header(&head.headers, (const { HeaderName::from_static("if-match") }, "If-Match"), &mut faults);
            let if_none_match = input::header(
                &head.headers,
                (const { HeaderName::from_static("if-none-match") }, "If-None-Match"),
                &mut faults,
            );
            if !faults.is_empty() {
                return Err(Refusal::Invalid(faults.into_vec()));
            }
            Ok(ClearRepoRequest { if_match, if_none_match })
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(request) => api.clear_repo(caller, request).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&CLEAR_REPO, outcome)
    })
}

/// The successful responses of [`Admin::get_repo`].
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

static GET_REPO: Operation = Operation {
    id: "getRepo",
    tag: "admin",
    method: "GET",
    path: "/admin/repo",
    query: &[],
    produces: &["application/json"],
    failures: &[401, 403, 406, 500, 503],
    scope: Some("admin"),
    deprecations: &[],
};

fn serve_get_repo<A: Admin>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_REPO)?;
            Ok(())
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_repo(caller).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_REPO, outcome)
    })
}

/// The successful responses of [`Admin::list_deprecations`].
#[derive(Debug)]
pub enum ListDeprecationsResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::DeprecationList>,
    },
}

impl IntoResponse for ListDeprecationsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static LIST_DEPRECATIONS: Operation = Operation {
    id: "listDeprecations",
    tag: "admin",
    method: "GET",
    path: "/admin/deprecations",
    query: &[],
    produces: &["application/json"],
    failures: &[401, 403, 406, 503],
    scope: Some("admin"),
    deprecations: &[],
};

fn serve_list_deprecations<A: Admin>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (mut head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &LIST_DEPRECATIONS)?;
            Ok(())
        })();
        let caller = A::caller(&mut head.extensions);
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.list_deprecations(caller).await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&LIST_DEPRECATIONS, outcome)
    })
}
