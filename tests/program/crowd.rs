//! Thousands of connections at once, none of which is in a hurry.

use crate::process::{Program, body, create};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
};

/// How many connections there are.
const CROWD: usize = 10_000;
/// Each how many-th of them sends a head that never ends, and the others a body: those stay longer, so that there is time to
/// ask around.
const HEADS: usize = 10;
/// How many open at once, so that no queue of the system overflows.
const AT_ONCE: usize = 100;
/// The most memory, in bytes, that the service may take for each.
const MEMORY: u64 = 48 << 10;
/// How long anybody else may have to wait, on a machine that is busy with other things.
const WAIT: Duration = Duration::from_secs(4);
/// How long the slow ones pause between two bytes.
const PAUSE: Duration = Duration::from_secs(3);
/// How long the slow ones may stay: the program waits 10 s for a head, and here 15 s for all of a request.
const STAY: Duration = Duration::from_secs(30);

/// More connections than 100 open files allow, and not more than the system queues up beyond those: 128 at the least.
const MANY: usize = 180;

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

/// A connection that sends the beginning of a request, and then a byte now and then until the server has enough of it.
/// Returns what the server said.
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
        assert!(began.elapsed() < STAY, "the server still bears with it: {}", String::from_utf8_lossy(&said));
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
async fn ten_thousand_slow_connections_keep_nobody_waiting_and_are_thrown_out() {
    raise_limit(CROWD as u64 + 500);
    let program = Program::serve(&["--timeout", "15"]);
    let before = memory(program.child.id());
    let crowd = Crowd { turns: Semaphore::new(AT_ONCE), come: AtomicUsize::new(0), gone: AtomicUsize::new(0) };
    let crowd = Arc::new(crowd);
    let dawdlers = (0..CROWD).map(|number| {
        dawdle(program.address().to_owned(), if number % HEADS == 0 { HEAD } else { BODY }, Arc::clone(&crowd))
    });
    let dawdlers: JoinSet<_> = dawdlers.collect();
    let began = Instant::now();
    while crowd.come.load(Ordering::SeqCst) < CROWD {
        assert!(began.elapsed() < STAY, "only {:?} of {CROWD} have connected", crowd.come);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut most = memory(program.child.id());
    // A connection of its own for each request.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
    for number in 0..20 {
        let began = Instant::now();
        assert_eq!(create(&client, &program.url, &format!("p-{number}")).await.expect("an answer"), 201);
        assert!(began.elapsed() < WAIT, "a client had to wait for {:?}", began.elapsed());
        most = most.max(memory(program.child.id()));
    }
    let gone = crowd.gone.load(Ordering::SeqCst);
    assert!(gone < CROWD / 2, "{gone} have gone before anybody was asked: that is no crowd");
    let each = most.saturating_sub(before) / CROWD as u64;
    assert!(each < MEMORY, "{each} bytes for each connection; {most} in all");

    let mut given_up = 0;
    for said in dawdlers.join_all().await {
        // Whoever got as far as its body is told why; a head that never ends is not worth an answer.
        given_up += usize::from(said.starts_with("HTTP/1.1 503"));
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 503") || said.starts_with("HTTP/1.1 408"), "{said}");
    }
    assert_eq!(given_up, CROWD - CROWD / HEADS, "every body must be given up with 503");
    assert_eq!(create(&reqwest::Client::new(), &program.url, "last").await.expect("an answer"), 201);
}

/// Elsewhere the system may not allow for so long a queue.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_while_it_is_busy_finds_room_to_wait() {
    let program = Program::serve(&[]);
    program.signal("-STOP");
    let connections: JoinSet<_> = (0..500).map(|_| TcpStream::connect(program.address().to_owned())).collect();
    // While nobody accepts any, trying again does not help.
    let connections = tokio::time::timeout(Duration::from_secs(10), connections.join_all()).await;
    let connections = connections.expect("the queue has no room for 500");
    program.signal("-CONT");
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
    let program = Program::serve_within("-S -n 100", &[]);
    let mut open = Vec::new();
    for _ in 0..MANY {
        open.push(TcpStream::connect(program.address()).await.expect("a connection"));
    }
    let created = tokio::time::timeout(WAIT, create(&reqwest::Client::new(), &program.url, "p-1")).await;
    assert_eq!(created.expect("it is soon served").expect("an answer"), 201);
}

/// Creates a payment over this very connection, and reads the beginning of the answer, which its body follows in the same piece.
/// A client with a pool may prefer a new connection to one that is only just on its way back.
async fn create_over(stream: &mut TcpStream, id: &str) -> String {
    let body = body(id);
    let length = body.len();
    let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length:";
    stream.write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes()).await.expect("a request");
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_to_open_it_serves_who_is_there_and_then_goes_on() {
    let mut program = Program::serve_within("-n 100", &[]);
    let mut early = TcpStream::connect(program.address()).await.expect("a connection");
    let created = create_over(&mut early, "first").await;
    assert!(created.starts_with("HTTP/1.1 201"), "{created}");
    let mut open = Vec::new();
    for _ in 0..MANY {
        open.push(TcpStream::connect(program.address()).await.expect("the system takes it, if nobody else does"));
    }
    for number in 0..10 {
        let created = tokio::time::timeout(WAIT, create_over(&mut early, &format!("during-{number}"))).await;
        let created = created.expect("it is soon served");
        assert!(created.starts_with("HTTP/1.1 201"), "on the connection that is open: {created}");
    }
    let newcomer = TcpStream::connect(program.address()).await.expect("the system takes it");
    drop(open);
    let created = tokio::time::timeout(WAIT, create(&reqwest::Client::new(), &program.url, "after")).await;
    assert_eq!(created.expect("it is soon served").expect("an answer"), 201, "on a new connection");
    drop(newcomer);
    program.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| program.stopped()), Some(0));
    let log = program.rest_of_log();
    assert!(log.contains("cannot accept a connection"), "there were files enough, so this proves nothing: {log}");
}
