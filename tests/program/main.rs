//! The program itself, run as its users run it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod crowd;
mod disk;
mod health;
mod log;
mod process;
mod profiles;
mod stopping;

use process::{Program, command, create, run, sqlite};
use std::process::Output;

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
        let Output { status, stdout, stderr } = run(arguments);
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_setting_may_stand_in_the_environment() {
    let output = command(&["serve"]).env("PAYMENTS_MAX_RESULTS", "0").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("--max-results"), "{stderr}");
}

#[test]
fn what_cannot_start_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}", folder.path().join("no/such/folder/payments.db").display());
    let program = Program::serve(&["--repo-uri", &sqlite(folder.path())]);
    let taken = program.url.strip_prefix("http://").unwrap();
    for (arguments, word) in [
        (&["serve", "--listen", taken][..], "--listen"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &missing], "--repo-uri"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &sqlite(folder.path())], "another process"),
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
        let Output { status, stderr, .. } = run(arguments);
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(word) && !stderr.contains("secret"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn it_says_with_what_it_starts_and_keeps_secrets() {
    let url = test_postgres::url();
    let program = Program::serve(&["--repo", "postgres", "--repo-uri", &url, "--limit", "5-S", "--cors"]);
    let settings = program.log.iter().find(|line| line["message"] == "settings").expect("the settings are logged");
    for (name, value) in [("admin", "true"), ("limit", "\"5 in 1 s\""), ("cors", "\"*\""), ("timeout_s", "60")] {
        assert_eq!(settings[name].to_string(), value, "{name} of {settings:#}");
    }
    let store = settings["store"].as_str().unwrap();
    assert!(store.starts_with("PostgreSQL at ") && !store.contains('@'), "{store}");
    let mounted = program.log.iter().filter(|line| line["message"] == "mounted");
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
        let output = run(&["migrate", "--repo-uri", &sqlite(folder.path())]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(folder.path().join("payments.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_served_by_replicas() {
    let uri = test_postgres::url();
    let flags = ["--repo", "postgres", "--repo-uri", &uri];
    assert!(run(&[&["migrate"], &flags[..]].concat()).status.success());
    let replicas = [Program::serve(&flags), Program::serve(&flags)];
    let client = reqwest::Client::new();
    assert_eq!(create(&client, &replicas[0].url, "p-1").await.unwrap(), 201);
    assert_eq!(create(&client, &replicas[1].url, "p-1").await.unwrap(), 409);
    let answer = client.get(format!("{}/v1/payments/p-1", replicas[1].url)).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains(r#""attributes":{"amount":"1.10"}"#));
}
