//! The program, stopped by a signal or killed while it is under load.

use crate::PROGRAM;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::{Connection, Process, payment, postgres, sqlite_uri};
use tokio::{io::AsyncReadExt, net::TcpStream, task::JoinSet};

/// How often the program is stopped while it works on a SQLite file, and on PostgreSQL.
const ROUNDS: (usize, usize) = (100, 12);
/// How many programs run at once.
const LANES: usize = 4;
/// How many clients each of them has.
const CLIENTS: usize = 6;
/// The signal comes within so many milliseconds from when the program listens.
const MOMENTS: usize = 90;
/// How long a stop may take on a machine that is busy: far less than the grace of requests, which is 60 s.
const STOP: Duration = Duration::from_secs(30);
/// How long the program drains: a machine that stands still for some seconds does not use it up.
const DRAIN: Duration = Duration::from_secs(10);

/// Creates payments from sixteen clients at once, kills the server when many were acknowledged, and returns the ids of all that
/// were.
async fn create_until_killed(process: &mut Process, round: usize) -> Vec<String> {
    let count = Arc::new(AtomicUsize::new(0));
    let pool = reqwest::Client::new();
    let writers: JoinSet<_> = (0..16)
        .map(|writer| {
            let (client, count) = (process.over(pool.clone()), Arc::clone(&count));
            async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let id = format!("r{round}-w{writer}-n{number}");
                    match client.try_create(&id).await {
                        Ok(201) => acknowledged.push(id),
                        Ok(status) => panic!("{id}: {status}"),
                        Err(_) => break,
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                }
                acknowledged
            }
        })
        .collect();
    let began = Instant::now();
    while count.load(Ordering::Relaxed) < 200 {
        assert!(began.elapsed() < Duration::from_secs(60), "{count:?} payments in 60 s: that is no load");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.child.kill().expect("SIGKILL");
    writers.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_payment_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut process = PROGRAM.serve(&["--repo-uri", &uri]);
        acknowledged.extend(create_until_killed(&mut process, round).await);
        process.exit_code();
    }
    let process = PROGRAM.serve(&["--repo-uri", &uri]);
    for id in &acknowledged {
        let answer = process.get(&format!("/v1/payments/{id}")).await;
        assert_eq!(answer.status, 200, "{id} was acknowledged, and is lost: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_it_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut process = PROGRAM.serve(&["--repo-uri", &sqlite_uri(folder.path())]);
        process.create(signal).await;
        process.signal(signal);
        assert_eq!(process.exit_code(), Some(0));
        let log = process.rest_of_log();
        assert!(log.contains("\"stopped\""), "{log}");
    }
    assert!(!folder.path().join("payments.db-wal").exists(), "the write-ahead log was not folded into the file");
}

/// Creates payments, one after the other, until the server is gone. Returns the ids that were acknowledged.
async fn create_until_gone(address: String, name: String) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let mut number = 0;
    // A server that takes no connection is gone.
    while let Ok(stream) = TcpStream::connect(&address).await {
        let mut connection = Connection { stream };
        loop {
            number += 1;
            let id = format!("{name}-{number}");
            let Some(answer) = connection.post(&payment(&id).to_string()).await else { break };
            assert!(answer.starts_with("HTTP/1.1 201"), "{id}: {answer}");
            acknowledged.push(id);
            if answer.contains("connection: close") {
                break;
            }
        }
    }
    acknowledged
}

/// Sends the head of a request, and waits until the server asks for its body.
pub(crate) async fn begin(address: &str, body: &str) -> Connection {
    let mut connection = Connection::open(address).await;
    let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue";
    connection.send(format!("{head}\r\ncontent-length: {}\r\n\r\n", body.len())).await;
    let mut go_on = [0; 25];
    connection.stream.read_exact(&mut go_on).await.expect("the server asks for the body");
    assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}

/// Sends the body. It must be answered, although the server was told to stop meanwhile.
async fn finish(mut connection: Connection, body: &str) {
    connection.send(body).await;
    let (answer, _) = connection.closed().await;
    assert!(answer.starts_with("HTTP/1.1 201") && answer.ends_with('}'), "{body} was begun before: {answer}");
}

