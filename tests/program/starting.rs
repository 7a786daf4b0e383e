//! The program while it starts: its store is not open yet.

use crate::{PROGRAM, free_address};
use sqlx::{Connection, Executor, postgres::PgConnection};
use std::{
    io::Read,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use test_support::postgres;

/// How long an end may take that waits for nothing, on a machine that is busy: far less than the usual timeout of a start, 60 s.
const SOON: Duration = Duration::from_secs(20);

/// A database whose migrations another session has locked, and that session.
async fn locked_database() -> (String, PgConnection) {
    let url = postgres::url();
    let migrated = PROGRAM.run(&["migrate", "--repo", "postgres", "--repo-uri", &url]);
    assert!(migrated.status.success(), "{migrated:?}");
    let mut rival = PgConnection::connect(&url).await.unwrap();
    rival.execute("BEGIN; LOCK TABLE payments_migrations").await.unwrap();
    (url, rival)
}

/// Starts `payments serve` over such a database, and waits until it has come to the lock, or has ended before. Returns it with
/// its address.
async fn start(url: &str, rival: &mut PgConnection, flags: &[&str]) -> (Child, String) {
    let address = free_address();
    let serve = ["serve", "--listen", &address, "--repo", "postgres", "--repo-uri", url];
    let mut command: Command = PROGRAM.command(&[&serve[..], flags].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'payments_migrations'::regclass";
    let began = Instant::now();
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut *rival).await.unwrap() == 0
        && child.try_wait().unwrap().is_none()
    {
        assert!(began.elapsed() < SOON, "it does not come to the lock");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (child, address)
}

/// The exit code, and what was written to standard error. It must end within so long.
fn end(mut child: Child, within: Duration) -> (Option<i32>, String) {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let mut stderr = String::new();
            child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
            return (status.code(), stderr);
        }
        if began.elapsed() > within {
            let _ = child.kill();
            panic!("it goes on after {within:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_takes_too_long_ends_with_a_reason() {
    let (url, mut rival) = locked_database().await;
    let (child, address) = start(&url, &mut rival, &["--start-timeout", "2"]).await;
    assert!(TcpStream::connect(&address).is_err(), "clients can connect, and nobody answers them");
    let (code, stderr) = end(child, Duration::from_secs(2) + SOON);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.lines().count() == 1 && stderr.contains("--start-timeout"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_a_start_at_once() {
    let (url, mut rival) = locked_database().await;
    for signal in ["-TERM", "-INT"] {
        let (child, _) = start(&url, &mut rival, &[]).await;
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let (code, stderr) = end(child, SOON);
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{signal}");
        // Its session at the server goes, too.
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'payments_migrations'::regclass";
        let began = Instant::now();
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut rival).await.unwrap() > 0 {
            assert!(began.elapsed() < 2 * SOON, "its statement waits on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_not_encrypted_is_warned_of_unless_it_stays_on_this_machine() {
    let url = postgres::url();
    // Leads to this machine, and is not known to.
    let elsewhere = url.replace("127.0.0.1", "0.0.0.0");
    for (url, expected) in [(url.as_str(), false), (&elsewhere, true), (&format!("{elsewhere}?sslmode=disable"), false)]
    {
        let process = PROGRAM.serve(&["--repo", "postgres", "--repo-uri", url]);
        let is_warned = process.log.iter().any(|line| line["message"].as_str().unwrap().contains("is not encrypted"));
        assert_eq!(is_warned, expected, "{url}: {:#?}", process.log);
    }
}
