//! The program itself, run as its users run it.

#![cfg(test)]

mod backup;
mod crowd;
mod disk;
mod files;
mod health;
mod log;
mod newer_schema;
mod profiles;
mod secrets;
mod seed;
mod starting;
mod stopping;

use std::process::Output;
use test_support::{Program, payment, postgres, sqlite_uri};

/// The program as cargo has built it for these tests.
const PROGRAM: Program = Program::at(env!("CARGO_BIN_EXE_payments"));

#[test]
fn a_bad_setting_is_one_line_and_exit_code_2() {
    for arguments in [
        &["serve", "--listen", "nowhere"][..],
        &["serve", "--max-results", "many"],
        &["serve", "--repo", "oracle"],
        &["serve", "--repo", "postgres"],
        &["serve", "--repo-uri", "mysql://x"],
        &["serve", "--no-such-flag"],
        &["migrate"],
        &["refund"],
    ] {
        let Output { status, stdout, stderr } = PROGRAM.run(arguments);
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_setting_may_stand_in_the_environment() {
    let output = PROGRAM.command(&["serve"]).env("PAYMENTS_MAX_RESULTS", "0").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("--max-results"), "{stderr}");
}

#[test]
fn what_cannot_start_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}", folder.path().join("no/such/folder/payments.db").display());
    let process = PROGRAM.serve(&["--repo-uri", &sqlite_uri(folder.path())]);
    let taken = process.address();
    for (arguments, word) in [
        (&["serve", "--listen", taken][..], "with --listen,"),
        (&["serve", "--listen", "127.0.0.1:0", "--operator-listen", taken], "with --operator-listen,"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &missing], "--repo-uri"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &sqlite_uri(folder.path())], "another process"),
        (
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--repo",
                "postgres",
                "--repo-uri",
                "postgres://u:secret@127.0.0.1:1/x",
            ],
            "--repo-uri",
        ),
    ] {
        let Output { status, stderr, .. } = PROGRAM.run(arguments);
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(word) && !stderr.contains("secret"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn it_says_with_what_it_starts_and_keeps_secrets() {
    let url = postgres::url();
    let process = PROGRAM.serve(&["--repo", "postgres", "--repo-uri", &url, "--limit", "5-S", "--cors"]);
    let settings = process.log.iter().find(|line| line["message"] == "settings").expect("the settings are logged");
    for (name, value) in [("admin", "true"), ("limit", "\"5 in 1 s\""), ("cors", "\"*\""), ("timeout_s", "60")] {
        assert_eq!(settings[name].to_string(), value, "{name} of {settings:#}");
    }
    let store = settings["store"].as_str().unwrap();
    assert!(store.starts_with("PostgreSQL at ") && !store.contains('@'), "{store}");
    let mounted = process.log.iter().filter(|line| line["message"] == "mounted");
    let mounted: Vec<_> = mounted.map(|line| format!("{} {}", line["method"], line["path"]).replace('"', "")).collect();
    for route in [
        "GET /v1/payments/{id}",
        "POST /v1/payments",
        "GET /health",
        "DELETE /admin/repo",
        "GET /docs",
        "GET /openapi.yml",
    ] {
        assert!(mounted.iter().any(|line| line == route), "{route} is not among {mounted:#?}");
    }
    assert!(!mounted.iter().any(|line| line.contains("/metrics")), "metrics were not asked for: {mounted:#?}");
}

#[test]
fn migrate_brings_the_schema_up_to_date_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = PROGRAM.run(&["migrate", "--repo-uri", &sqlite_uri(folder.path())]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(folder.path().join("payments.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_served_by_replicas() {
    let uri = postgres::url();
    let flags = ["--repo", "postgres", "--repo-uri", &uri];
    let migrated = PROGRAM.run(&[&["migrate"], &flags[..]].concat());
    assert!(migrated.status.success(), "{migrated:?}");
    let replicas = [PROGRAM.serve(&flags), PROGRAM.serve(&flags)];
    replicas[0].create("p-1").await;
    replicas[1].post(payment("p-1")).await.expect_problem(409, "payment-exists");
    let answer = replicas[1].get("/v1/payments/p-1").await.expect_status(200);
    assert!(answer.text().contains(r#""attributes":{"amount":"100.21"}"#), "{answer}");
}
