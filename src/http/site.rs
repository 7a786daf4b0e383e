//! What is served where: the operations of the contract, and the pages beside them.

use super::{Service, contract, docs, profiling};
use crate::payments::Repo;
use axum::{Router, extract::Request};
use futures_util::FutureExt;
use payments_server::{Answering, Routes, Target, admin, finish, metrics, monitoring, payments};
use std::sync::Arc;
use tower::ServiceExt;

/// Everything that is served.
#[derive(Debug)]
pub struct Site {
    operations: Routes,
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
        Self { operations, pages: finish(pages, service) }
    }

    /// Where the request goes, if it is to the contract's.
    pub(super) fn find(&self, request: &Request) -> Option<&Target> {
        self.operations.find(request.method(), request.uri().path())
    }

    /// Answers a request that goes to `target`.
    pub(super) fn answer(&self, target: Option<&Target>, request: Request) -> Answering {
        match target {
            Some(target) => target.answer(request),
            None => Box::pin(self.pages.clone().oneshot(request).map(|answered| match answered {
                Ok(response) => response,
                Err(never) => match never {},
            })),
        }
    }
}
