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

/// The operations of the tag `Identity`, implemented by the service.
pub trait Identity: Api + Rules {
    #[doc = r#"Where tokens come from

`GET /.well-known/oauth-protected-resource`

The metadata of this service as a protected resource ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)): who issues
the tokens that it takes, and the scopes that there are.

# Errors
"#]
    fn get_resource_metadata(&self) -> impl Future<Output = Result<GetResourceMetadataResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Identity>() -> Vec<Route<A>> {
    vec![Route { operation: &GET_RESOURCE_METADATA, serve: serve_get_resource_metadata, properties: |_| {} }]
}

/// The successful responses of [`Identity::get_resource_metadata`].
#[derive(Debug)]
pub enum GetResourceMetadataResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::ResourceMetadata>,
    },
}

impl IntoResponse for GetResourceMetadataResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static GET_RESOURCE_METADATA: Operation = Operation {
    id: "getResourceMetadata",
    tag: "identity",
    method: "GET",
    path: "/.well-known/oauth-protected-resource",
    query: &[],
    produces: &["application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_resource_metadata<A: Identity>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_RESOURCE_METADATA)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_resource_metadata().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_RESOURCE_METADATA, outcome)
    })
}
