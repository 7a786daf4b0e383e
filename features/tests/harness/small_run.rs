//! Runs one small feature against a mock server that gives the same answer to every request.

use features::{Terminal, options::Options, run};
use std::{
    fs,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path},
};

pub(crate) const PAYMENT: &str = r#"{"data":{"id":"flour","type":"Payment","version":0,"organisation_id":"harbour-lane-bakery","attributes":{"amount":"100.21"},"created_on":"2026-01-18T09:00:00.000000Z","modified_on":"2026-01-18T09:00:00.000000Z"},"links":{"self":"http://localhost:8080/v1/payments/flour"}}"#;

pub(crate) const PROBLEM: &str = r#"{"type":"/problems/payment-not-found","title":"There is no such payment","status":404,"detail":"No payment has this id.","instance":"/v1/payments/flour"}"#;

/// Runs take turns: they share the panic hook, which cucumber replaces.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The exit code, the output, and the reports of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    code: u8,
    pub(crate) printed: String,
    reports: TempDir,
}

impl Outcome {
    /// Asserts that the run passed.
    #[track_caller]
    pub(crate) fn passes(self) -> Self {
        assert_eq!(self.code, 0, "the run must pass:\n{}", self.printed);
        assert!(self.printed.contains("\ntest result: ok. "), "{}", self.printed);
        self
    }

    /// Asserts that the run failed, and printed all of these causes.
    #[track_caller]
    pub(crate) fn fails_with(self, causes: &[&str]) -> Self {
        assert_eq!(self.code, 101, "the run must fail:\n{}", self.printed);
        assert!(self.printed.contains("\ntest result: FAILED. "), "{}", self.printed);
        for cause in causes {
            assert!(self.printed.contains(cause), "the output must contain {cause:?}:\n{}", self.printed);
        }
        self
    }

    pub(crate) fn report(&self, name: &str) -> String {
        fs::read_to_string(self.reports.path().join("part").join(name))
            .or_else(|_| fs::read_to_string(self.reports.path().join(name)))
            .expect("the report was written")
    }
}

/// An answer with the headers that the contract requires of every answer.
pub(crate) fn answer(status: u16, media_type: &str, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-request-id", "r-1")
        .insert_header("cache-control", "no-store")
        .set_body_raw(body, media_type)
}

/// A valid answer that shows [`PAYMENT`].
pub(crate) fn payment() -> ResponseTemplate {
    answer(200, "application/json", PAYMENT).insert_header("etag", "\"0\"")
}

/// The same answer, with `text` replaced by `other` in the body.
pub(crate) fn payment_with(text: &str, other: &str) -> ResponseTemplate {
    assert!(PAYMENT.contains(text), "{text} is not in the payment");
    answer(200, "application/json", &PAYMENT.replace(text, other)).insert_header("etag", "\"0\"")
}

/// Runs `feature` against a server that always gives `answer`, with options that `change` has changed.
pub(crate) async fn run_with(feature: &str, answer: ResponseTemplate, change: impl FnOnce(&mut Options)) -> Outcome {
    let _turn = ONE_AT_A_TIME.lock().await;
    let server = MockServer::start().await;
    let cleared =
        ResponseTemplate::new(204).insert_header("x-request-id", "r-1").insert_header("cache-control", "no-store");
    let clear = Mock::given(method("DELETE")).and(path("/admin/repo")).respond_with(cleared);
    clear.with_priority(1).mount(&server).await;
    Mock::given(any()).respond_with(answer).mount(&server).await;

    let (features, reports) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(features.path().join("small.feature"), feature).unwrap();
    let line = ["--url".to_owned(), server.uri()];
    let mut options = Options::parse(line, reports.path().to_owned()).unwrap();
    options.features = features.path().to_owned();
    change(&mut options);
    let printed = Arc::new(Mutex::new(Vec::new()));
    let out: Arc<Mutex<Vec<u8>>> = Arc::clone(&printed);
    let code = run(&options, Terminal::to(out)).await;
    let printed = String::from_utf8(printed.lock().unwrap().clone()).unwrap();
    Outcome { code, printed, reports }
}

/// Runs `feature` with default options.
pub(crate) async fn run_feature(feature: &str, answer: ResponseTemplate) -> Outcome {
    run_with(feature, answer, |_| {}).await
}
