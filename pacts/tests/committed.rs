//! What is told about a committed pact that is not what its consumer says now.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

use pacts::committed::{canonical, compare};
use serde_json::json;
use std::fs;

fn pact(description: &str, status: u16) -> String {
    canonical(&json!({"interactions": [{"description": description, "response": {"status": status}}]}))
}

#[test]
fn the_same_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    assert_eq!(compare(&path, &pact("reading", 200)), Ok(()));
}

#[test]
fn a_file_that_is_missing_is_told_with_the_command_that_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let told = compare(&folder.path().join("shop-payments.json"), &pact("reading", 200)).unwrap_err();
    assert!(told.starts_with("pacts/shop-payments.json is not there") && told.contains("`make pact-accept`"), "{told}");
}

#[test]
fn a_difference_is_shown_with_the_command_that_accepts_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    let told = compare(&path, &pact("reading", 201)).unwrap_err();
    for part in
        ["shop-payments.json is not what", "`make pact-accept`", "-        \"status\": 200", "+        \"status\": 201"]
    {
        assert!(told.contains(part), "{part:?} is not in:\n{told}");
    }
}

#[test]
fn interactions_that_come_and_go_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, pact("reading", 200)).unwrap();
    let told = compare(&path, &pact("looking", 200)).unwrap_err();
    assert!(told.contains("  new: \"looking\"\n  no longer said: \"reading\"\n"), "{told}");
}

#[test]
fn a_long_difference_is_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop-payments.json");
    fs::write(&path, "no\n".repeat(500)).unwrap();
    let told = compare(&path, &pact("reading", 200)).unwrap_err();
    assert!(told.lines().count() < 50 && told.contains("lines more"), "{told}");
}

#[test]
fn order_and_the_versions_of_libraries_make_no_difference() {
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
