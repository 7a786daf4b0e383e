//! The harness can fail: small features against servers that are wrong in one way each. Every one must turn it red, with a
//! message that names the cause.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use cucumber::when;
use features::{
    Terminal, World,
    options::Options,
    run,
    stage::{Place, Store},
};
use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path},
};

const PAYMENT: &str = r#"{"data":{"id":"flour","type":"Payment","version":0,"organisation_id":"harbour-lane-bakery","attributes":{"amount":"100.21"},"created_on":"2026-01-18T09:00:00.000000Z","modified_on":"2026-01-18T09:00:00.000000Z"},"links":{"self":"http://localhost:8080/v1/payments/flour"}}"#;

const PROBLEM: &str = r#"{"type":"/problems/payment-not-found","title":"There is no such payment","status":404,"detail":"No payment has this id.","instance":"/v1/payments/flour"}"#;

/// A feature that a right answer satisfies.
const READ: &str = "Feature: Reading
  Scenario: A payment
    When payment \"flour\" is read
    Then the payment is returned
    And the payment is at version 0
";

/// Runs share the process, and with it what cucumber does to panics.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What a run left behind.
#[derive(Debug)]
struct Outcome {
    code: u8,
    printed: String,
    reports: TempDir,
}

impl Outcome {
    #[track_caller]
    fn passes(self) -> Self {
        assert_eq!(self.code, 0, "it must be green:\n{}", self.printed);
        assert!(self.printed.contains("\ntest result: ok. "), "{}", self.printed);
        self
    }

    /// It is red, and says all of this.
    #[track_caller]
    fn fails_with(self, causes: &[&str]) -> Self {
        assert_eq!(self.code, 101, "it must be red:\n{}", self.printed);
        assert!(self.printed.contains("\ntest result: FAILED. "), "{}", self.printed);
        for cause in causes {
            assert!(self.printed.contains(cause), "it must say {cause:?}:\n{}", self.printed);
        }
        self
    }

    fn report(&self, name: &str) -> String {
        fs::read_to_string(self.reports.path().join("part").join(name))
            .or_else(|_| fs::read_to_string(self.reports.path().join(name)))
            .expect("the report is there")
    }
}

/// A right answer, as far as its headers go.
fn answer(status: u16, media_type: &str, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-request-id", "r-1")
        .insert_header("cache-control", "no-store")
        .set_body_raw(body, media_type)
}

fn payment() -> ResponseTemplate {
    answer(200, "application/json", PAYMENT).insert_header("etag", "\"0\"")
}

/// The same with another text in place of one.
fn payment_with(text: &str, other: &str) -> ResponseTemplate {
    assert!(PAYMENT.contains(text));
    answer(200, "application/json", &PAYMENT.replace(text, other)).insert_header("etag", "\"0\"")
}

