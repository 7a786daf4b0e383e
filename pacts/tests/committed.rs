//! Tests the comparison of a committed pact with a generated one: the message names the difference and the command that
//! accepts it.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

use pacts::committed::{canonical, compare};
use serde_json::json;
use std::fs;

fn pact(description: &str, status: u16) -> String {
    canonical(&json!({"interactions": [{"description": description, "response": {"status": status}}]}))
}

#[test]
fn equal_pacts_pass() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    assert_eq!(compare(&path, &pact("reading", 200)), Ok(()));
}

#[test]
fn a_missing_file_is_named_with_the_command_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let message = compare(&folder.path().join("shop-payments.json"), &pact("reading", 200)).unwrap_err();
    assert!(
        message.starts_with("pacts/shop-payments.json does not exist") && message.contains("`make pact-accept`"),
        "{message}"
    );
}

#[test]
fn a_difference_is_shown_with_the_command_that_accepts_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    let message = compare(&path, &pact("reading", 201)).unwrap_err();
    for part in [
        "shop-payments.json differs from what",
        "`make pact-accept`",
        "-        \"status\": 200",
        "+        \"status\": 201",
    ] {
        assert!(message.contains(part), "{part:?} is not in:\n{message}");
    }
}

#[test]
fn added_and_removed_interactions_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    let message = compare(&path, &pact("looking", 200)).unwrap_err();
    assert!(message.contains("  added: \"looking\"\n  removed: \"reading\"\n"), "{message}");
}

#[test]
fn a_long_difference_is_truncated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, "no\n".repeat(500)).unwrap();
    let message = compare(&path, &pact("reading", 200)).unwrap_err();
    assert!(message.lines().count() < 50 && message.contains("lines more"), "{message}");
}

#[test]
fn order_and_library_versions_do_not_count() {
    let one = json!({
        "metadata": {"pactRust": {"models": "1.0"}, "pactSpecification": {"version": "4.0"}},
        "interactions": [{"description": "b"}, {"request": 1, "description": "a"}],
    });
    let other = json!({
        "interactions": [{"description": "a", "request": 1}, {"description": "b"}],
        "metadata": {"pactSpecification": {"version": "4.0"}, "pactRust": {"models": "2.0"}},
    });
    assert_eq!(canonical(&one), canonical(&other));
    assert!(!canonical(&one).contains("pactRust"));
}
