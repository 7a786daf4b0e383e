//! The program itself, run as its users run it.

#![cfg(test)]

mod backup;
mod crowd;
mod disk;
mod erasing;
mod event_clients;
mod files;
mod health;
mod ledger;
mod log;
mod moving;
mod newer_schema;
mod profiles;
mod secrets;
mod seed;
mod starting;
mod stopping;
mod tail;

use std::{
    net::TcpListener,
    process::Output,
    sync::atomic::{AtomicU32, Ordering},
};
use test_support::{Program, payment, postgres, sqlite_uri};

/// The program as cargo has built it for these tests.
const PROGRAM: Program = Program::at(env!("CARGO_BIN_EXE_payments"));

/// Returns an address with a free port, for a program that is to listen there later, or again. The port lies below the ephemeral
/// ports, so that the system gives it to no other test meanwhile.
fn free_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let address = || {
        let number = std::process::id().wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        format!("127.0.0.1:{}", 20_000 + number % 10_000)
    };
    let mut addresses = std::iter::repeat_with(address).take(10_000);
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

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
        &["move-to-tenants"],
        &["erase"],
        &["erase", "a"],
        &["erase", "a b", "--repo-uri", "sqlite://x.db"],
        &["erase", "a", "--organisation", " ", "--repo-uri", "sqlite://x.db"],
        &["refund"],
    ] {
        let Output { status, stdout, stderr } = PROGRAM.run(arguments);
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

/// What the program says about settings in the environment, in one line, and its exit code.
fn refused_in_the_environment(arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let output = PROGRAM.command(arguments).envs(variables.iter().copied()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().count(), 1, "{variables:?}: {stderr}");
    (stderr.trim_end().to_owned(), output.status.code())
}

#[test]
fn a_bad_setting_in_the_environment_is_named_as_the_variable_that_it_is() {
    for (variables, expected) in [
        (
            &[("PAYMENTS_MAX_RESULTS", "0")][..],
            "error: invalid value '0' for 'PAYMENTS_MAX_RESULTS': must be 1 to 1000, for example PAYMENTS_MAX_RESULTS=20",
        ),
        (
            &[("PAYMENTS_CORS", "a.example")],
            "error: invalid value 'a.example' for 'PAYMENTS_CORS': must be true (all origins), false, or origins with commas \
             between, for example PAYMENTS_CORS=https://shop.example",
        ),
        (
            &[("PAYMENTS_ADMIN", "perhaps")],
            "error: invalid value 'perhaps' for 'PAYMENTS_ADMIN': value was not a boolean",
        ),
        (
            &[("PAYMENTS_REPO_URI", "mysql://x")],
            "error: PAYMENTS_REPO_URI must be sqlite://PATH, percent-encoded, with ?mode=rwc, rw or memory at most, with --repo \
             sqlite3, for example PAYMENTS_REPO_URI=sqlite://payments.db",
        ),
        (
            &[("PAYMENTS_REPO_URI", "mysql://x"), ("PAYMENTS_REPO", "postgres")],
            "error: PAYMENTS_REPO_URI must be postgres://USER:PASSWORD@HOST/DATABASE with PAYMENTS_REPO postgres, for example \
             PAYMENTS_REPO_URI=postgres://payments@localhost/payments",
        ),
    ] {
        assert_eq!(refused_in_the_environment(&["serve"], variables), (expected.to_owned(), Some(2)));
    }
    let (line, code) =
        refused_in_the_environment(&["serve", "--max-results", "many"], &[("PAYMENTS_MAX_RESULTS", "0")]);
    assert_eq!(code, Some(2));
    assert!(
        line.contains("'--max-results <COUNT>'") && line.contains("--max-results 20"),
        "the flag is the bad one: {line}"
    );
}

#[test]
fn an_empty_variable_is_unset() {
    let variables = [
        "PAYMENTS_ADMIN",
        "PAYMENTS_CORS",
        "PAYMENTS_CORS_HEADERS",
        "PAYMENTS_EXTERNAL_URL",
        "PAYMENTS_LIMIT",
        "PAYMENTS_MAX_BODY",
        "PAYMENTS_METRICS",
        "PAYMENTS_OPERATOR_LISTEN",
        "PAYMENTS_REPO",
        "PAYMENTS_REPO_MIGRATIONS",
        "PAYMENTS_REPO_URI",
        "PAYMENTS_TIMEOUT",
        "PAYMENTS_TRUSTED_PROXIES",
    ];
    let process = PROGRAM.serve_with(&[], &variables.map(|name| (name, "")));
    let settings = process.log.iter().find(|line| line["message"] == "settings").expect("the settings are logged");
    for (name, value) in [
        ("admin", "false"),
        ("cors", "null"),
        ("limit", "null"),
        ("max_body", "1048576"),
        ("operator_listen", "null"),
        ("store", "\"SQLite in memory\""),
        ("timeout_s", "60"),
    ] {
        assert_eq!(settings[name].to_string(), value, "{name} of {settings:#}");
    }
    let (line, _) = refused_in_the_environment(&["migrate"], &[("PAYMENTS_REPO_URI", "")]);
    assert!(line.contains("a store in memory has nothing to migrate"), "{line}");
}

#[test]
fn pages_of_all_origins_or_of_none_are_let_in_by_true_and_false() {
    for (value, cors) in [("true", "\"*\""), ("false", "\"false\""), ("https://a.example", "\"https://a.example\"")] {
        let process = PROGRAM.serve_with(&[], &[("PAYMENTS_CORS", value)]);
        let settings = process.log.iter().find(|line| line["message"] == "settings").expect("the settings are logged");
        assert_eq!(settings["cors"].to_string(), cors, "{settings:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_file_is_read_as_others_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let uri = |rest: &str| format!("sqlite://{}/{rest}", folder.path().display());
    let missing = PROGRAM.run(&["migrate", "--repo-uri", &uri("pay.db?mode=rw")]);
    assert_eq!(missing.status.code(), Some(1), "{missing:?}");
    for (rest, file) in [("pay.db?mode=rwc", "pay.db"), ("pay.db?mode=rw", "pay.db"), ("my%20pay%3f.db", "my pay?.db")]
    {
        let output = PROGRAM.run(&["migrate", "--repo-uri", &uri(rest)]);
        assert!(output.status.success(), "{rest}: {output:?}");
        assert!(folder.path().join(file).exists(), "{rest}");
    }
    let mut names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["my pay?.db", "my pay?.db-lock", "pay.db", "pay.db-lock"]);
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
        "GET /",
        "GET /docs",
        "GET /problems/{kind}",
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
