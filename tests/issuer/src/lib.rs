//! Starts an issuer for a test, gets tokens from it, and forges others. `main.mjs` is the issuer, which a person can start too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

use reqwest::Url;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Lines, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::{Arc, Mutex},
};
use tokio::task::spawn_blocking;

/// The audience of the tokens, unless a test says another.
pub const AUDIENCE: &str = "http://localhost:8080";

/// An issuer that runs until it is dropped.
pub struct Issuer {
    /// Its address, and its name in `iss`.
    pub url: String,
    token_url: String,
    process: Arc<Mutex<Process>>,
}

struct Process {
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Issuer {
    /// An issuer with the clients `acme` and `globex`, each of the organisation of that name.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// An issuer with these arguments; `main.mjs` says which there are.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let mut command = tool();
        command.args(["node", "tests/issuer/main.mjs", "--control"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("openapi/tool runs");
        let commands = child.stdin.take().expect("standard input");
        let answers = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let process = Arc::new(Mutex::new(Process { child, commands, answers }));
        let first = Arc::clone(&process);
        let greeting = spawn_blocking(move || first.lock().unwrap().answer()).await.unwrap();
        let greeting: Value = serde_json::from_str(&greeting).expect("the issuer's address");
        let text = |name: &str| greeting[name].as_str().expect("an address").to_owned();
        Self { url: text("issuer"), token_url: text("token"), process }
    }

    /// Sends a command; `control.mjs` says which there are.
    pub async fn command(&self, command: &str) {
        let (process, line) = (Arc::clone(&self.process), format!("{command}\n"));
        let answer = spawn_blocking(move || {
            let mut process = process.lock().unwrap();
            process.commands.write_all(line.as_bytes()).expect("the issuer listens");
            process.answer()
        });
        let answer = answer.await.unwrap();
        assert_eq!(answer, "done", "the issuer was told: {command}");
    }

    /// A token of the client that belongs to `organisation`.
    pub async fn token(&self, organisation: &str, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let form = Url::parse_with_params("http://form", form).expect("a form");
        let request = reqwest::Client::new().post(&self.token_url);
        let request = request.basic_auth(organisation, Some(format!("{organisation}-secret")));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form.query().unwrap_or_default().to_owned()).send().await.expect("an answer");
        let (status, body) = (response.status(), response.text().await.expect("a body"));
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        answer["access_token"].as_str().map_or_else(|| panic!("no token, but {status}: {body}"), str::to_owned)
    }

    /// The address at which clients get tokens.
    pub fn token_url(&self) -> &str {
        &self.token_url
    }
}

impl Process {
    fn answer(&mut self) -> String {
        self.answers.next().expect("the issuer answers; `make test-tools` fetches it").expect("a line of text")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tokens that a library forged, and the keys that belong to them.
pub struct Forgery {
    /// A key set.
    pub keys: String,
    /// What a token is, the token, and what it should be judged as.
    pub tokens: Vec<(String, String, String)>,
}

impl Forgery {
    /// Tokens made by npm's `jose`, in the name of this issuer.
    pub async fn by_jose(issuer: &str) -> Self {
        let mut command = tool();
        command.args(["node", "tests/issuer/forge/jose.mjs", issuer, AUDIENCE]);
        Self::read(command).await
    }

    /// Tokens made by PyPI's `joserfc`, in the name of this issuer.
    pub async fn by_joserfc(issuer: &str) -> Self {
        let mut command = Command::new(root().join(".venv/bin/python"));
        command.current_dir(root()).args(["tests/issuer/forge/forge_joserfc.py", issuer, AUDIENCE]);
        Self::read(command).await
    }

    async fn read(mut command: Command) -> Self {
        let ran = spawn_blocking(move || command.stdin(Stdio::null()).output()).await.unwrap();
        let Output { status, stdout, stderr } = ran.expect("the forger runs; `make test-tools` fetches what it needs");
        assert!(status.success(), "the forger failed: {}", String::from_utf8_lossy(&stderr));
        let forged: Value = serde_json::from_slice(&stdout).expect("the forger writes JSON");
        let tokens = forged["tokens"].as_array().expect("a list of tokens").iter().map(|token| {
            let text = |name: &str| token[name].as_str().expect("a text").to_owned();
            (text("name"), text("token"), text("expected"))
        });
        Self { keys: forged["jwks"].to_string(), tokens: tokens.collect() }
    }
}

fn tool() -> Command {
    let mut command = Command::new(root().join("openapi/tool"));
    command.current_dir(root());
    command
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
