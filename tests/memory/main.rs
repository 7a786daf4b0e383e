//! Clients that make the service hold as many bytes as they can: it stays below the memory that `deploy/kubernetes` gives
//! it, and goes on serving others.
//!
//! What is asserted is the anonymous memory of the process, which is what a container is killed for. It is read from
//! `/proc`: a cgroup cannot be made where tests run without privileges, and limits of the address space count what was
//! never touched.
//!
//! A test program of its own, so that nothing else runs beside it: what is measured is the program under attack. For the same
//! reason its tests take turns.

#![cfg(test)]
#![cfg(target_os = "linux")]

use axum::{body::Bytes, http::Request};
use h2::client::{ResponseFuture, SendRequest};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use test_support::{Client, Connection, Process, Program, payment, postgres, sqlite_uri, with_attributes};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::Mutex, task::JoinHandle};

/// The program as cargo has built it for these tests.
const PROGRAM: Program = Program::at(env!("CARGO_BIN_EXE_payments"));
/// Whose turn it is.
static TURN: Mutex<()> = Mutex::const_new(());
/// The memory limit in `deploy/kubernetes/deployment.yaml`, in bytes.
const LIMIT: u64 = 256 << 20;
/// How long the slowest request of a hundred may take while all of it is held, unless this machine is that slow without an attack.
/// While the attack begins, its clients and the service share the cores of this machine: then every request has to be served.
const P99: Duration = Duration::from_millis(100);
/// Just below the limit of a body.
const LARGE: usize = (1 << 20) - 1;
const STREAMS: usize = 128;

/// A line of `/proc/PID/status`, in bytes.
fn status(process: &Process, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.child.id())).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<u64>().expect("a number of KiB") << 10
}

/// The most memory that the process ever had, without the pages of its files.
fn peak(process: &Process) -> u64 {
    status(process, "VmHWM") - status(process, "RssFile")
}

/// A client like any other: creates and reads small payments, one after the other, and notes how long each request took.
struct Innocent {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Vec<Duration>>,
}

impl Innocent {
    fn start(process: &Process, name: &'static str) -> Self {
        let client = process.over(reqwest::Client::new());
        let stop = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(use_until(client, name, Arc::clone(&stop)));
        Self { stop, task }
    }

    /// Returns how long the slowest request of a hundred took.
    async fn p99(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        let mut took = self.task.await.expect("every request is served");
        took.sort_unstable();
        took[took.len() * 99 / 100]
    }
}

