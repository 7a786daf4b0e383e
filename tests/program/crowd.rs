//! Thousands of slow connections at once, and fewer open files than connections.

use crate::{PROGRAM, stopping::begin};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::{Connection, Process, payment};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
};

/// How many connections there are.
const CROWD: usize = 10_000;
/// One in so many sends a head that never ends; the others send a body, and stay longer, so that other requests meet them.
const HEADS: usize = 10;
/// How many connect at once, so that no queue of the system overflows.
const AT_ONCE: usize = 100;
/// The most memory, in bytes, that the service may take for each connection.
const MEMORY: u64 = 48 << 10;
/// How long another client may have to wait, on a busy machine. One that waited for the crowd to go would wait for longer.
const WAIT: Duration = Duration::from_secs(12);
/// How long a slow connection pauses between two bytes.
const PAUSE: Duration = Duration::from_secs(3);
/// How long a slow connection may stay: the program waits 10 s for a head, and here 30 s for all of a request.
const STAY: Duration = Duration::from_secs(75);

/// More connections than 100 open files allow, and not more than the backlog of a socket holds beyond those: 128 at the least.
const MANY: usize = 180;
/// More connections than 100 open files allow, of which half fit in: the program pauses for 100 ms for each of the others.
const TOO_MANY: usize = 120;

/// Lets this process open as many files as it may.
fn raise_limit(wanted: u64) {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be asked for");
    assert!(limit >= wanted, "this test opens {wanted} files; allow it to: raise `ulimit -Hn`, which is {limit}");
}

/// How many have come, and how many have gone.
struct Crowd {
    turns: Semaphore,
    come: AtomicUsize,
    gone: AtomicUsize,
}

/// Sends the beginning of a request, and then a byte now and then until the server closes the connection. Returns what the
/// server sent.
async fn dawdle(address: String, head: &'static str, crowd: Arc<Crowd>) -> String {
    let turn = crowd.turns.acquire().await.expect("it is never closed");
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("a head");
    crowd.come.fetch_add(1, Ordering::SeqCst);
    // The next one's turn, when the server has had time to accept this one.
    tokio::time::sleep(Duration::from_millis(1)).await;
    drop(turn);
    let began = Instant::now();
    let mut said = Vec::new();
    loop {
        assert!(
            began.elapsed() < STAY,
            "the server still holds the connection; it sent {}",
            String::from_utf8_lossy(&said)
        );
        match tokio::time::timeout(PAUSE, stream.read_buf(&mut said)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) => {
                crowd.gone.fetch_add(1, Ordering::SeqCst);
                return String::from_utf8_lossy(&said).into_owned();
            }
            Err(_) => drop(stream.write_all(b"x").await),
        }
    }
}

/// The memory of a process, in bytes.
fn memory(process: u32) -> u64 {
    let kibibytes = if cfg!(target_os = "linux") {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
        status.lines().find_map(|line| line.strip_prefix("VmRSS:").map(|rest| rest.replace("kB", "")))
    } else {
        let output = std::process::Command::new("ps").args(["-o", "rss=", "-p", &process.to_string()]).output();
        Some(String::from_utf8_lossy(&output.expect("ps runs").stdout).into_owned())
    };
    kibibytes.and_then(|number| number.trim().parse::<u64>().ok()).expect("a number of KiB") << 10
}

