//! What is served where: the operations of the contract, and the pages beside them.

use super::{
    Service,
    pages::{contract, docs, profiling},
    problem::{self, Asked, Error},
    request_id::RequestId,
};
use crate::payments::Repo;
use axum::{Router, extract::Request};
use futures_util::FutureExt;
use payments_server::{Answering, Refusal, Routes, Target, admin, metrics, monitoring, payments};
use std::sync::Arc;
use tower::ServiceExt;

/// Everything that is served.
#[derive(Debug)]
pub struct Site {
    operations: Routes<Error>,
    /// What the contract does not have: itself, the page that explains it, and profiles.
    pages: Router,
}

impl From<Router> for Site {
    fn from(pages: Router) -> Self {
        Self { operations: Routes::default(), pages }
    }
}

impl Site {
    /// Everything that `service` serves.
    pub fn of<R: Repo>(service: &Arc<Service<R>>) -> Self {
        let settings = &service.settings;
        let mut operations = payments::routes();
        operations.extend(monitoring::routes());
        let mut pages = contract::routes(&settings.api_version, &settings.external_url).merge(docs::routes());
        let mut paths = [contract::PATHS, docs::PATHS].concat();
        if settings.admin {
            operations.extend(admin::routes());
        }
        if settings.metrics.is_some() {
            operations.extend(metrics::routes());
        }
        if settings.profiling {
            pages = pages.merge(profiling::routes());
            paths.extend(profiling::PATHS);
        }
        let version = format!("/{}/", settings.api_version);
        let at = |path: &'static str| path.replacen(contract::VERSION, &version, 1);
        let operations = Routes::new(service, operations, at);
        paths.extend(operations.operations().map(|operation| (operation.method, operation.path)));
        for (method, path) in paths {
            tracing::info!(method, path = at(path), "mounted");
        }
        Self { operations, pages: refusing(pages) }
    }

    /// Where the request goes, if it is to the contract's.
    pub(super) fn find(&self, request: &Request) -> Option<&Target<Error>> {
        self.operations.find(request.method(), request.uri().path())
    }

    /// Answers a request of the name `id` that goes to `target`.
    pub(super) fn answer(
        &self,
        target: Option<&Target<Error>>,
        mut request: Request,
        id: &RequestId,
    ) -> Answering<Error> {
        if let Some(target) = target {
            return target.answer(request);
        }
        // A page says itself why there is none.
        id.put(request.headers_mut());
        Box::pin(self.pages.clone().oneshot(request).map(|answered| answered.map_err(|never| match never {})))
    }
}

/// The pages, and who refuses what is none of them.
fn refusing(pages: Router) -> Router {
    let refuse = |refusal: fn() -> Refusal| {
        move |request: Request| async move { problem::response(refusal().into(), &Asked::of(&request.into_parts().0)) }
    };
    pages
        .fallback(refuse(|| Refusal::PathNotFound))
        // The router adds the header `Allow`.
        .method_not_allowed_fallback(refuse(|| Refusal::MethodNotAllowed { allow: None }))
}

#[cfg(test)]
mod tests {
    use super::{RequestId, Site, problem};
    use crate::{
        http::{Service, Settings, Sources},
        repo::{Sqlite, SqliteOptions},
    };
    use axum::{
        body::{Body, Bytes},
        extract::Request,
    };
    use hyper::body::Frame;
    use std::{
        convert::Infallible,
        pin::Pin,
        sync::Arc,
        task::{Context, Poll},
    };

    /// A body that has not come yet, and of which is known whether anybody still waits for it.
    struct Late(#[allow(dead_code, reason = "it counts those who hold it")] Arc<()>);

    impl hyper::body::Body for Late {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_nobody_reads_is_kept_until_there_is_an_answer() {
        let settings = Settings {
            admin: true,
            api_version: "v1".to_owned(),
            external_url: "http://localhost".to_owned(),
            max_body: 1 << 20,
            max_results: 20,
            metrics: None,
            profiling: false,
        };
        let store = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let site = Site::of(&Arc::new(Service::new(store, settings, Sources::default())));
        for (method, path, status) in [
            ("GET", "/v1/payments/a", 404),
            ("GET", "/v1/payments", 200),
            ("DELETE", "/v1/payments/a?version=0", 404),
            ("GET", "/health", 200),
        ] {
            let held = Arc::new(());
            let request = Request::builder().method(method).uri(path).body(Body::new(Late(Arc::clone(&held)))).unwrap();
            let id = RequestId::give(request.headers(), std::time::SystemTime::now());
            let answering = site.answer(site.find(&request), request, &id);
            assert_eq!(Arc::strong_count(&held), 2, "{method} {path}: hyper would close the connection");
            let answered = answering.await.map_or_else(|error| problem::status(&error), |response| response.status());
            assert_eq!(answered, status, "{method} {path}");
            assert_eq!(Arc::strong_count(&held), 1, "{method} {path}: it is not needed any more");
        }
    }
}
