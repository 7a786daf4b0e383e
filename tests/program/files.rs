//! A database file that is taken away while the program runs.

use crate::PROGRAM;
use std::time::{Duration, Instant};
use test_support::{payment, sqlite_uri};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_removed_is_said_so_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = PROGRAM.serve(&["--repo-uri", &sqlite_uri(folder.path())]);
    process.create("kept").await.expect_status(201);
    std::fs::remove_file(folder.path().join("payments.db")).unwrap();
    let start = Instant::now();
    while process.get("/ready").await.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(30), "/ready does not notice");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    process.post(payment("lost")).await.expect_unavailable();
    process.get("/alive").await.expect_status(200);
    process.get("/v1/payments/kept").await.expect_status(200);
    process.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));
    let log = process.rest_of_log();
    let line = log.lines().find(|line| line.contains("the database file was removed or renamed"));
    let line = line.unwrap_or_else(|| panic!("no line says why: {log}"));
    assert!(line.contains("ERROR") && line.contains("\"cure\":") && line.contains("payments.db"), "{line}");
}
