//! Tests the harness itself: small features run against servers that are wrong in one way each. Every run must fail with a
//! message that names the cause.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod small_run;

use cucumber::when;
use features::{World, environment::Environment, options::Options, stores::TestStore};
use small_run::{PAYMENT, PROBLEM, answer, payment, payment_with, run_feature, run_with};
use std::{fs, time::Duration};

/// A feature that a valid answer satisfies.
const READ: &str = "Feature: Reading
  Scenario: A payment
    When payment \"flour\" is read
    Then the payment is returned
    And the payment is at version 0
";

#[tokio::test]
async fn a_valid_answer_passes() {
    let outcome = run_feature(READ, payment()).await.passes();
    assert!(outcome.printed.contains("1 passed; 0 failed"), "{}", outcome.printed);
    assert!(outcome.report("junit.xml").contains("tests=\"1\" failures=\"0\""));
    let page = outcome.report("index.html");
    for text in
        ["A payment", "data-count=\"1\"", "class=\"legend\"", " UTC</time>", "payments 0.1.0", "contract 2027-01-15"]
    {
        assert!(page.contains(text), "{text} is not in the living document");
    }
    assert!(!page.contains("<li class=\"failed\">") && !page.contains("<li class=\"not-reached\">"));
    let head = std::process::Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().expect("git runs");
    let head = String::from_utf8(head.stdout).unwrap();
    assert!(page.contains(&format!("commit <code>{}", head.trim())), "the living document does not name {head}");
}

#[tokio::test]
async fn a_step_that_failed_is_marked_among_the_others() {
    let feature =
        READ.replace("  Scenario:", "  Background:\n    Given the next request carries 'X-A: b'\n  Scenario:");
    let outcome = run_feature(&feature, answer(404, "application/problem+json", PROBLEM)).await.fails_with(&[]);
    let page = outcome.report("index.html");
    let item =
        |text: &str| page.lines().find(|line| line.starts_with("<li") && line.contains(text)).unwrap_or_default();
    assert!(item("the next request carries").starts_with("<li><b>"), "a step that passed has no mark");
    assert!(item("is read").starts_with("<li><b>"), "a step that passed has no mark");
    let failed = item("the payment is returned");
    assert!(failed.starts_with("<li class=\"failed\">") && failed.contains("failed over http://127.0.0.1"), "{failed}");
    assert!(item("is at version 0").starts_with("<li class=\"not-reached\">"), "{page}");
}

/// The search in a browser counts what it finds; `tests/browser/report.mjs` does what a reader does.
#[tokio::test]
async fn the_search_says_how_many_scenarios_match() {
    let outline = "  Scenario Outline: Two of a kind
    When payment \"<id>\" is read
    Then the payment is returned
    Examples:
      | id    |
      | flour |
      | yeast |
";
    let outcome = run_feature(&format!("{READ}{outline}"), payment()).await.passes();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = tempfile::tempdir().unwrap();
    fs::write(page.path().join("index.html"), outcome.report("index.html")).unwrap();
    let mut look = std::process::Command::new(root.join("openapi/tool"));
    let look = look.args(["node", "tests/browser/report.mjs"]).arg(page.path()).current_dir(&root);
    let looked = look.output().expect("openapi/tool runs");
    assert!(
        looked.status.success(),
        "{}{}",
        String::from_utf8_lossy(&looked.stdout),
        String::from_utf8_lossy(&looked.stderr)
    );
}

