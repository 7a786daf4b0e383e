//! The routing table: the operations of the contract, and the pages beside them.
//!
//! Operations are found by the generated router, pages by axum's; the pages' fallbacks refuse all other requests.

use super::{
    Service,
    deprecations::{Deprecations, RequestUses},
    pages::{contract, docs, problems, profiling},
    problem::{self, Error, RequestInfo},
    request_id::RequestId,
    versions::{Chosen, UNVERSIONED, VERSIONS, Version, Versions},
};
use crate::payments::Repo;
use axum::{Router, extract::Request};
use futures_util::FutureExt;
use payments_server::{
    Answering, Operation, Refusal, Routes, Target, admin, events, identity, metrics, monitoring, payments,
};
use std::{sync::Arc, time::SystemTime};
use tower::ServiceExt;

/// Whom a listener serves, which decides the paths that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Clients and operators: every path.
    Everyone,
    /// Clients: the operations on payments, the contract, its documentation, and the probes.
    Clients,
    /// Operators: admin, metrics, profiles, and the probes, which an orchestrator may ask at either address.
    Operators,
}

/// The routing table of a listener.
#[derive(Debug)]
pub struct Site {
    operations: Routes<Error>,
    /// Pages that are no operations of the contract: the contract itself, its documentation, and profiles.
    pages: Router,
    deprecations: Arc<Deprecations>,
    versions: &'static Versions,
}

impl From<Router> for Site {
    fn from(pages: Router) -> Self {
        Self { operations: Routes::default(), pages, deprecations: Arc::default(), versions: &VERSIONS }
    }
}

impl Site {
    /// Builds the routing table of `service` for an audience from its settings, and logs each route.
    pub fn of<R: Repo>(service: &Arc<Service<R>>, audience: Audience) -> Self {
        let settings = &service.settings;
        let mut operations = monitoring::routes();
        if settings.identity.is_some() {
            operations.extend(identity::routes());
        }
        let issuer = settings.identity.as_ref().map(|identity| &*identity.issuer);
        let has_docs = audience != Audience::Operators;
        // Both audiences are sent problems, whose type is the path of a page.
        let mut pages = problems::routes(contract::OPENAPI_YML, has_docs);
        let mut paths = problems::PATHS.to_vec();
        if has_docs {
            operations.extend(payments::routes());
            operations.extend(events::routes());
            pages = pages
                .merge(contract::routes(&settings.api_version, &settings.external_url, issuer))
                .merge(docs::routes(issuer));
            paths.extend([contract::PATHS, docs::PATHS].concat());
        }
        if audience != Audience::Clients {
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
        }
        let version = format!("/{}/", settings.api_version);
        let at = |path: &'static str| path.replacen(contract::VERSION, &version, 1);
        let operations = Routes::new(service, operations, at);
        paths.extend(operations.operations().map(|operation| (operation.method, operation.path)));
        for (method, path) in paths {
            tracing::info!(method, path = at(path), ?audience, "mounted");
        }
        let not_found: fn() -> Error = match audience {
            Audience::Everyone | Audience::Clients => || Refusal::PathNotFound.into(),
            Audience::Operators => || Error::NotForOperators,
        };
        let (pages, deprecations) = (with_refusals(pages, not_found), Arc::clone(service.deprecations()));
        Self { operations, pages, deprecations, versions: &VERSIONS }
    }

    /// Finds the operation that a request names; `None` for pages and unknown paths.
    pub(super) fn find(&self, request: &Request) -> Option<&Target<Error>> {
        self.operations.find(request.method(), request.uri().path())
    }

    /// Returns whether an operation is at a versioned path, and so counts against the rate limit.
    pub(super) fn is_versioned(operation: &Operation) -> bool {
        operation.path.starts_with(contract::VERSION)
    }

    /// Returns whether the contract is at `path`, which tools in web pages of other origins load.
    pub(super) fn is_contract(path: &str) -> bool {
        contract::PATHS.iter().any(|(_, contract)| *contract == path)
    }

    /// Chooses the version of a request to a versioned path.
    pub(super) fn choose_version(&self, request: &Request, may_name_version: bool) -> Chosen {
        self.versions.choose(request, may_name_version)
    }

