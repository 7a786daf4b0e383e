//! The program is stopped, in good order or not, while it is under load.

use crate::process::{Program, body, create, ids, sqlite};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// How often the program is told to stop while it works on a SQLite file, and on PostgreSQL.
const ROUNDS: (usize, usize) = (100, 12);
/// How many programs run at once.
const LANES: usize = 4;
/// How many clients each of them has.
const CLIENTS: usize = 6;
/// It is told to stop within so many milliseconds from when it listens.
const MOMENTS: usize = 90;

/// Creates payments from sixteen clients at once until the server, which is killed when many have been acknowledged, is
/// gone; returns the ids of all that were.
async fn create_until_killed(program: &mut Program, round: usize) -> Vec<String> {
    let client = reqwest::Client::new();
    let count = Arc::new(AtomicUsize::new(0));
    let writers: JoinSet<_> = (0..16)
        .map(|writer| {
            let (client, url, count) = (client.clone(), program.url.clone(), Arc::clone(&count));
            async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let id = format!("r{round}-w{writer}-n{number}");
                    match create(&client, &url, &id).await {
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
        assert!(began.elapsed() < Duration::from_secs(20), "{count:?} payments in 20 s: that is no load");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.child.kill().expect("SIGKILL");
    writers.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_payment_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite(folder.path());
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut program = Program::serve(&["--repo-uri", &uri]);
        acknowledged.extend(create_until_killed(&mut program, round).await);
        program.stopped();
    }
    let program = Program::serve(&["--repo-uri", &uri]);
    let client = reqwest::Client::new();
    for id in &acknowledged {
        let answer = client.get(format!("{}/v1/payments/{id}", program.url)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{id} was acknowledged, and is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_stops_it_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::serve(&["--repo-uri", &sqlite(folder.path())]);
        assert_eq!(create(&reqwest::Client::new(), &program.url, signal).await.unwrap(), 201);
        program.signal(signal);
        assert_eq!(program.stopped(), Some(0));
        let log = program.rest_of_log();
        assert!(log.contains("\"stopped\""), "{log}");
    }
    assert!(!folder.path().join("payments.db-wal").exists(), "the write-ahead log was not folded into the file");
}

/// One request on a connection that is kept: the answer, or nothing if the server ended the connection instead.
///
/// # Panics
/// When the answer is torn.
async fn ask(stream: &mut TcpStream, id: &str) -> Option<String> {
    let body = body(id);
    let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length:";
    stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.expect("a Content-Length") {
                return Some(text.into_owned());
            }
        }
        match stream.read_buf(&mut answer).await {
            Ok(1..) => {}
            ended => {
                assert!(answer.is_empty(), "an answer was torn ({ended:?}): {}", String::from_utf8_lossy(&answer));
                return None;
            }
        }
    }
}

/// Creates payments, one after the other, until the server is gone. Returns the ids that were acknowledged.
async fn create_until_gone(address: String, name: String) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let mut number = 0;
    // One that does not take connections any more is gone.
    while let Ok(mut stream) = TcpStream::connect(&address).await {
        loop {
            number += 1;
            let id = format!("{name}-{number}");
            let Some(answer) = ask(&mut stream, &id).await else { break };
            assert!(answer.starts_with("HTTP/1.1 201"), "{id}: {answer}");
            acknowledged.push(id);
            if answer.contains("connection: close") {
                break;
            }
        }
    }
    acknowledged
}

/// A request that the server has begun to read: it has asked for the body.
async fn begin(address: &str, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nexpect: 100-continue";
    let head = format!("{head}\r\ncontent-length: {}\r\n\r\n", body(id).len());
    stream.write_all(head.as_bytes()).await.expect("the head is taken");
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.expect("the server asks for the body");
    assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// Sends the body; it must be answered, whatever has happened to the server meanwhile.
async fn finish(mut stream: TcpStream, id: &str) {
    stream.write_all(body(id).as_bytes()).await.expect("the body is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the answer is whole");
    assert!(answer.starts_with("HTTP/1.1 201") && answer.ends_with('}'), "{id} was begun before: {answer}");
}

/// Starts the program, stops it under load, and returns what was acknowledged.
async fn stop_under_load(flags: &[&str], name: &str, after: Duration) -> Vec<String> {
    let mut program = Program::serve(flags);
    let clients: JoinSet<_> = (0..CLIENTS)
        .map(|client| create_until_gone(program.address().to_owned(), format!("{name}-c{client}")))
        .collect();
    tokio::time::sleep(after).await;
    let in_flight = format!("{name}-in-flight");
    let begun = begin(program.address(), &in_flight).await;
    let told = Instant::now();
    program.signal("-TERM");
    let mut acknowledged = clients.join_all().await.concat();
    finish(begun, &in_flight).await;
    acknowledged.push(in_flight);
    let code = tokio::task::block_in_place(|| program.stopped());
    assert_eq!(code, Some(0), "{name}: {}", program.rest_of_log());
    assert!(told.elapsed() < Duration::from_secs(10), "{name}: it took {:?} to stop", told.elapsed());
    acknowledged
}

/// Stops the program so often under load, over one store. At the end, just what was acknowledged must be there: of
/// everything else the client was never told, so it must not have been done.
async fn stop_again_and_again(flags: Vec<String>, lane: usize, rounds: usize) -> usize {
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(["--max-results", "1000"]).collect();
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds {
        let moment = (lane * 31 + round * 37) % MOMENTS;
        let name = format!("l{lane}-r{round}");
        acknowledged.extend(stop_under_load(&flags, &name, Duration::from_millis(moment as u64)).await);
    }
    let program = Program::serve(&flags);
    let there: BTreeSet<String> = ids(&program.url).await.into_iter().collect();
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
            stop_again_and_again(vec!["--repo-uri".to_owned(), sqlite(folder.path())], lane, ROUNDS.0 / LANES)
        })
        .collect();
    let created: usize = lanes.join_all().await.into_iter().sum();
    assert!(created > ROUNDS.0 * CLIENTS, "only {created} payments were created: that is no load");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_over_postgres() {
    let lanes: JoinSet<_> = (0..2)
        .map(|lane| {
            let flags = ["--repo", "postgres", "--repo-uri", &test_postgres::url()].map(str::to_owned);
            stop_again_and_again(flags.to_vec(), lane, ROUNDS.1 / 2)
        })
        .collect();
    let created: usize = lanes.join_all().await.into_iter().sum();
    assert!(created > ROUNDS.1 * CLIENTS, "only {created} payments were created: that is no load");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_drains_it_is_not_ready_and_serves_all_the_same() {
    let mut program = Program::serve(&["--drain", "2"]);
    let url = program.url.clone();
    let client = reqwest::Client::new();
    let ready = async || client.get(format!("{url}/ready")).send().await.expect("an answer").status().as_u16();
    assert_eq!(ready().await, 200);
    let told = Instant::now();
    program.signal("-TERM");
    while ready().await == 200 {
        assert!(told.elapsed() < Duration::from_secs(1), "still ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut served = 0;
    while told.elapsed() < Duration::from_millis(1500) {
        served += 1;
        // A client of its own: new connections are welcome too.
        let client = reqwest::Client::new();
        assert_eq!(create(&client, &url, &format!("p-{served}")).await.expect("it still serves"), 201);
        assert_eq!(ready().await, 503);
    }
    assert!(served > 3, "{served} requests prove little");
    assert_eq!(tokio::task::block_in_place(|| program.stopped()), Some(0));
    assert!(
        told.elapsed() >= Duration::from_secs(2),
        "it stopped after {:?}, and was told to drain 2 s",
        told.elapsed()
    );
}
