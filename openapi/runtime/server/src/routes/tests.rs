use super::*;
use axum::{body::Body, http::Extensions};

/// An API whose operations return their id.
#[derive(Debug)]
struct Shop;

#[derive(Debug)]
struct Failure(Refusal);

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl Api for Shop {
    type Error = Failure;
    type Caller = ();

    fn caller(_: &mut Extensions) {}

    fn max_body(&self) -> usize {
        0
    }

    fn status(_: &Failure) -> u16 {
        500
    }
}

const fn operation(id: &'static str, method: &'static str, path: &'static str) -> Operation {
    Operation {
        id,
        tag: "things",
        method,
        path,
        query: &[],
        produces: &[],
        failures: &[],
        scope: None,
        deprecations: &[],
    }
}

static OPERATIONS: [Operation; 7] = [
    operation("list", "GET", "/things"),
    operation("create", "POST", "/things"),
    operation("read", "GET", "/things/{id}"),
    operation("newest", "GET", "/things/newest"),
    operation("part", "GET", "/things/{id}/parts/{part}"),
    operation("clear", "DELETE", "/admin"),
    operation("root", "GET", "/"),
];

fn table() -> Routes<Failure> {
    let serve = |_: Arc<Shop>, _: Request| -> Answering<Failure> { Box::pin(async { Ok(Response::default()) }) };
    let routes = OPERATIONS.iter().map(|operation| Route { operation, serve, properties: |_| {} });
    Routes::new(&Arc::new(Shop), routes, |path| {
        if path.starts_with("/things") { format!("/v1{path}") } else { path.to_owned() }
    })
}

/// The id of the operation that a request reaches, `refused` without one, and `None` where no path matches.
fn find(routes: &Routes<Failure>, method: Method, path: &str) -> Option<&'static str> {
    let target = routes.find(&method, path)?;
    Some(target.operation().map_or("refused", |operation| operation.id))
}

#[test]
fn paths_and_methods_find_their_operation() {
    let routes = table();
    for (method, path, expected) in [
        (Method::GET, "/v1/things", Some("list")),
        (Method::HEAD, "/v1/things", Some("list")),
        (Method::POST, "/v1/things", Some("create")),
        (Method::PUT, "/v1/things", Some("refused")),
        (Method::GET, "/v1/things/a", Some("read")),
        (Method::GET, "/v1/things/%2F", Some("read")),
        (Method::GET, "/v1/things/newest", Some("newest")),
        (Method::GET, "/v1/things/a/parts/b", Some("part")),
        (Method::GET, "/", Some("root")),
        (Method::DELETE, "/admin", Some("clear")),
        (Method::HEAD, "/admin", Some("refused")),
        (Method::GET, "/v1/things/", None),
        (Method::GET, "/v1/things/a/", None),
        (Method::GET, "/v1/things/a/parts", None),
        (Method::GET, "/v1/things/a/parts/", None),
        (Method::GET, "/v1/things/a/b/parts/c", None),
        (Method::GET, "/things", None),
        (Method::GET, "/V1/things", None),
        (Method::GET, "", None),
    ] {
        assert_eq!(find(&routes, method.clone(), path), expected, "{method} {path}");
    }
}

#[test]
fn every_operation_is_in_the_table() {
    let routes = table();
    let mut ids: Vec<_> = routes.operations().map(|operation| operation.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["clear", "create", "list", "newest", "part", "read", "root"]);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_allowed() {
    let routes = table();
    for (path, allowed) in [("/v1/things", "GET,HEAD,POST"), ("/admin", "DELETE"), ("/v1/things/a", "GET,HEAD")] {
        let target = routes.find(&Method::PATCH, path).unwrap();
        let Failure(refusal) = target.answer(Request::new(Body::empty())).await.unwrap_err();
        let Refusal::MethodNotAllowed { allow: Some(allow) } = refusal else { panic!("{refusal:?}") };
        assert_eq!(allow, allowed, "{path}");
    }
}