    /// Finds the deprecated elements of `target` that a request of this version uses; `None` if there are none, and will be
    /// none.
    pub(super) fn deprecated_uses(
        &self,
        target: Option<&Target<Error>>,
        version: Option<&'static Version>,
        request: &mut Request,
        id: &RequestId,
        time: SystemTime,
    ) -> Option<Box<RequestUses>> {
        let target = target?;
        let older = version.zip(target.operation());
        let older = older.into_iter().flat_map(|(version, operation)| self.versions.deprecations(version, operation));
        let version = version.map_or(UNVERSIONED, |version| version.name);
        self.deprecations.find(target, (version, older), request, id, time)
    }

    /// Moves the request into the future of its handler: of `target`, or else of a page.
    pub(super) fn answer(
        &self,
        target: Option<&Target<Error>>,
        chosen: Option<Chosen>,
        mut request: Request,
        id: &RequestId,
    ) -> Answering<Error> {
        if let Some(target) = target {
            return match chosen.zip(target.operation()) {
                Some((chosen, operation)) => self.answer_in(chosen, target, operation, request),
                None => target.answer(request),
            };
        }
        // Pages write their own problem documents, which need the id.
        id.set_header(request.headers_mut());
        Box::pin(self.pages.clone().oneshot(request).map(|answered| answered.map_err(|never| match never {})))
    }
}

impl Site {
    /// Serves a request of some version.
    fn answer_in(
        &self,
        chosen: Chosen,
        target: &Target<Error>,
        operation: &'static Operation,
        mut request: Request,
    ) -> Answering<Error> {
        if let Some(unserved) = chosen.unserved {
            let error = self.versions.error(unserved);
            return Box::pin(async move {
                // Dropped here, not earlier: dropping an unread body before its response exists closes the connection.
                drop(request);
                Err(error)
            });
        }
        let descents = self.versions.climb(chosen.version, operation, &mut request);
        let answering = target.answer(request);
        if descents.is_empty() { answering } else { Box::pin(async move { descents.apply(answering.await?).await }) }
    }
}

/// Adds the fallbacks: `not_found` for an unknown path, 405 for a wrong method.
fn with_refusals(pages: Router, not_found: fn() -> Error) -> Router {
    let refuse = |error: fn() -> Error| {
        move |request: Request| async move {
            let (head, _) = request.into_parts();
            problem::response(error(), &RequestInfo::of(&head))
        }
    };
    pages
        .fallback(refuse(not_found))
        // The router adds the header `Allow`.
        .method_not_allowed_fallback(refuse(|| Refusal::MethodNotAllowed { allow: None }.into()))
}

#[cfg(test)]
mod tests {
    use super::{Audience, RequestId, Site, problem};
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

    /// A body that never arrives. The reference count shows whether it was dropped.
    struct PendingBody(#[allow(dead_code, reason = "held for its reference count")] Arc<()>);

    impl hyper::body::Body for PendingBody {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn an_unread_body_is_kept_until_there_is_a_response() {
        let store = Sqlite::open(SqliteOptions::default()).await.unwrap();
        let site = Site::of(&Service::new(store, Settings::for_tests(), Sources::default()), Audience::Everyone);
        for (method, path, status) in [
            ("GET", "/v1/payments/a", 404),
            ("GET", "/v1/payments", 200),
            ("DELETE", "/v1/payments/a?version=0", 404),
            ("GET", "/health", 200),
        ] {
            let held = Arc::new(());
            let request =
                Request::builder().method(method).uri(path).body(Body::new(PendingBody(Arc::clone(&held)))).unwrap();
            let id = RequestId::assign(None, std::time::SystemTime::now());
            let target = site.find(&request);
            let chosen = Some(site.choose_version(&request, false));
            let answering = site.answer(target, chosen, request, &id);
            assert_eq!(
                Arc::strong_count(&held),
                2,
                "{method} {path}: the body was dropped early, so hyper would close the connection"
            );
            let answered = answering.await.map_or_else(|error| problem::status(&error), |response| response.status());
            assert_eq!(answered, status, "{method} {path}");
            assert_eq!(Arc::strong_count(&held), 1, "{method} {path}: the body was not dropped");
        }
    }
}