const HEAD: &str = "GET /v1/payments HTTP/1.1\r\nhost: x\r\nx-slow: ";
const BODY: &str =
    "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n{";

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_slow_connections_hold_up_no_other_client_and_are_closed() {
    raise_limit(CROWD as u64 + 500);
    let flags = ["--timeout", "30", "--max-connections", "12000", "--max-client-connections", "12000"];
    let process = PROGRAM.serve(&flags);
    let before = memory(process.child.id());
    let crowd = Crowd { turns: Semaphore::new(AT_ONCE), come: AtomicUsize::new(0), gone: AtomicUsize::new(0) };
    let crowd = Arc::new(crowd);
    let dawdlers = (0..CROWD).map(|number| {
        dawdle(process.address().to_owned(), if number % HEADS == 0 { HEAD } else { BODY }, Arc::clone(&crowd))
    });
    let dawdlers: JoinSet<_> = dawdlers.collect();
    let began = Instant::now();
    while crowd.come.load(Ordering::SeqCst) < CROWD {
        assert!(began.elapsed() < STAY, "only {:?} of {CROWD} have connected", crowd.come);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut most = memory(process.child.id());
    // A connection of its own for each request.
    let client = process.over(reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client"));
    for number in 0..20 {
        let began = Instant::now();
        client.create(&format!("p-{number}")).await;
        assert!(began.elapsed() < WAIT, "a client had to wait for {:?}", began.elapsed());
        most = most.max(memory(process.child.id()));
    }
    let gone = crowd.gone.load(Ordering::SeqCst);
    assert!(gone < CROWD / 2, "{gone} have gone before the first request: that is no crowd");
    let each = most.saturating_sub(before) / CROWD as u64;
    assert!(each < MEMORY, "{each} bytes for each connection; {most} in all");

    let mut given_up = 0;
    for said in dawdlers.join_all().await {
        // A body that never ends is answered with a problem; a head that never ends is not worth an answer.
        given_up += usize::from(said.starts_with("HTTP/1.1 408"));
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    assert_eq!(given_up, CROWD - CROWD / HEADS, "every body must be given up with 408");
    process.create("last").await;
}

/// Other systems may not allow for so long a backlog.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_come_while_it_is_busy_find_room_to_wait() {
    let process = PROGRAM.serve(&[]);
    process.signal("-STOP");
    let connections: JoinSet<_> = (0..500).map(|_| TcpStream::connect(process.address().to_owned())).collect();
    // While the program accepts none, a second attempt does not help.
    let connections = tokio::time::timeout(STAY, connections.join_all()).await;
    let connections = connections.expect("the queue has no room for 500");
    process.signal("-CONT");
    for connection in connections {
        let mut connection = connection.expect("a connection");
        connection.write_all(b"GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
        let mut status = [0; 15];
        connection.read_exact(&mut status).await.expect("an answer");
        assert_eq!(status, *b"HTTP/1.1 200 OK");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_more_connections_than_the_usual_limit_of_open_files() {
    let process = PROGRAM.serve_within("-S -n 100", &[]);
    let mut open = Vec::new();
    for _ in 0..MANY {
        open.push(Connection::open(process.address()).await);
    }
    tokio::time::timeout(WAIT, process.create("p-1")).await.expect("it is soon served");
}

/// Creates a payment over this very connection: a client with a pool may prefer a new connection to one that is only just on
/// its way back.
async fn create_over(connection: &mut Connection, id: &str) {
    let answer = tokio::time::timeout(WAIT, connection.post(&payment(id).to_string())).await;
    let answer = answer.expect("it is soon served").unwrap_or_default();
    assert!(answer.starts_with("HTTP/1.1 201"), "{id}, on the connection that is open: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_to_open_it_serves_who_is_there_and_then_goes_on() {
    // More than there are files, so that it is the system that refuses them.
    let flags = ["--max-connections", "1000", "--max-client-connections", "1000"];
    let mut process = PROGRAM.serve_within("-n 100", &flags);
    let mut early = Connection::open(process.address()).await;
    create_over(&mut early, "first").await;
    let mut open = Vec::new();
    for number in 0..TOO_MANY {
        // From some number on the backlog holds them, and the program does not accept them.
        open.push(Connection::open(process.address()).await);
        // The connection that was idle for longest makes room, so one that is to stay has to be used when others have come.
        if number == TOO_MANY / 2 {
            when_all_are_accepted(&process).await;
            create_over(&mut early, "between").await;
        }
    }
    // The newcomer has its turn when the program has made room for all that came before.
    let mut newcomer = Connection::open(process.address()).await;
    newcomer.send("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (began, mut number) = (Instant::now(), 0);
    while tokio::time::timeout(Duration::from_millis(20), newcomer.stream.readable()).await.is_err() {
        assert!(began.elapsed() < STAY, "no room is made for a newcomer");
        create_over(&mut early, &format!("during-{number}")).await;
        number += 1;
    }
    let mut status = [0; 15];
    newcomer.stream.read_exact(&mut status).await.expect("an answer");
    assert_eq!(status, *b"HTTP/1.1 200 OK");
    drop(open);
    tokio::time::timeout(WAIT, process.create("after")).await.expect("a new connection is soon served");
    drop(newcomer);
    process.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));
    let log = process.rest_of_log();
    assert!(log.contains("cannot accept a connection"), "there were files enough, so this proves nothing: {log}");
}

/// Fewer open files than [`IDLE`] connections.
const FEW_FILES: &str = "-n 400";
const IDLE: usize = 700;

/// Waits until the program has accepted every connection so far, which it does in their order. On a busy machine it may be
/// more connections behind than one client may have; the connection in use would then be the longest idle one.
async fn when_all_are_accepted(process: &Process) {
    let mut newest = Connection::open(process.address()).await;
    let answer = newest.exchange("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n");
    let answer = tokio::time::timeout(WAIT, answer).await.expect("it is soon accepted");
    assert!(answer.as_ref().is_some_and(|answer| answer.starts_with("HTTP/1.1 200")), "{answer:?}");
}

/// Asks `/alive` 20 times, over a new connection each time. Returns how long the slower half took at the least.
async fn median_of_probes(process: &Process) -> Duration {
    let client = process.over(reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client"));
    let mut took = Vec::new();
    for _ in 0..20 {
        let answer = tokio::time::timeout(WAIT, client.get("/alive")).await;
        took.push(answer.expect("it is soon answered").expect_status(200).took);
    }
    took.sort_unstable();
    took[took.len() / 2]
}

/// How long the program pauses when it cannot accept a connection.
const BACKOFF: Duration = Duration::from_millis(100);

/// Asserts that probes wait for no such pause: half of them take less than it beyond what they take at a program that has
/// nothing else to do. Measures up to three times, because other programs may take the processor now and then.
async fn expect_prompt_probes(process: &Process, what: &str) {
    let control = PROGRAM.serve(&[]);
    let mut measured = Vec::new();
    for _ in 0..3 {
        let (usual, median) = (median_of_probes(&control).await, median_of_probes(process).await);
        if median < usual + BACKOFF {
            return;
        }
        measured.push((median, usual));
    }
    panic!("{what}: half of the probes took so long, and so long at a program with nothing to do: {measured:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_beyond_the_open_files_make_room() {
    for flags in [&[][..], &["--max-client-connections", "1000"]] {
        let mut process = PROGRAM.serve_within(FEW_FILES, flags);
        let mut in_use = Connection::open(process.address()).await;
        let mut idle = Vec::new();
        for number in 0..IDLE {
            idle.push(Connection::open(process.address()).await);
            if number % 50 == 0 {
                when_all_are_accepted(&process).await;
                create_over(&mut in_use, &format!("p-{number}")).await;
            }
        }
        // The one in use is used once more, so that others have been idle for longer when probes need room.
        when_all_are_accepted(&process).await;
        create_over(&mut in_use, "before-the-probes").await;
        expect_prompt_probes(&process, &format!("{flags:?}")).await;
        create_over(&mut in_use, "last").await;
        process.create("over-a-new-connection").await;
        process.signal("-TERM");
        assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));
        let log = process.rest_of_log();
        assert!(!log.contains("cannot accept a connection"), "{flags:?}: the files ran out: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_every_connection_is_busy_only_probes_get_in() {
    let process = PROGRAM.serve_within(FEW_FILES, &["--max-connections", "100", "--max-client-connections", "100"]);
    // The program has asked each for its body, so each is busy. One whose head has not been read yet is idle, and makes room.
    let (mut busy, body) = (Vec::new(), "x".repeat(99_999));
    for _ in 0..100 {
        busy.push(begin(process.address(), &body).await);
    }
    expect_prompt_probes(&process, "while every connection is busy").await;
    let newcomer = process.over(reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client"));
    let problem = newcomer.get("/v1/payments").await.expect_problem(503, "unavailable");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("Nothing was done")), "{problem:#}");
    drop(busy);
    let began = Instant::now();
    while newcomer.get("/v1/payments").await.status != 200 {
        assert!(began.elapsed() < WAIT, "the connections are closed, and there is no room");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The value of a sample in what `/metrics` answered.
fn sample(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

const MADE_ROOM: &str = r#"http_connections_ended_total{reason="made_room"}"#;

/// Waits until no more connections are open than may be: those that were told to make room have left. Returns the metrics.
async fn when_all_have_left(watcher: &mut Connection, limit: u64) -> String {
    let began = Instant::now();
    loop {
        let metrics = watcher.exchange("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let metrics = metrics.expect("the connection that is used all the time stays open");
        if sample(&metrics, "http_connections ") <= limit {
            return metrics;
        }
        assert!(began.elapsed() < WAIT, "{limit} connections may be open: {metrics}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_say_how_many_connections_there_are_and_why_some_are_not() {
    let process = PROGRAM.serve(&["--metrics", "--max-connections", "8", "--max-client-connections", "8"]);
    // No client with a pool: now and then those open a connection that nobody counts here.
    let mut watcher = Connection::open(process.address()).await;
    let mut metrics = when_all_have_left(&mut watcher, 8).await;
    let mut idle = Vec::new();
    for number in 0..20 {
        let mut connection = Connection::open(process.address()).await;
        let answer = connection.exchange("GET /alive HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")), "connection {number} is admitted");
        idle.push(connection);
        // One by one: of connections that come at once, some find none that is idle and has not left yet.
        metrics = when_all_have_left(&mut watcher, 8).await;
    }
    assert_eq!(sample(&metrics, "http_max_connections "), 8, "{metrics}");
    assert!(sample(&metrics, MADE_ROOM) >= 12, "{metrics}");
    for reason in ["client", "probes_only", "total"] {
        let refused = format!(r#"http_connections_refused_total{{reason="{reason}"}}"#);
        assert_eq!(sample(&metrics, &refused), 0, "{metrics}");
    }
}
