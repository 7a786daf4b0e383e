use super::*;
use axum::http::Extensions;

/// An API whose errors are their statuses, but for refusals.
struct Shop;

#[derive(Debug)]
enum Failure {
    Refused(Refusal),
    Status(u16),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Api for Shop {
    type Error = Failure;
    type Caller = ();

    fn caller(_: &mut Extensions) {}

    fn max_body(&self) -> usize {
        0
    }

    fn status(error: &Failure) -> u16 {
        match error {
            Failure::Refused(_) => 500,
            Failure::Status(status) => *status,
        }
    }
}

static OPERATION: Operation = Operation {
    id: "getRepo",
    tag: "admin",
    method: "GET",
    path: "/repo",
    query: &[],
    produces: &[],
    failures: &[500, 503],
    scope: None,
    deprecations: &[],
};

fn failure(status: u16) -> Failure {
    let outcome: Result<Response, Failure> = Err(Failure::Status(status));
    answer::<Shop>(&OPERATION, outcome).expect_err("it fails")
}

#[test]
fn a_failure_that_the_contract_declares_stays() {
    assert!(matches!(failure(503), Failure::Status(503)));
}

#[test]
fn a_failure_that_it_does_not_declare_becomes_a_refusal_that_shows_it() {
    let failure = failure(418);
    let Failure::Refused(Refusal::Undeclared { status: 418, failure }) = &failure else { panic!("{failure:?}") };
    assert_eq!(failure, "Status(418)");
}

#[test]
fn a_document_is_encoded_once() {
    let document = Document::from(vec![1_i64, 2]);
    let (first, second) = (document.clone(), document);
    assert_eq!(format!("{first:?}"), "[1,2]");
    assert_eq!(first.json.as_ptr(), second.json.as_ptr());
}

#[test]
fn responses_say_what_they_carry() {
    let media_type = |response: &Response| response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let json = json(status(201), Document::from(true));
    assert_eq!((json.status(), media_type(&json).as_str()), (StatusCode::CREATED, "application/json"));
    let problem = problem(status(404), "x".to_owned());
    assert_eq!((problem.status(), media_type(&problem).as_str()), (StatusCode::NOT_FOUND, "application/problem+json"));
    assert_eq!(media_type(&text(status(200), String::new())), "text/plain; charset=utf-8");
}

#[test]
fn a_header_that_http_does_not_allow_is_a_failure() {
    let response = json(status(200), Document::from(true));
    let response = response.with(header::ETAG, "\"1\"".to_owned()).with(header::AGE, 7_i64);
    assert_eq!(
        (response.status(), &response.headers()[header::ETAG]),
        (StatusCode::OK, &HeaderValue::from_static("\"1\""))
    );
    assert_eq!(response.headers()[header::AGE], "7");
    assert_eq!(response.with(header::LOCATION, "a\nb".to_owned()).status(), StatusCode::INTERNAL_SERVER_ERROR);
}
