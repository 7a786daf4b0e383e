//! `examples/ledger.rs` follows the events of a service, and is killed again and again.

use crate::PROGRAM;
use sqlx::{Connection, SqliteConnection};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use test_support::{Process, payment};

/// How many payments there are, and how often each is changed.
const PAYMENTS: usize = 40;
const CHANGES: usize = 5;
/// How long the ledger may take to catch up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the example over this file.
fn start(service: &Process, file: &Path) -> Child {
    let example = Path::new(env!("CARGO_BIN_EXE_payments")).with_file_name("examples").join("ledger");
    let mut command = Command::new(&example);
    command.arg(&service.url).arg(file).stdin(Stdio::null());
    command.spawn().unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo build --workspace --example ledger` makes it", example.display())
    })
}

/// The rows of a query, as text.
async fn rows(file: &Path, query: &'static str) -> Vec<String> {
    let url = format!("sqlite://{}?mode=ro", file.display());
    let Ok(mut ledger) = SqliteConnection::connect(&url).await else { return Vec::new() };
    sqlx::query_scalar(query).fetch_all(&mut ledger).await.unwrap_or_default()
}

const BALANCES: &str =
    "SELECT id || ' ' || version || ' ' || coalesce(amount, '-') || ' ' || deleted FROM payments ORDER BY id";
const ENTRIES: &str = "SELECT payment || ' ' || version FROM entries ORDER BY payment, version";

/// Waits until the ledger has these balances.
async fn until_balances(file: &Path, expected: &[String]) {
    until_rows(file, BALANCES, expected).await;
}

/// Waits until a query has these rows, because the ledger may have locked the file, or be rolling back after it was killed.
async fn until_rows(file: &Path, query: &'static str, expected: &[String]) {
    let began = Instant::now();
    loop {
        let rows = rows(file, query).await;
        if rows == expected {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "expected {expected:#?}, got {rows:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Every other payment is deleted at last.
fn is_deleted(number: usize) -> bool {
    number.is_multiple_of(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_is_entered_exactly_once_however_often_the_ledger_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let service = PROGRAM.serve(&[]);
    service.create("before").await;
    let mut ledger = start(&service, &file);
    let before = ["before 0 100.21 0".to_owned()];
    until_balances(&file, &before).await;
    for number in 0..PAYMENTS {
        let id = format!("p-{number:02}");
        service.create(&id).await;
        for version in 0..CHANGES {
            let mut body = payment(&id);
            body["data"]["version"] = version.into();
            body["data"]["attributes"]["amount"] = format!("{}.5", version + 1).into();
            service.put(&id, body).await.expect_status(200);
        }
        if is_deleted(number) {
            service.delete(&format!("/v1/payments/{id}?version={CHANGES}")).await.expect_status(204);
        }
        // Killed at whatever it is doing.
        if number % 5 == 4 {
            ledger.kill().unwrap();
            ledger.wait().unwrap();
            ledger = start(&service, &file);
        }
    }
    let balance = |number: usize| {
        let (version, deleted) = if is_deleted(number) { (CHANGES + 1, 1) } else { (CHANGES, 0) };
        format!("p-{number:02} {version} {CHANGES}.5 {deleted}")
    };
    let expected: Vec<_> = before.into_iter().chain((0..PAYMENTS).map(balance)).collect();
    until_balances(&file, &expected).await;
    let last = |number: usize| if is_deleted(number) { CHANGES + 1 } else { CHANGES };
    let entries: Vec<_> = (0..PAYMENTS)
        .flat_map(|number| (0..=last(number)).map(move |version| format!("p-{number:02} {version}")))
        .collect();
    // Each version of each payment once.
    until_rows(&file, ENTRIES, &entries).await;

    // The data are replaced: the ledger begins anew.
    service.delete("/admin/repo").await.expect_status(204);
    service.create("after").await;
    until_balances(&file, &["after 0 100.21 0".to_owned()]).await;
    ledger.kill().unwrap();
    ledger.wait().unwrap();
}
