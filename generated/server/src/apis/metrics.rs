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

/// The operations of the tag `Metrics`, implemented by the service.
pub trait Metrics: Api + Rules {
    #[doc = r#"Metrics for Prometheus

`GET /metrics`

The text exposition format of Prometheus.
# Errors
"#]
    fn get_metrics(&self) -> impl Future<Output = Result<GetMetricsResponse, Self::Error>> + Send;
}

/// The routes of the tag.
#[must_use]
pub fn routes<A: Metrics>() -> Vec<Route<A>> {
    vec![Route { operation: &GET_METRICS, serve: serve_get_metrics, properties: |_| {} }]
}

/// The successful responses of [`Metrics::get_metrics`].
#[derive(Debug)]
pub enum GetMetricsResponse {
    /// 200 OK
    Ok {
        /// The body.
        body: String,
    },
}

impl IntoResponse for GetMetricsResponse {
    fn into_response(self) -> Response {
        match self {
            Self::Ok { body } => output::text(output::status(200), body),
        }
    }
}

static GET_METRICS: Operation = Operation {
    id: "getMetrics",
    tag: "metrics",
    method: "GET",
    path: "/metrics",
    query: &[],
    produces: &["text/plain"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

fn serve_get_metrics<A: Metrics>(api: Arc<A>, request: Request) -> Answering<A::Error> {
    let (head, body) = request.into_parts();
    // Not an `async fn`, which would move its arguments once more when it is first polled.
    Box::pin(async move {
        // Kept until the response exists: dropping an unread body earlier closes the connection.
        let _body = body;
        let read: Result<_, Refusal> = (|| {
            input::acceptable(&head.headers, &GET_METRICS)?;
            Ok(())
        })();
        // Dropped before the operation runs, so that the connection reuses the memory of the head meanwhile.
        drop(head);
        let outcome = match read {
            Ok(()) => api.get_metrics().await,
            Err(refusal) => Err(refusal.into()),
        };
        output::answer::<A>(&GET_METRICS, outcome)
    })
}
