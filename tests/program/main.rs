//! The program itself, run as its users run it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// A running program, killed when the test is done with it.
struct Program {
    child: Child,
    url: String,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Runs `payments serve` with these flags, and waits until it listens. Its log is not read any further: a full pipe must
    /// not stop it.
    fn serve(flags: &[&str]) -> Self {
        let mut child = command(&[&["serve", "--admin", "--listen", "127.0.0.1:0"], flags].concat())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut seen = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it stopped before it listened; it said: {seen}");
            let log: serde_json::Value = serde_json::from_str(&line).expect("a log line is JSON");
            if log["message"] == "listening" {
                break log["address"].as_str().expect("the address").to_owned();
            }
            seen.push_str(&line);
        };
        Self { child, url: format!("http://{address}"), output }
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits until it has stopped, and returns its exit code.
    fn stopped(&mut self) -> Option<i32> {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not stop within 20 s");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payments"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program runs")
}

fn sqlite(path: &Path) -> String {
    format!("sqlite://{}", path.join("payments.db").display())
}

fn body(id: &str) -> String {
    format!(r#"{{"data":{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.10"}}}}}}"#)
}

async fn create(client: &reqwest::Client, url: &str, id: &str) -> Result<u16, reqwest::Error> {
    let request = client.post(format!("{url}/v1/payments")).header("content-type", "application/json").body(body(id));
    request.send().await.map(|response| response.status().as_u16())
}

/// Creates payments from sixteen clients at once until the server is gone; returns the ids that were acknowledged.
async fn create_until_killed(program: &mut Program, round: usize) -> Vec<String> {
    let (client, url) = (reqwest::Client::new(), program.url.clone());
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let (client, url) = (client.clone(), url.clone());
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let id = format!("r{round}-w{writer}-n{number}");
                    match create(&client, &url, &id).await {
                        Ok(201) => acknowledged.push(id),
                        Ok(status) => panic!("{id}: {status}"),
                        Err(_) => break,
                    }
                }
                acknowledged
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    program.child.kill().expect("SIGKILL");
    let acknowledged = futures_util::future::join_all(writers).await;
    acknowledged.into_iter().flat_map(|ids| ids.expect("the writer ends")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_payment_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite(folder.path());
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut program = Program::serve(&["--repo-uri", &uri]);
        let new = create_until_killed(&mut program, round).await;
        assert!(!new.is_empty(), "nothing was acknowledged in round {round}: the test proves nothing");
        acknowledged.extend(new);
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
        let mut rest = String::new();
        program.output.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("\"stopped\""), "{rest}");
    }
    assert!(!folder.path().join("payments.db-wal").exists(), "the write-ahead log was not folded into the file");
}

#[test]
fn a_bad_setting_is_one_line_and_exit_code_2() {
    for arguments in [
        &["serve", "--listen", "nowhere"][..],
        &["serve", "--max-results", "many"],
        &["serve", "--repo", "oracle"],
        &["serve", "--repo", "postgres"],
        &["serve", "--repo-uri", "mysql://x"],
        &["serve", "--no-such-flag"],
        &["migrate"],
        &["refund"],
    ] {
        let Output { status, stdout, stderr } = run(arguments);
        let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        assert_eq!(status.code(), Some(2), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_setting_may_stand_in_the_environment() {
    let output = command(&["serve"]).env("PAYMENTS_MAX_RESULTS", "0").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("--max-results"), "{stderr}");
}

#[test]
fn what_cannot_start_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}", folder.path().join("no/such/folder/payments.db").display());
    let program = Program::serve(&["--repo-uri", &sqlite(folder.path())]);
    let taken = program.url.strip_prefix("http://").unwrap();
    for (arguments, word) in [
        (&["serve", "--listen", taken][..], "--listen"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &missing], "--repo-uri"),
        (&["serve", "--listen", "127.0.0.1:0", "--repo-uri", &sqlite(folder.path())], "another process"),
        (
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--repo",
                "postgres",
                "--repo-uri",
                "postgres://u:secret@127.0.0.1:1/x",
            ],
            "--repo-uri",
        ),
    ] {
        let Output { status, stderr, .. } = run(arguments);
        let stderr = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{arguments:?}: {stderr}");
        assert!(stderr.contains(word) && !stderr.contains("secret"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn migrate_brings_the_schema_up_to_date_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let output = run(&["migrate", "--repo-uri", &sqlite(folder.path())]);
        assert!(output.status.success(), "{output:?}");
    }
    assert!(folder.path().join("payments.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_served_by_replicas() {
    let uri = test_postgres::url();
    let flags = ["--repo", "postgres", "--repo-uri", &uri];
    assert!(run(&[&["migrate"], &flags[..]].concat()).status.success());
    let replicas = [Program::serve(&flags), Program::serve(&flags)];
    let client = reqwest::Client::new();
    assert_eq!(create(&client, &replicas[0].url, "p-1").await.unwrap(), 201);
    assert_eq!(create(&client, &replicas[1].url, "p-1").await.unwrap(), 409);
    let answer = client.get(format!("{}/v1/payments/p-1", replicas[1].url)).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains(r#""attributes":{"amount":"1.10"}"#));
}
