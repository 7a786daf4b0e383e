//! A process that runs the program.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A running program, killed when the test is done with it.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) url: String,
    /// What it logged before it listened.
    pub(crate) log: Vec<serde_json::Value>,
    /// Reads what it logs from then on, so that a full pipe stops nobody.
    rest: Option<JoinHandle<String>>,
}

impl Program {
    /// Runs `payments serve` with these flags, and waits until it listens.
    pub(crate) fn serve(flags: &[&str]) -> Self {
        Self::start(&mut command(&serve(flags)))
    }

    /// Runs it with `RUST_LOG` set so. It must let the line through that says where it listens.
    pub(crate) fn serve_logging(filter: &str, flags: &[&str]) -> Self {
        Self::start(command(&serve(flags)).env("RUST_LOG", filter))
    }

    /// Runs it under a limit of the shell's `ulimit`, such as `-n 100`.
    #[cfg(unix)]
    pub(crate) fn serve_within(limit: &str, flags: &[&str]) -> Self {
        // A signal that would end it, instead of a write that fails, is ignored: what runs on a full disk gets none either.
        let script = format!("ulimit {limit} && trap '' XFSZ && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_payments")]).args(serve(flags)).env_remove("RUST_LOG");
        Self::start(&mut shell)
    }

    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut seen = Vec::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it stopped before it listened; it said: {seen:#?}");
            let log: serde_json::Value = serde_json::from_str(&line).expect("a log line is JSON");
            if log["message"] == "listening" {
                break log["address"].as_str().expect("the address").to_owned();
            }
            seen.push(log);
        };
        let rest = std::thread::spawn(move || rest(output));
        Self { child, url: format!("http://{address}"), log: seen, rest: Some(rest) }
    }

    /// Where it listens, as HOST:PORT.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("it was put there")
    }

    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// Waits until it has stopped, and returns its exit code.
    pub(crate) fn stopped(&mut self) -> Option<i32> {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it did not stop within 20 s");
    }

    /// What it has logged since it listened, once it has stopped.
    pub(crate) fn rest_of_log(&mut self) -> String {
        self.rest.take().expect("it is asked for once").join().expect("the log is read to its end")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rest(mut output: BufReader<ChildStdout>) -> String {
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the log is UTF-8");
    rest
}

fn serve<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    [&["serve", "--admin", "--listen", "127.0.0.1:0"], flags].concat()
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payments"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program runs")
}

/// The address of a database in this folder.
pub(crate) fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("payments.db").display())
}

/// The body that creates a payment.
pub(crate) fn body(id: &str) -> String {
    format!(r#"{{"data":{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.10"}}}}}}"#)
}

/// Creates a payment; returns the status. The answer is read to its end, so that the connection can be used again.
pub(crate) async fn create(client: &reqwest::Client, url: &str, id: &str) -> Result<u16, reqwest::Error> {
    let request = client.post(format!("{url}/v1/payments")).header("content-type", "application/json").body(body(id));
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    answer.bytes().await.map(|_| status)
}

/// Every id there is.
pub(crate) async fn ids(url: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = format!("{url}/v1/payments?size=1000");
    loop {
        let page = reqwest::get(&next).await.expect("an answer").text().await.expect("a page");
        let page: serde_json::Value = serde_json::from_str(&page).expect("a page is JSON");
        let data = page["data"].as_array().unwrap_or_else(|| panic!("no list: {page}"));
        if data.is_empty() {
            return ids;
        }
        ids.extend(data.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()));
        let path = page["links"]["next"].as_str().and_then(|link| link.split_once("/v1/")).expect("a link").1;
        next = format!("{url}/v1/{path}");
    }
}