#[tokio::test]
async fn a_wrong_status_is_shown_with_the_request_and_the_body() {
    let outcome = run_feature(READ, answer(404, "application/problem+json", PROBLEM)).await.fails_with(&[
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
    let causes =
        ["the contract does not declare the status 418 for getPayment; it declares 200, 304, 400, 401, 403, 404"];
    run_feature(READ, answer(418, "application/json", PAYMENT)).await.fails_with(&causes);
}

#[tokio::test]
async fn a_header_that_is_missing_or_wrong() {
    let bare = answer(200, "application/json", PAYMENT);
    run_feature(READ, bare.clone()).await.fails_with(&["getPayment, 200: the header ETag is required, and missing"]);
    run_feature(READ, bare.insert_header("etag", "W/\"0\"")).await.fails_with(&["the header ETag: ", "does not match"]);
}

#[tokio::test]
async fn a_property_that_the_contract_does_not_declare() {
    let answer = payment_with(r#""version":0"#, r#""version":0,"colour":"red""#);
    run_feature(READ, answer).await.fails_with(&["getPayment, 200: the body: /data Additional properties", "'colour'"]);
}

#[tokio::test]
async fn a_header_that_the_contract_does_not_declare() {
    let more = payment().insert_header("x-powered-by", "steam");
    run_feature(READ, more).await.fails_with(&["getPayment, 200: the header x-powered-by (steam) is not declared"]);
}

#[tokio::test]
async fn a_refusal_of_what_the_contract_allows() {
    let problem = |kind: &str, status: &str| PROBLEM.replace("payment-not-found", kind).replace("404", status);
    let refused = answer(400, "application/problem+json", &problem("invalid-request", "400"));
    let causes = ["the contract allows the request, and the service refuses it: No payment has this id."];
    run_feature(READ, refused.clone()).await.fails_with(&causes);
    let wrong = READ.replace("payment \"flour\" is read", "\"GET /v1/payments/flour?colour=red\" is requested");
    let outcome = run_feature(&wrong, refused).await.fails_with(&["expected  the status 200"]);
    assert!(!outcome.printed.contains(causes[0]), "{}", outcome.printed);

    let forbidden = answer(403, "application/problem+json", &problem("insufficient-scope", "403"));
    let forbidden = forbidden.insert_header("www-authenticate", "Bearer");
    let caller = |scopes: &str| {
        READ.replace("    When", &format!("    When the caller is of \"a\" and may \"{scopes}\"\n    And"))
    };
    let cause = "the token has the scopes that the contract asks for, and the service asks for others";
    run_feature(&caller("admin payments:read"), forbidden.clone()).await.fails_with(&[cause]);
    let outcome = run_feature(&caller("payments:write"), forbidden).await.fails_with(&["expected  the status 200"]);
    assert!(!outcome.printed.contains(cause), "{}", outcome.printed);
}

#[tokio::test]
async fn a_success_of_what_the_contract_refuses() {
    let feature = READ.replace("payment \"flour\" is read", "\"GET /v1/payments/flour?colour=red\" is requested");
    run_feature(&feature, payment()).await.fails_with(&[
        "the contract refuses the request, and the service does not: the query parameter colour is not declared",
    ]);
}

#[tokio::test]
async fn a_value_that_the_contract_does_not_allow() {
    for (text, other, cause) in [
        (r#""100.21""#, "100.21", "the body: /data/attributes/amount 100.21 is not of type \"string\""),
        (r#""100.21""#, r#""1,00""#, "the body: /data/attributes/amount \"1,00\" does not match"),
        (r#""100.21""#, r#""0.00""#, "{\"pattern\":\"^[0.]*$\"} is not allowed for \"0.00\""),
        ("2026-01-18T09:00:00.000000Z", "yesterday", "the body: /data/created_on \"yesterday\" is not a \"date-time\""),
        ("http://localhost:8080/v1", "/v1", "the body: /links/self \"/v1/payments/flour\" is not a \"uri\""),
        (r#","attributes":{"amount":"100.21"}"#, "", "\"attributes\" is a required property"),
        (r#"{"data""#, r#"{"data"#, "the body is not JSON"),
    ] {
        run_feature(READ, payment_with(text, other)).await.fails_with(&[cause]);
    }
}

#[tokio::test]
async fn a_media_type_that_the_contract_does_not_declare() {
    let text = answer(200, "text/plain", PAYMENT).insert_header("etag", "\"0\"");
    run_feature(READ, text).await.fails_with(&["getPayment, 200: the content type is text/plain"]);
}

#[tokio::test]
async fn an_undeclared_path_that_is_not_refused_with_a_problem() {
    let feature = "Feature: Errors
  Scenario: An unknown path
    When \"GET /nowhere\" is requested
    Then the request is refused as an unknown path
";
    let text = answer(404, "text/plain", "not found");
    run_feature(feature, text).await.fails_with(&["an error must be application/problem+json, and is text/plain"]);
    run_feature(feature, payment())
        .await
        .fails_with(&["the contract does not declare /nowhere: expected 404, got 200"]);
    let feature = feature.replace("GET /nowhere", "POST /v1/payments/flour");
    let problem = PROBLEM.replace("404", "405");
    let allowed = answer(405, "application/problem+json", &problem).insert_header("allow", "GET");
    run_feature(&feature, allowed)
        .await
        .fails_with(&["the path has PUT, and the header Allow (\"GET\") does not list it"]);
}

#[tokio::test]
async fn a_problem_that_contradicts_its_status() {
    let problem = PROBLEM.replace("\"status\":404", "\"status\":400");
    let causes = ["the problem has status 400, and the answer 404"];
    run_feature(READ, answer(404, "application/problem+json", &problem)).await.fails_with(&causes);
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
    run_feature(&feature, payment()).await.fails_with(&[
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
        ("| $.data.id | equals | 1 |", "\"equals\" is not a matcher; use one of: is, is not"),
        ("| $.data.id | is | flour |", "a string needs quotes: \"flour\""),
        ("| $.data[ | is | 1 |", "is not a JSONPath"),
    ] {
        let feature = format!("{READ}    And the answer has:\n      | path | matcher | value |\n      {row}\n");
        run_feature(&feature, payment()).await.fails_with(&[cause]);
    }
}

#[tokio::test]
async fn an_undefined_step() {
    let feature = READ.replace("the payment is returned", "the payment is happy");
    let causes = ["no step is defined for \"Then the payment is happy\""];
    run_feature(&feature, payment()).await.fails_with(&causes);
    // The tag by which cucumber lets steps be undefined has no effect.
    let feature = feature.replace("  Scenario", "  @allow.skipped\n  Scenario");
    run_feature(&feature, payment()).await.fails_with(&causes);
}

#[when(expr = "two steps are meant")]
fn one(_: &mut World) {}

#[when(regex = "^two steps .*$")]
fn another(_: &mut World) {}

#[tokio::test]
async fn a_step_with_two_definitions() {
    let feature = READ.replace("payment \"flour\" is read", "two steps are meant");
    let causes = ["more than one step is defined for it", "features/tests/harness/main.rs"];
    run_feature(&feature, payment()).await.fails_with(&causes);
}

#[tokio::test]
async fn a_feature_of_which_no_scenario_runs() {
    let feature = READ.replace("  Scenario", "  @wip\n  Scenario");
    let causes = ["small.feature: no scenario of it runs", "no scenario ran", "1 filtered out"];
    run_feature(&feature, payment()).await.fails_with(&causes);
    run_feature("Feature: Nothing\n", payment()).await.fails_with(&["small.feature: no scenario of it runs"]);
    // With --wip it runs.
    run_with(&feature, payment(), |options| options.selection.wip = true).await.passes();
}

#[tokio::test]
async fn a_selection_that_selects_nothing() {
    let nothing = |options: &mut Options| options.selection.tags = Some("@typo".parse().unwrap());
    run_with(READ, payment(), nothing).await.fails_with(&["no scenario ran"]);
    // A filter of `cargo test` may be meant for other test binaries.
    let filter = |options: &mut Options| {
        options.selection.filters = vec!["another_test".to_owned()];
        options.allow_no_scenarios = true;
    };
    run_with(READ, payment(), filter).await.passes();
}

#[tokio::test]
async fn a_malformed_feature_file_and_a_scenario_without_steps() {
    run_feature("Scenario outside\n", payment()).await.fails_with(&["small.feature: Could not parse feature file"]);
    let feature = format!("{READ}\n  Scenario: Nothing to do\n");
    run_feature(&feature, payment()).await.fails_with(&["small.feature:7: \"Nothing to do\" has no steps"]);
    let feature = format!("{READ}    And <nothing> is filled in\n    Examples:\n      | a |\n      | 1 |\n");
    run_feature(&feature.replace("Scenario:", "Scenario Outline:"), payment())
        .await
        .fails_with(&["Failed to resolve <nothing>"]);
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let late = payment().set_delay(Duration::from_secs(600));
    // The store is emptied within the same time, also on a machine that stops for seconds.
    let short_timeout = |options: &mut Options| options.answer_timeout = Duration::from_secs(5);
    let causes = ["expected  an answer", "got       no answer within 5s", "GET /v1/payments/flour"];
    run_with(READ, late, short_timeout).await.fails_with(&causes);
}

#[tokio::test]
async fn an_unreachable_server() {
    let unreachable = |options: &mut Options| {
        options.environments = vec![Environment::Remote("http://127.0.0.1:1".to_owned())];
    };
    run_with(READ, payment(), unreachable)
        .await
        .fails_with(&["cannot be emptied; is the server up", "Connection refused"]);
}

#[tokio::test]
async fn an_incomplete_coverage_of_the_contract() {
    let listing = |list: &'static str| {
        move |options: &mut Options| {
            options.complete = true;
            options.uncovered = options.features.join("uncovered.txt");
            fs::write(&options.uncovered, list).unwrap();
        }
    };
    let outcome = run_with(READ, payment(), listing("pairs: 0\n")).await;
    let outcome =
        outcome.fails_with(&["getPayment 304 is declared, and no scenario sees it", "getAlive 200 is declared"]);
    assert!(!outcome.printed.contains("getPayment 200"), "{}", outcome.printed);
    let listed = listing("pairs: 2\ngetPayment 200 it cannot be\nnoSuchOperation 200 it is not there\n");
    let causes = [
        "getPayment 200 is in uncovered.txt, and a scenario sees it now",
        "noSuchOperation 200 is in uncovered.txt, and the contract does not declare it",
    ];
    run_with(READ, payment(), listed).await.fails_with(&causes);
    run_with(READ, payment(), listing("pairs: 1\n")).await.fails_with(&["the number may only go down"]);
}

#[tokio::test]
async fn fail_fast_stops_at_the_first_failure() {
    let feature = format!("{}\n{}", READ.replace("at version 0", "at version 1"), READ.replace("Feature: Reading", ""));
    let outcome = run_with(&feature, payment(), |options| options.fail_fast = true).await;
    let outcome = outcome.fails_with(&["expected  $.data.version is 1"]);
    assert!(outcome.printed.contains("0 passed; 1 failed"), "{}", outcome.printed);
}

#[tokio::test]
async fn the_scenarios_of_contributing_md_pass() {
    let guide = include_str!("../../../CONTRIBUTING.md");
    let feature = guide.split("```gherkin\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let memory = TestStore::find("memory").expect("a store of this name");
    let in_memory = |options: &mut Options| options.environments = vec![Environment::InProcess(memory)];
    let outcome = run_with(feature, payment(), in_memory).await.passes();
    assert!(outcome.printed.contains("2 passed"), "{}", outcome.printed);
}