/// Starts the program, stops it under load, and returns what was acknowledged.
async fn stop_under_load(flags: &[&str], name: &str, after: Duration) -> Vec<String> {
    let mut process = PROGRAM.serve(flags);
    let clients: JoinSet<_> = (0..CLIENTS)
        .map(|client| create_until_gone(process.address().to_owned(), format!("{name}-c{client}")))
        .collect();
    tokio::time::sleep(after).await;
    let in_flight = format!("{name}-in-flight");
    let body = payment(&in_flight).to_string();
    let begun = begin(process.address(), &body).await;
    let signalled = Instant::now();
    process.signal("-TERM");
    let mut acknowledged = clients.join_all().await.concat();
    finish(begun, &body).await;
    acknowledged.push(in_flight);
    let code = tokio::task::block_in_place(|| process.exit_code());
    assert_eq!(code, Some(0), "{name}: {}", process.rest_of_log());
    assert!(signalled.elapsed() < STOP, "{name}: it took {:?} to stop", signalled.elapsed());
    acknowledged
}

/// Stops the program so often under load, over one store. At the end, just the acknowledged payments must be there: every other
/// request ended without an answer, so it must not have been done.
async fn stop_again_and_again(flags: Vec<String>, lane: usize, rounds: usize) -> usize {
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(["--max-results", "1000"]).collect();
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds {
        // The signal comes later on a machine on which little was created so far, so that there is load by then.
        let factor = if acknowledged.len() >= 2 * round * CLIENTS { 1 } else { 8 };
        let moment = factor * ((lane * 31 + round * 37) % MOMENTS);
        let name = format!("l{lane}-r{round}");
        acknowledged.extend(stop_under_load(&flags, &name, Duration::from_millis(moment as u64)).await);
    }
    let process = PROGRAM.serve(&flags);
    let there: BTreeSet<String> = process.ids().await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    let untold: Vec<_> = there.difference(&acknowledged).collect();
    assert!(untold.is_empty(), "done, but the connection was ended without an answer: {untold:?}");
    acknowledged.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_loses_nothing_and_leaves_nobody_without_an_answer() {
    let folders: Vec<_> = (0..LANES).map(|_| tempfile::tempdir().unwrap()).collect();
    let lanes: JoinSet<_> = folders
        .iter()
        .enumerate()
        .map(|(lane, folder)| {
            stop_again_and_again(vec!["--repo-uri".to_owned(), sqlite_uri(folder.path())], lane, ROUNDS.0 / LANES)
        })
        .collect();
    let created: usize = lanes.join_all().await.into_iter().sum();
    assert!(created > ROUNDS.0 * CLIENTS, "only {created} payments were created: that is no load");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_over_postgres() {
    let lanes: JoinSet<_> = (0..2)
        .map(|lane| {
            let flags = ["--repo", "postgres", "--repo-uri", &postgres::url()].map(str::to_owned);
            stop_again_and_again(flags.to_vec(), lane, ROUNDS.1 / 2)
        })
        .collect();
    let created: usize = lanes.join_all().await.into_iter().sum();
    assert!(created > ROUNDS.1 * CLIENTS, "only {created} payments were created: that is no load");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_drains_it_is_not_ready_and_serves_all_the_same() {
    let mut process = PROGRAM.serve(&["--drain", &DRAIN.as_secs().to_string()]);
    process.get("/ready").await.expect_status(200);
    let signalled = Instant::now();
    process.signal("-TERM");
    let told = Instant::now();
    while process.get("/ready").await.status == 200 {
        assert!(told.elapsed() < DRAIN / 2, "still ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for number in 0..10 {
        // Over a pool of its own, so that the connection is new.
        process.over(reqwest::Client::new()).create(&format!("p-{number}")).await;
        process.get("/ready").await.expect_status(503);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));
    let drained = signalled.elapsed();
    assert!(drained >= DRAIN, "it stopped after {drained:?}, with --drain {}", DRAIN.as_secs());
}
