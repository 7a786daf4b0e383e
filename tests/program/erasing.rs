//! `payments erase`: what it says, and its exit codes.

use crate::PROGRAM;
use std::process::Output;
use test_support::{payment, sqlite_uri};

/// Runs `payments erase`. Returns its exit code, what it said, and its errors.
fn erase(flags: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = PROGRAM.run(&[&["erase"], flags].concat());
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_erased_when_no_service_has_the_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let flags = ["a", "--repo-uri", uri.as_str()];
    let process = PROGRAM.serve(&flags[1..]);
    process.post(payment("a")).await.expect_status(201);
    let (code, stdout, stderr) = erase(&flags);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "the service has the file: {stderr}");
    assert!(stderr.lines().count() == 1 && stderr.contains("another process has"), "{stderr}");
    drop(process);
    let (code, stdout, stderr) = erase(&[&flags[..], &["--organisation", "acme"]].concat());
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert_eq!(
        stderr,
        "error: the tenant \"acme\" has no payment a, and never had: name its organisation with --organisation\n"
    );
    for expected in ["payment a erased in 1 versions\n", "payment a was erased before\n"] {
        assert_eq!(erase(&flags), (Some(0), expected.to_owned(), String::new()));
    }
    let process = PROGRAM.serve(&flags[1..]);
    process.get("/v1/payments/a").await.expect_status(404);
}