/// Plays `feature` against a server that gives one answer to all, after `change` has had its way with the options.
async fn play_with(feature: &str, answer: ResponseTemplate, change: impl FnOnce(&mut Options)) -> Outcome {
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

async fn play(feature: &str, answer: ResponseTemplate) -> Outcome {
    play_with(feature, answer, |_| {}).await
}

#[tokio::test]
async fn a_right_answer_passes() {
    let outcome = play(READ, payment()).await.passes();
    assert!(outcome.printed.contains("1 passed; 0 failed"), "{}", outcome.printed);
    assert!(outcome.report("junit.xml").contains("tests=\"1\" failures=\"0\""));
    assert!(outcome.report("index.html").contains("A payment"));
}

#[tokio::test]
async fn a_wrong_status_is_shown_with_the_request_and_the_body() {
    let outcome = play(READ, answer(404, "application/problem+json", PROBLEM)).await.fails_with(&[
        "expected  the status 200\n",
        "got       404\n",
        "GET /v1/payments/flour\n",
        "\"detail\": \"No payment has this id.\"",
        "1. GET /v1/payments/flour → 404",
        "✗ Then the payment is returned",
        "· And the payment is at version 0",
    ]);
    assert!(outcome.report("junit.xml").contains("<failure message=\"expected  the status 200\">"));
    assert!(outcome.report("cucumber.json").contains("\"status\": \"failed\""));
    assert!(outcome.report("index.html").contains("<pre class=\"failure\">expected  the status 200"));
}

#[tokio::test]
async fn a_status_that_the_contract_does_not_declare() {
    let causes = ["the contract does not declare the status 418 for getPayment; it declares 200, 304, 404"];
    play(READ, answer(418, "application/json", PAYMENT)).await.fails_with(&causes);
}

#[tokio::test]
async fn a_header_that_is_missing_or_wrong() {
    let bare = answer(200, "application/json", PAYMENT);
    play(READ, bare.clone()).await.fails_with(&["getPayment, 200: the header ETag is required, and missing"]);
    play(READ, bare.insert_header("etag", "W/\"0\"")).await.fails_with(&["the header ETag: ", "does not match"]);
}

#[tokio::test]
async fn a_property_that_the_contract_does_not_declare() {
    let answer = payment_with(r#""version":0"#, r#""version":0,"colour":"red""#);
    play(READ, answer).await.fails_with(&["getPayment, 200: the body: /data Additional properties", "'colour'"]);
}

#[tokio::test]
async fn a_value_that_the_contract_does_not_allow() {
    for (text, other, cause) in [
        (r#""100.21""#, "100.21", "the body: /data/attributes/amount 100.21 is not of type \"string\""),
        (r#""100.21""#, r#""0.00""#, "the body: /data/attributes/amount \"0.00\" does not match"),
        ("2026-01-18T09:00:00.000000Z", "yesterday", "the body: /data/created_on \"yesterday\" is not a \"date-time\""),
        ("http://localhost:8080/v1", "/v1", "the body: /links/self \"/v1/payments/flour\" is not a \"uri\""),
        (r#","attributes":{"amount":"100.21"}"#, "", "\"attributes\" is a required property"),
        (r#"{"data""#, r#"{"data"#, "the body is not JSON"),
    ] {
        play(READ, payment_with(text, other)).await.fails_with(&[cause]);
    }
}

#[tokio::test]
async fn a_media_type_that_the_contract_does_not_declare() {
    let text = answer(200, "text/plain", PAYMENT).insert_header("etag", "\"0\"");
    play(READ, text).await.fails_with(&["getPayment, 200: the content type is text/plain"]);
}

#[tokio::test]
async fn a_router_that_refuses_in_its_own_words() {
    let feature = "Feature: Errors
  Scenario: An unknown path
    When \"GET /nowhere\" is requested
    Then the request is refused as an unknown path
";
    let text = answer(404, "text/plain", "not found");
    play(feature, text).await.fails_with(&["an error is application/problem+json, and this is text/plain"]);
    play(feature, payment()).await.fails_with(&["the contract does not declare /nowhere, so 404 is due"]);
    let feature = feature.replace("GET /nowhere", "POST /v1/payments/flour");
    let problem = PROBLEM.replace("404", "405");
    let allowed = answer(405, "application/problem+json", &problem).insert_header("allow", "GET");
    play(&feature, allowed).await.fails_with(&["the path has PUT, and the header Allow (\"GET\") does not say so"]);
}

#[tokio::test]
async fn a_problem_that_contradicts_its_status() {
    let problem = PROBLEM.replace("\"status\":404", "\"status\":400");
    let causes = ["the problem says status 400, and the answer 404"];
    play(READ, answer(404, "application/problem+json", &problem)).await.fails_with(&causes);
}

#[tokio::test]
async fn an_expectation_that_does_not_hold() {
    let feature = format!(
        "{READ}    And the answer has:
      | path         | matcher | value |
      | $.data.id    | is      | \"flour\" |
      | $.data.type  | is      | \"Refund\" |
"
    );
    play(&feature, payment()).await.fails_with(&[
        "expected  $.data.type is \"Refund\"\n",
        "got       \"Payment\"\n",
        "| $.data.type | is | \"Refund\" |",
        "GET /v1/payments/flour\n",
        "\"amount\": \"100.21\"",
    ]);
}

#[tokio::test]
async fn a_table_that_cannot_be_read() {
    for (row, cause) in [
        ("| $.data.id | equals | 1 |", "\"equals\" is no matcher; there are: is, is not"),
        ("| $.data.id | is | flour |", "a text stands in quotes: \"flour\""),
        ("| $.data[ | is | 1 |", "is not a JSONPath"),
    ] {
        let feature = format!("{READ}    And the answer has:\n      | path | matcher | value |\n      {row}\n");
        play(&feature, payment()).await.fails_with(&[cause]);
    }
}

#[tokio::test]
async fn a_step_that_nobody_wrote() {
    let feature = READ.replace("the payment is returned", "the payment is happy");
    let causes = ["no step is written for \"Then the payment is happy\""];
    play(&feature, payment()).await.fails_with(&causes);
    // The way out that cucumber offers is none here.
    let feature = feature.replace("  Scenario", "  @allow.skipped\n  Scenario");
    play(&feature, payment()).await.fails_with(&causes);
}

#[when(expr = "two steps are meant")]
fn one(_: &mut World) {}

#[when(regex = "^two steps .*$")]
fn another(_: &mut World) {}

#[tokio::test]
async fn a_step_that_two_have_written() {
    let feature = READ.replace("payment \"flour\" is read", "two steps are meant");
    let causes = ["more than one step is written for it", "features/tests/harness.rs"];
    play(&feature, payment()).await.fails_with(&causes);
}

#[tokio::test]
async fn a_feature_of_which_nothing_is_played() {
    let feature = READ.replace("  Scenario", "  @wip\n  Scenario");
    let causes = ["small.feature: no scenario of it is played", "no scenario was played", "1 filtered out"];
    play(&feature, payment()).await.fails_with(&causes);
    play("Feature: Nothing\n", payment()).await.fails_with(&["small.feature: no scenario of it is played"]);
    // Whoever works on it plays it.
    play_with(&feature, payment(), |options| options.selection.wip = true).await.passes();
}

#[tokio::test]
async fn a_selection_that_selects_nothing() {
    let nothing = |options: &mut Options| options.selection.tags = Some("@typo".parse().unwrap());
    play_with(READ, payment(), nothing).await.fails_with(&["no scenario was played"]);
    // A filter of `cargo test` may be meant for other tests.
    let filter = |options: &mut Options| {
        options.selection.filters = vec!["another_test".to_owned()];
        options.may_be_idle = true;
    };
    play_with(READ, payment(), filter).await.passes();
}

#[tokio::test]
async fn a_file_that_is_no_feature_and_a_scenario_without_steps() {
    play("Scenario outside\n", payment()).await.fails_with(&["small.feature: Could not parse feature file"]);
    let feature = format!("{READ}\n  Scenario: Nothing to do\n");
    play(&feature, payment()).await.fails_with(&["small.feature:7: \"Nothing to do\" has no steps"]);
    let feature = format!("{READ}    And <nothing> is filled in\n    Examples:\n      | a |\n      | 1 |\n");
    play(&feature.replace("Scenario:", "Scenario Outline:"), payment())
        .await
        .fails_with(&["Failed to resolve <nothing>"]);
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let late = payment().set_delay(Duration::from_secs(60));
    let impatient = |options: &mut Options| options.patience = Duration::from_millis(300);
    let causes = ["expected  an answer", "got       no answer within 300ms", "GET /v1/payments/flour"];
    play_with(READ, late, impatient).await.fails_with(&causes);
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let nobody = |options: &mut Options| {
        options.places = vec![Place::There("http://127.0.0.1:1".to_owned())];
    };
    play_with(READ, payment(), nobody).await.fails_with(&["cannot be emptied; is the server up", "Connection refused"]);
}

#[tokio::test]
async fn a_contract_that_is_not_seen_whole() {
    let listing = |list: &'static str| {
        move |options: &mut Options| {
            options.full = true;
            options.uncovered = options.features.join("uncovered.txt");
            fs::write(&options.uncovered, list).unwrap();
        }
    };
    let outcome = play_with(READ, payment(), listing("pairs: 0\n")).await;
    let outcome =
        outcome.fails_with(&["getPayment 304 is declared, and no scenario sees it", "getAlive 200 is declared"]);
    assert!(!outcome.printed.contains("getPayment 200"), "{}", outcome.printed);
    let listed = listing("pairs: 2\ngetPayment 200 it cannot be\nnoSuchOperation 200 it is not there\n");
    let causes = [
        "getPayment 200 is in uncovered.txt, and a scenario sees it now",
        "noSuchOperation 200 is in uncovered.txt, and the contract does not declare it",
    ];
    play_with(READ, payment(), listed).await.fails_with(&causes);
    play_with(READ, payment(), listing("pairs: 1\n")).await.fails_with(&["the number may only go down"]);
}

#[tokio::test]
async fn the_first_failure_may_be_the_last() {
    let feature = format!("{}\n{}", READ.replace("at version 0", "at version 1"), READ.replace("Feature: Reading", ""));
    let outcome = play_with(&feature, payment(), |options| options.fail_fast = true).await;
    let outcome = outcome.fails_with(&["expected  $.data.version is 1"]);
    assert!(outcome.printed.contains("0 passed; 1 failed"), "{}", outcome.printed);
}

#[tokio::test]
async fn the_scenarios_of_contributing_md_play() {
    let text = include_str!("../../CONTRIBUTING.md");
    let feature = text.split("```gherkin\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let here = |options: &mut Options| options.places = vec![Place::Here(Store::Memory)];
    let outcome = play_with(feature, payment(), here).await.passes();
    assert!(outcome.printed.contains("2 passed"), "{}", outcome.printed);
}