async fn use_until(client: Client, name: &'static str, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let mut took = Vec::new();
    for number in 0.. {
        let id = format!("{name}-{number}");
        took.push(client.post(payment(&id)).await.expect_status(201).took);
        took.push(client.get(&format!("/v1/payments/{id}")).await.expect_status(200).took);
        tokio::time::sleep(Duration::from_millis(5)).await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    took
}

/// A connection over HTTP/2 that answers every PING.
struct Http2 {
    client: SendRequest<Bytes>,
    task: JoinHandle<Result<(), h2::Error>>,
    answers: Vec<ResponseFuture>,
}

impl Http2 {
    /// Connects, with an initial window of this size for each stream.
    async fn open(process: &Process, window: u32) -> Self {
        let stream = TcpStream::connect(process.address()).await.expect("a connection");
        let builder = h2::client::Builder::new().initial_window_size(window).handshake(stream).await;
        let (client, connection) = builder.expect("HTTP/2");
        Self { client: client.ready().await.expect("HTTP/2"), task: tokio::spawn(connection), answers: Vec::new() }
    }

    /// Asks for a path, and reads nothing of the response. A connection that the server has ended is left as it is.
    async fn ask(&mut self, path: &str) {
        let request = Request::get(format!("http://x{path}")).body(()).expect("a request");
        if let Ok(mut client) = self.client.clone().ready().await
            && let Ok((answer, _)) = client.send_request(request, true)
        {
            self.answers.push(answer);
        }
    }

    /// Sends all of a large body but its end.
    async fn begin_body(&mut self, body: Bytes) {
        let request = Request::post("http://x/v1/payments").header("content-type", "application/json");
        let request = request.body(()).expect("a request");
        if let Ok(mut client) = self.client.clone().ready().await
            && let Ok((answer, mut stream)) = client.send_request(request, false)
        {
            let _ = stream.send_data(body, false);
            self.answers.push(answer);
            // Dropped, it would reset the stream.
            tokio::spawn(async move { drop(std::future::poll_fn(|context| stream.poll_reset(context)).await) });
        }
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Everything that is held open.
#[derive(Default)]
struct Attack {
    http1: Vec<Connection>,
    http2: Vec<Http2>,
}

impl Attack {
    /// Two thousand bodies over HTTP/1, each without its last byte.
    async fn hold_bodies(&mut self, process: &Process) {
        let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1048576\r\n\r\n";
        let request = [head.as_bytes(), &[b' '; LARGE]].concat();
        let mut senders: Vec<(Connection, usize)> = Vec::new();
        for _ in 0..2000 {
            senders.push((Connection::open(process.address()).await, 0));
        }
        for _ in 0..20 {
            for (connection, sent) in &mut senders {
                // What the buffers of the system do not take is sent in the next round.
                *sent += connection.stream.try_write(&request[*sent..]).unwrap_or(0);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.http1.extend(senders.into_iter().map(|(connection, _)| connection));
    }

    /// The same over two connections of HTTP/2.
    async fn hold_streams(&mut self, process: &Process) {
        let body = Bytes::from(vec![b' '; LARGE]);
        for _ in 0..2 {
            let mut http2 = Http2::open(process, 65_535).await;
            for _ in 0..STREAMS {
                http2.begin_body(body.clone()).await;
            }
            self.http2.push(http2);
        }
    }

    /// Many responses that are not read.
    async fn leave_unread(&mut self, process: &Process, connections: usize, path: &str) {
        for _ in 0..connections {
            let mut http2 = Http2::open(process, 0).await;
            for _ in 0..STREAMS {
                http2.ask(path).await;
            }
            self.http2.push(http2);
        }
    }
}

async fn create_large(process: &Process) {
    let blob = |size: usize| json!({"amount": "1.00", "blob": "x".repeat(size)});
    for number in 0..40 {
        process.post(with_attributes(&format!("large-{number}"), &blob(LARGE - 1000))).await.expect_status(201);
    }
    process.post(with_attributes("medium", &blob(60_000))).await.expect_status(201);
}

async fn withstands_every_attack(flags: &[&str]) {
    let _turn = TURN.lock().await;
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be asked for");
    let mut process = PROGRAM.serve(&[&["--timeout", "10", "--metrics"], flags].concat());
    create_large(&process).await;
    let idle = Innocent::start(&process, "idle");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = idle.p99().await;

    let innocent = Innocent::start(&process, "innocent");
    let mut attack = Attack::default();
    let mut seen = Vec::new();
    attack.hold_streams(&process).await;
    seen.push(memory(&process, "streams"));
    attack.hold_bodies(&process).await;
    seen.push(memory(&process, "bodies"));
    attack.leave_unread(&process, 1, "/v1/payments?size=20").await;
    seen.push(memory(&process, "lists"));
    attack.leave_unread(&process, 40, "/v1/payments/medium").await;
    seen.push(memory(&process, "unread responses"));
    innocent.p99().await;
    let allowed = P99.max(10 * idle);
    let held = best_p99(&process, allowed).await;
    seen.push(memory(&process, "all"));
    let peak = peak(&process);
    assert!(peak < LIMIT, "{flags:?}: {} MiB of memory, and the limit is {} MiB: {seen:#?}", peak >> 20, LIMIT >> 20);
    assert!(
        held < allowed,
        "{flags:?}: one request in a hundred took {held:?}, and {idle:?} without an attack: {seen:#?}"
    );
    drop(attack);
    process.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0), "{flags:?}");
}

/// Measures up to three times, because other programs may take the processor now and then; a service that is starved is slow
/// each time.
async fn best_p99(process: &Process, enough: Duration) -> Duration {
    let mut best = Duration::MAX;
    for name in ["first", "second", "third"] {
        let innocent = Innocent::start(process, name);
        tokio::time::sleep(Duration::from_secs(2)).await;
        best = best.min(innocent.p99().await);
        if best < enough {
            break;
        }
    }
    best
}

/// Says how much memory the process has, for the message of a test that fails.
fn memory(process: &Process, held: &str) -> String {
    format!("{held}: {} MiB, at most {} MiB", status(process, "RssAnon") >> 20, peak(process) >> 20)
}

/// How many listen at once, and what each may cost, its connection included. Without optimisation futures are larger.
const LISTENERS: usize = 10_000;
const OF_ONE: u64 = if cfg!(debug_assertions) { 32 << 10 } else { 20 << 10 };

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_listen_cost_little() {
    let _turn = TURN.lock().await;
    rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be asked for");
    let flags = ["--max-connections", "12000", "--max-client-connections", "12000", "--max-streams", "24000"];
    let process = PROGRAM.serve(&[&flags[..], &["--metrics"]].concat());
    process.create("p-0").await;
    // What the process allocates once is there by now.
    let mut listeners = Vec::new();
    listen(&process, &mut listeners, 100).await;
    let before = status(&process, "RssAnon");
    listen(&process, &mut listeners, LISTENERS).await;
    let each = (status(&process, "RssAnon") - before) / (LISTENERS - 100) as u64;
    assert!(each <= OF_ONE, "each of {LISTENERS} streams costs {each} bytes");
    process.create("p-1").await;
    for listener in &mut listeners {
        read_until(listener, "\"p-1\"").await;
    }
}

/// Opens streams until there are so many, each of which has shown that it is there.
async fn listen(process: &Process, listeners: &mut Vec<Connection>, count: usize) {
    while listeners.len() < count {
        let mut listener = Connection::open(process.address()).await;
        listener.send("GET /v1/events/stream?after=now HTTP/1.1\r\nhost: x\r\n\r\n").await;
        read_until(&mut listener, "bookmark").await;
        listeners.push(listener);
    }
}

/// Reads until this text has come.
async fn read_until(listener: &mut Connection, text: &str) {
    let mut read = Vec::with_capacity(1024);
    while !String::from_utf8_lossy(&read).contains(text) {
        let count = tokio::time::timeout(Duration::from_secs(60), listener.stream.read_buf(&mut read)).await;
        assert!(matches!(count, Ok(Ok(1..))), "no {text}: {count:?}, {}", String::from_utf8_lossy(&read));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_clients_use_up_no_memory_over_sqlite_in_memory() {
    withstands_every_attack(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_clients_use_up_no_memory_over_a_sqlite_file() {
    let folder = tempfile::tempdir().expect("a folder");
    withstands_every_attack(&["--repo-uri", &sqlite_uri(folder.path())]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_clients_use_up_no_memory_over_postgres() {
    withstands_every_attack(&["--repo", "postgres", "--repo-uri", &postgres::url()]).await;
}
