//! `payments move-to-tenants`: what it says, and its exit codes.

use crate::PROGRAM;
use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
use std::process::Output;
use test_support::{payment, postgres, sqlite_uri};

/// Runs `payments move-to-tenants`. Returns its exit code, what it said, and its errors.
fn move_to_tenants(flags: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = PROGRAM.run(&[&["move-to-tenants"], flags].concat());
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_moved_when_no_service_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let flags = ["--repo-uri", uri.as_str()];
    let (code, _, stderr) = move_to_tenants(&flags);
    assert_eq!(code, Some(1), "there is no file: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");

    let process = PROGRAM.serve(&flags);
    for id in ["a", "b", "gone"] {
        process.post(payment(id)).await.expect_status(201);
    }
    process.delete("/v1/payments/gone?version=0").await.expect_status(204);
    let (code, stdout, stderr) = move_to_tenants(&flags);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "the service has the file: {stderr}");
    assert!(stderr.lines().count() == 1 && stderr.contains("another process has"), "{stderr}");
    process.get("/v1/payments/a").await.expect_status(200);
    drop(process);

    let path = folder.path().join("payments.db");
    let mut sqlite = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap();
    sqlite.execute("UPDATE payments SET organisation_id = '\u{feff}' WHERE id = 'b'").await.unwrap();
    sqlite.close().await.unwrap();
    let named = "payment b was left: its organisation_id \"\\u{feff}\" is no tenant: it must not be blank\n";
    for moved in ["1 payments and 1 ids", "0 payments and 0 ids"] {
        let (code, stdout, stderr) = move_to_tenants(&flags);
        let expected = format!("{moved} of deleted ones moved to their organisations, 1 left\n");
        assert_eq!((code, stdout, stderr.as_str()), (Some(1), expected, named));
    }
    let process = PROGRAM.serve(&flags);
    process.get("/v1/payments/a").await.expect_status(404);
    process.get("/v1/payments/b").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_moved_while_replicas_serve() {
    let uri = postgres::url();
    let flags = ["--repo", "postgres", "--repo-uri", uri.as_str()];
    let replica = PROGRAM.serve(&flags);
    replica.post(payment("a")).await.expect_status(201);
    let (code, stdout, stderr) = move_to_tenants(&flags);
    let expected = "1 payments and 0 ids of deleted ones moved to their organisations, 0 left\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), expected, ""));
    replica.get("/v1/payments/a").await.expect_status(404);
}
