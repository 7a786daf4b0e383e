//! Finds the operation of a request, by path and method.

use crate::{
    deprecation::{DeprecatedProperties, DeprecatedUses, Deprecation},
    operation::Operation,
    refusal::{Api, Refusal},
};
use axum::{
    extract::Request,
    http::{HeaderValue, Method},
    response::Response,
};
use memchr::memchr;
use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

/// The future of a response, or of the error in its place.
pub type Answering<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

/// An operation, and the function that serves it.
#[derive(Debug)]
pub struct Route<A: Api> {
    /// The operation.
    pub operation: &'static Operation,
    /// Reads the request, calls the operation and writes its response.
    pub serve: fn(Arc<A>, Request) -> Answering<A::Error>,
    /// Collects the deprecated properties of the body that it decodes.
    pub properties: fn(&mut DeprecatedProperties),
}

impl<A: Api> Route<A> {
    /// What is deprecated of the operation, its parameters and its body.
    #[must_use]
    pub fn deprecations(&self) -> Vec<Deprecation> {
        let mut properties = DeprecatedProperties::default();
        (self.properties)(&mut properties);
        [self.operation.deprecations, &properties.into_vec()].concat()
    }
}

/// A routing table. Operations fail with an `E`.
#[derive(Debug)]
pub struct Routes<E>(Vec<Place<E>>);

/// Where a request goes: an operation, or the refusal of its method.
pub struct Target<E> {
    operation: Option<&'static Operation>,
    deprecations: Box<[Deprecation]>,
    serve: Box<dyn Fn(Request) -> Answering<E> + Send + Sync>,
}

/// A path with its operations.
#[derive(Debug)]
struct Place<E> {
    parts: Vec<Part>,
    /// The length of the shortest path that matches, in bytes.
    least: usize,
    targets: Vec<Target<E>>,
    /// Refuses every other method.
    other: Target<E>,
}

/// A part of a path template.
#[derive(Debug)]
enum Part {
    Literal(Box<str>),
    /// A parameter matches one whole segment that is not empty.
    Parameter,
}

impl<E> Default for Routes<E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<E: From<Refusal> + Send + 'static> Routes<E> {
    /// Builds the table of these routes, served by `api`. `at` maps a path of the contract to the path at which it is served.
    pub fn new<A: Api<Error = E>>(
        api: &Arc<A>,
        routes: impl IntoIterator<Item = Route<A>>,
        at: impl Fn(&'static str) -> String,
    ) -> Self {
        let mut by_path = BTreeMap::<_, Vec<Route<A>>>::new();
        for route in routes {
            by_path.entry(route.operation.path).or_default().push(route);
        }
        let mut places: Vec<_> = by_path.into_iter().map(|(path, routes)| Place::new(api, &at(path), routes)).collect();
        // A path without parameters precedes a template that matches it too (OpenAPI 3.1, "Paths Object").
        places.sort_by_key(|place| place.parts.len());
        Self(places)
    }

    /// The target of a request, or `None` if no path matches. `HEAD` goes where `GET` does (RFC 9110, section 9.3.2); the
    /// server leaves out the body of its response.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<&Target<E>> {
        let place = self.0.iter().find(|place| place.is_at(path))?;
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        Some(place.targets.iter().find(|target| target.takes(method)).unwrap_or(&place.other))
    }

    /// Every operation in the table.
    pub fn operations(&self) -> impl Iterator<Item = &'static Operation> {
        self.0.iter().flat_map(|place| &place.targets).filter_map(Target::operation)
    }
}

impl<E> Target<E> {
    /// The operation; `None` if the path has none with the method.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// The deprecated elements that `request` uses, of the operation and among `others`: a list to which its body may add. `None` if
    /// nothing is used, and nothing will be.
    #[must_use]
    #[inline]
    pub fn deprecated_uses(
        &self,
        request: &mut Request,
        others: impl Iterator<Item = &'static Deprecation> + Clone,
    ) -> Option<DeprecatedUses> {
        if self.deprecations.is_empty() && others.clone().next().is_none() {
            return None;
        }
        let others = others.map(|deprecation: &Deprecation| deprecation);
        DeprecatedUses::find(self.deprecations.iter().chain(others), request)
    }

    /// Serves a request whose target this is.
    #[must_use]
    pub fn answer(&self, request: Request) -> Answering<E> {
        (self.serve)(request)
    }

    fn takes(&self, method: &Method) -> bool {
        self.operation.is_some_and(|operation| operation.method == method.as_str())
    }
}

impl<E> fmt::Debug for Target<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.operation).finish()
    }
}

impl<E: From<Refusal> + Send + 'static> Place<E> {
    fn new<A: Api<Error = E>>(api: &Arc<A>, path: &str, routes: Vec<Route<A>>) -> Self {
        let other = refuse(&routes);
        let target = |route: Route<A>| {
            let (api, deprecations) = (Arc::clone(api), route.deprecations().into());
            let Route { operation, serve, properties: _ } = route;
            let serve = Box::new(move |request| serve(Arc::clone(&api), request));
            Target { operation: Some(operation), deprecations, serve }
        };
        let parts = parts(path);
        let least = parts.iter().map(|part| if let Part::Literal(text) = part { text.len() } else { 1 }).sum();
        Self { parts, least, targets: routes.into_iter().map(target).collect(), other }
    }

    fn is_literal(&self) -> bool {
        matches!(*self.parts, [Part::Literal(_)])
    }

    fn is_at(&self, path: &str) -> bool {
        // Length alone rules out most paths.
        if path.len() < self.least || (self.is_literal() && path.len() > self.least) {
            return false;
        }
        let rest = self.parts.iter().try_fold(path, |rest, part| match part {
            Part::Literal(text) => rest.strip_prefix(&**text),
            Part::Parameter => {
                let end = memchr(b'/', rest.as_bytes()).unwrap_or(rest.len());
                let (segment, behind) = rest.split_at(end);
                (!segment.is_empty()).then_some(behind)
            }
        });
        rest == Some("")
    }
}

/// The target of every method that `routes` lack.
fn refuse<A: Api>(routes: &[Route<A>]) -> Target<A::Error> {
    let methods = routes.iter().map(|route| route.operation.method);
    let methods: Vec<_> =
        methods.flat_map(|method| [Some(method), (method == "GET").then_some("HEAD")]).flatten().collect();
    let allow = HeaderValue::from_str(&methods.join(",")).ok();
    let serve = move |request: Request| -> Answering<A::Error> {
        let refusal = Refusal::MethodNotAllowed { allow: allow.clone() };
        Box::pin(async move {
            // Dropped here, not earlier: dropping an unread body before its response exists closes the connection.
            drop(request);
            Err(refusal.into())
        })
    };
    Target { operation: None, deprecations: Box::default(), serve: Box::new(serve) }
}

/// Splits a path template, whose parameters stand in braces.
fn parts(path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (index, piece) in path.split('{').enumerate() {
        let literal = if index == 0 { piece } else { piece.split_once('}').map_or("", |(_, behind)| behind) };
        if index > 0 {
            parts.push(Part::Parameter);
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
    }
    parts
}

#[cfg(test)]
mod tests;
