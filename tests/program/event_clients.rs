//! Clients that others wrote follow the stream of events through restarts of the service. `tests/event_clients/` has what they
//! do.

use crate::{PROGRAM, free_address};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};
use test_support::{Process, payment};

/// How many payments are created between two restarts.
const EACH: usize = 5;
/// How often the service is killed.
const RESTARTS: usize = 3;
/// How long an event may take to arrive; a client may wait some seconds before it connects again.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client that follows the stream.
struct Follower {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Follower {
    fn start(program: &str, script: &[&str], service: &str, count: usize) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(root.join(program));
        command.args(script).args([service, &count.to_string()]).current_dir(root);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("`make test-tools` fetches it");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// The next event, without its id.
    fn next(&self, before: &[String]) -> (String, String) {
        let line = self.lines.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| panic!("no event within {PATIENCE:?}; before came {before:#?}"));
        let (event, id) = line.rsplit_once(' ').expect("an event and its id");
        (event.to_owned(), id.to_owned())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a follower, kills and restarts the service under it, and compares what it saw with what was done.
async fn survives_restarts(program: &str, script: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let uri = format!("sqlite://{}", folder.path().join("payments.db").display());
    // The service keeps its address over restarts.
    let listen = free_address();
    let serve = || PROGRAM.serve(&["--repo-uri", &uri, "--listen", &listen]);
    let mut process: Process = serve();
    // Opens a connection for each request: a pool may still have some to the service that was killed.
    let pool = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(PATIENCE).build().unwrap();
    let client = process.over(pool);
    // Before the stream begins, and while it goes on.
    client.create("first").await;
    let follower = Follower::start(program, script, &client.url, 1 + RESTARTS * (EACH + 1));
    let mut expected = vec!["payment.created first 0".to_owned()];
    let mut seen = vec![follower.next(&[])];
    for restart in 0..RESTARTS {
        for number in 0..EACH {
            client.create(&format!("p-{restart}-{number}")).await;
            expected.push(format!("payment.created p-{restart}-{number} 0"));
        }
        let mut body = payment("first");
        body["data"]["version"] = restart.into();
        client.put("first", body).await.expect_status(200);
        expected.push(format!("payment.updated first {}", restart + 1));
        // Killed while the client may have seen none, some or all of it.
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        process = serve();
    }
    while seen.len() < expected.len() {
        let so_far: Vec<_> = seen.iter().map(|(event, _)| event.clone()).collect();
        seen.push(follower.next(&so_far));
    }
    let (events, mut ids): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    assert_eq!(events, expected, "each event once, in order");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "each event has an id of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_event_source_of_npm_misses_nothing() {
    survives_restarts("openapi/tool", &["node", "tests/event_clients/follow.mjs"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn httpx_sse_misses_nothing() {
    survives_restarts(".venv/bin/python", &["tests/event_clients/follow.py"]).await;
}
