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

/// What the service does for the operations of the tag `Metrics`.
pub trait Metrics: Api {
    #[doc = r#"Metrics for Prometheus

`GET /metrics`

The text exposition format of Prometheus.
# Errors
"#]
    fn get_metrics(&self) -> impl Future<Output = Result<GetMetricsResponse, Self::Error>> + Send;
}

/// The method and the path of each operation of the tag.
pub const OPERATIONS: &[(&str, &str)] = &[("GET", "/metrics")];

/// The routes of the tag. `at` says where a path of the contract is served.
pub fn routes<A: Metrics>(at: impl Fn(&'static str) -> String) -> Router<Arc<A>> {
    Router::new().route(&at("/metrics"), axum::routing::get(serve_get_metrics::<A>))
}

/// How [`Metrics::get_metrics`] answers, when it does not fail.
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

async fn serve_get_metrics<A: Metrics>(State(api): State<Arc<A>>, request: Request) -> Response {
    static OPERATION: Operation =
        Operation { id: "getMetrics", method: "GET", path: "/metrics", produces: &["text/plain"], failures: &[] };
    let (head, _body) = request.into_parts();
    OPERATION.note(&head.extensions);
    let outcome = async {
        input::acceptable(&head.headers, &OPERATION)?;
        api.get_metrics().await
    }
    .await;
    output::answer(&*api, &head, &OPERATION, outcome)
}
