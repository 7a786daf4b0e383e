use super::{Change, Chosen, Unserved, VERSIONS, Version, Versions, change::Descent, change::set_query};
use crate::http::problem::{self, RequestInfo};
use axum::{
    body::{self, Body},
    extract::Request,
    http::StatusCode,
    response::Response,
};
use json_text::{MergePatch, PatchLimits};
use payments_server::{EarlierFaults, Faults, OPENAPI_JSON, Operation};
use serde_json::Value;

static OPERATION: Operation = Operation {
    id: "listThings",
    tag: "things",
    method: "GET",
    path: "/v1/things",
    query: &["size"],
    produces: &["application/json"],
    failures: &[],
    scope: None,
    deprecations: &[],
};

/// Adds a step to the query of a request, and to the JSON of its response.
#[derive(Debug)]
struct Step(&'static str);

impl Change for Step {
    fn climb(&self, _operation: &'static Operation, request: &mut Request, faults: &mut Faults) -> Option<Descent> {
        let query = request.uri().query().unwrap_or_default().to_owned();
        if query.contains("faulty") {
            faults.report_at(self.0, "is wrong");
        }
        set_query(request, &format!("{query}{}", self.0));
        let step = self.0;
        Some(Box::new(move |json| {
            let seen: Value = serde_json::from_str(json).unwrap();
            let path = format!("{}{step}", seen["path"].as_str().unwrap());
            MergePatch(&format!(r#"{{"path":"{path}"}}"#)).apply(json, &PatchLimits::default())
        }))
    }
}

static STEPS: Versions = Versions {
    oldest: Version { name: "2021-01-01", changes: &[&Step("never")] },
    newer: &[
        Version { name: "2022-01-01", changes: &[&Step("a"), &Step("b")] },
        Version { name: "2023-01-01", changes: &[&Step("c")] },
        Version { name: "2024-01-01", changes: &[] },
    ],
    retired: &["2019-01-01", "2020-01-01"],
};

fn request(version: &str) -> Request {
    Request::builder().uri("/v1/things?q=").header("accept-version", version).body(Body::empty()).unwrap()
}

fn choose(version: &str) -> Chosen {
    STEPS.choose(&request(version), true)
}

#[tokio::test]
async fn a_stream_is_not_waited_for() {
    let chosen = choose("2022-01-01");
    let descents = STEPS.climb(chosen.version, &OPERATION, &mut request("2022-01-01"));
    assert!(!descents.is_empty());
    let endless = Body::from_stream(futures_util::stream::pending::<Result<String, std::io::Error>>());
    let response =
        tokio::time::timeout(std::time::Duration::from_secs(5), descents.apply(Response::new(endless))).await;
    assert!(response.expect("it is passed on").is_ok());
}

#[tokio::test]
async fn a_request_climbs_through_the_changes_of_newer_versions_and_its_response_comes_back_the_same_way() {
    for (version, query, path) in [
        ("2021-01-01", "q=abc", ".cba"),
        ("2022-01-01", "q=c", ".c"),
        ("2023-01-01", "q=", "."),
        ("2024-01-01", "q=", "."),
    ] {
        let (chosen, mut request) = (choose(version), request(version));
        let descents = STEPS.climb(chosen.version, &OPERATION, &mut request);
        assert_eq!(request.uri().to_string(), format!("/v1/things?{query}"), "{version}");
        assert_eq!(descents.is_empty(), path == ".", "{version}");
        let response = Response::new(Body::from(r#"{"path":".","attributes":{ "rate":1.10 }}"#));
        let response = descents.apply(response).await.unwrap();
        let body = body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let expected = format!(r#"{{"path":"{path}","attributes":{{ "rate":1.10 }}}}"#);
        assert_eq!(String::from_utf8_lossy(&body).replace(' ', ""), expected.replace(' ', ""), "{version}");
        assert!(
            body.windows(15).any(|part| part == br#"{ "rate":1.10 }"#),
            "{version}: the attributes have other bytes"
        );
    }
}

#[tokio::test]
async fn a_problem_is_the_same_in_every_version() {
    let mut request = request("2021-01-01");
    let descents = STEPS.climb(&STEPS.oldest, &OPERATION, &mut request);
    let mut problem = Response::new(Body::from("not even JSON"));
    *problem.status_mut() = StatusCode::CONFLICT;
    let problem = descents.apply(problem).await.unwrap();
    assert_eq!(&body::to_bytes(problem.into_body(), 1 << 20).await.unwrap()[..], b"not even JSON");
}

#[tokio::test]
async fn a_response_that_cannot_come_back_is_our_fault() {
    let mut request = request("2023-01-01");
    *request.uri_mut() = "/v1/payments?to=2".parse().unwrap();
    static LIST: Operation = Operation { id: "listPayments", query: &["size"], ..OPERATION };
    let descents = VERSIONS.climb(VERSIONS.oldest(), &LIST, &mut request);
    let error = descents.apply(Response::new(Body::from("broken"))).await.unwrap_err();
    assert_eq!(problem::status(&error), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn the_faults_of_changes_travel_with_the_request() {
    let mut request = request("2022-01-01");
    *request.uri_mut() = "/v1/things?faulty".parse().unwrap();
    STEPS.climb(choose("2021-01-01").version, &OPERATION, &mut request);
    let faults = request.extensions().get::<EarlierFaults>().unwrap();
    assert_eq!(faults.0.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/a", "/b", "/c"]);
}

#[tokio::test]
async fn a_retired_version_is_gone_and_the_problem_names_those_that_are_not() {
    let Chosen { version, unserved } = choose("2020-01-01");
    assert_eq!((version.name, unserved), ("2021-01-01", Some(Unserved::Retired { version: "2020-01-01" })));
    let request = RequestInfo { path: "/v1/things".into(), route: "-", id: None };
    let response = problem::response(STEPS.error(unserved.unwrap()), &request);
    assert_eq!(response.status(), StatusCode::GONE);
    let body = body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["type"], "/problems/version-retired");
    let detail = "Version 2020-01-01 was retired. Move to one of 2021-01-01, 2022-01-01, 2023-01-01, 2024-01-01; \
                  /docs/changes says what is different.";
    assert_eq!(problem["detail"], detail);
}

#[test]
fn a_version_that_no_text_can_be_is_unknown() {
    let mut request = request("2022-01-01");
    request.headers_mut().insert("accept-version", axum::http::HeaderValue::from_bytes(b"2022-01-01\xff").unwrap());
    assert_eq!(STEPS.choose(&request, true).unserved, Some(Unserved::Unknown { header: "Accept-Version" }));
}

#[test]
fn the_versions_are_those_of_the_contract() {
    let contract: Value = serde_json::from_str(OPENAPI_JSON).unwrap();
    let parameter = &contract["components"]["parameters"]["AcceptVersion"];
    let declared: Vec<_> = parameter["schema"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let served: Vec<_> = VERSIONS.served().map(|version| version.name).collect();
    assert_eq!(served, declared, "src/http/versions/mod.rs serves other versions than the contract declares");
    assert_eq!(contract["info"]["version"], *served.last().unwrap());
    assert!(served.is_sorted() && VERSIONS.retired.iter().all(|retired| *retired < VERSIONS.oldest.name));
}
