// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

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

/// The operations of the tag `Health`, implemented by the service.
pub trait Health: Api + Rules {
    #[doc = r#"About the shop

`GET /about`

A text.
# Errors
"#]
    fn get_about(&self) -> impl Future<Output = Result<GetAboutResponse, Self::Error>> + Send;
    #[doc = r#"Is the shop open?

`GET /health`

An error with a body of its own.
# Errors
"#]
    fn get_health(&self) -> impl Future<Output = Result<GetHealthResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Health>() -> Vec<Route<A>> {
    vec![
        Route { operation: &GET_ABOUT, serve: serve_get_about, properties: |_| {} },
        Route { operation: &GET_HEALTH, serve: serve_get_health, properties: |_| {} },
    ]
}

/// The successful responses of [`Health::get_about`].
#[derive(Debug)]
pub enum GetAboutResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: String,
    },
}

impl IntoResponse for GetAboutResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::text(output::status(200), body),
        }
    }
}

static GET_ABOUT: Operation = Operation {
    id: "getAbout",
    tag: "health",
    method: "GET",
    path: "/about",
    query: &[],
    produces: &["text/plain"],
    failures: &[],
    scope: None,
    deprecations: &[deprecation::Deprecation {
        element: "getAbout",
        place: deprecation::Place::Operation,
        on: deprecation::date("2026-11-28"),
        sunset: Some(deprecation::date("2027-12-31")),
    }],
};

fn serve_get_about<A: Health>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_ABOUT)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_about().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_ABOUT, outcome)
    })
}

/// The successful responses of [`Health::get_health`].
#[derive(Debug)]
pub enum GetHealthResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::Health>,
    },
    /// 503 Service Unavailable
    ServiceUnavailable {
        /// The body.
        body: output::Document<models::Health>,
    },
}

impl IntoResponse for GetHealthResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
            Self::ServiceUnavailable { body } => output::json(output::status(503), body),
        }
    }
}

static GET_HEALTH: Operation = Operation {
    id: "getHealth",
    tag: "health",
    method: "GET",
    path: "/health",
    query: &[],
    produces: &["application/json", "application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_health<A: Health>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_HEALTH)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_health().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_HEALTH, outcome)
    })
}
