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

/// The operations of the tag `Monitoring`, implemented by the service.
pub trait Monitoring: Api + Rules {
    #[doc = r#"Is the process alive?

`GET /alive`

Up as long as the process can answer at all, whatever the store does.
# Errors
"#]
    fn get_alive(&self) -> impl Future<Output = Result<GetAliveResponse, Self::Error>> + Send;
    #[doc = r#"Is the service healthy?

`GET /health`

Up while the store answers.
# Errors
"#]
    fn get_health(&self) -> impl Future<Output = Result<GetHealthResponse, Self::Error>> + Send;
    #[doc = r#"Should this replica get traffic?

`GET /ready`

Down while the store is away, and from the moment the server begins to stop.
# Errors
"#]
    fn get_ready(&self) -> impl Future<Output = Result<GetReadyResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Monitoring>() -> Vec<Route<A>> {
    vec![
        Route { operation: &GET_ALIVE, serve: serve_get_alive, properties: |_| {} },
        Route { operation: &GET_HEALTH, serve: serve_get_health, properties: |_| {} },
        Route { operation: &GET_READY, serve: serve_get_ready, properties: |_| {} },
    ]
}

/// The successful responses of [`Monitoring::get_alive`].
#[derive(Debug)]
pub enum GetAliveResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::Health>,
    },
}

impl IntoResponse for GetAliveResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
        }
    }
}

static GET_ALIVE: Operation = Operation {
    id: "getAlive",
    tag: "monitoring",
    method: "GET",
    path: "/alive",
    query: &[],
    produces: &["application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_alive<A: Monitoring>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_ALIVE)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_alive().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_ALIVE, outcome)
    })
}

/// The successful responses of [`Monitoring::get_health`].
#[derive(Debug)]
pub enum GetHealthResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::Health>,
    },
    /// 503 Service Unavailable
    ServiceUnavailable {
        /// The header `Retry-After`.
        retry_after: i64,
        /// The body.
        body: output::Document<models::Health>,
    },
}

impl IntoResponse for GetHealthResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
            Self::ServiceUnavailable { retry_after, body } => output::json(output::status(503), body)
                .with(const { HeaderName::from_static("retry-after") }, retry_after),
        }
    }
}

static GET_HEALTH: Operation = Operation {
    id: "getHealth",
    tag: "monitoring",
    method: "GET",
    path: "/health",
    query: &[],
    produces: &["application/json", "application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_health<A: Monitoring>(api: Arc<A>, request: Request) -> Answering<A::Error> {
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

/// The successful responses of [`Monitoring::get_ready`].
#[derive(Debug)]
pub enum GetReadyResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: output::Document<models::Health>,
    },
    /// 503 Service Unavailable
    ServiceUnavailable {
        /// The header `Retry-After`.
        retry_after: i64,
        /// The body.
        body: output::Document<models::Health>,
    },
}

impl IntoResponse for GetReadyResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::json(output::status(200), body),
            Self::ServiceUnavailable { retry_after, body } => output::json(output::status(503), body)
                .with(const { HeaderName::from_static("retry-after") }, retry_after),
        }
    }
}

static GET_READY: Operation = Operation {
    id: "getReady",
    tag: "monitoring",
    method: "GET",
    path: "/ready",
    query: &[],
    produces: &["application/json", "application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_ready<A: Monitoring>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_READY)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_ready().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_READY, outcome)
    })
}
