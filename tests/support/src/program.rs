//! The built program, run as a process.

use crate::Client;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    ops::Deref,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// How long a process may take to stop.
const STOP: Duration = Duration::from_secs(45);

/// The program `payments`, where cargo has built it.
#[derive(Debug, Clone, Copy)]
pub struct Program(&'static str);

impl Program {
    /// The program at this path: `env!("CARGO_BIN_EXE_payments")`, which cargo tells only to the tests of the package that
    /// has the program.
    #[must_use]
    pub const fn at(path: &'static str) -> Self {
        Self(path)
    }

    /// A command line, not yet run. `RUST_LOG` is that of no test.
    #[must_use]
    pub fn command(self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.0);
        command.args(arguments).env_remove("RUST_LOG");
        command
    }

    /// Runs a command line to its end.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    #[track_caller]
    pub fn run(self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap_or_else(|error| panic!("{}: {error}", self.0))
    }

    /// Runs `payments serve` with these flags and `--admin`, and waits until it listens: on a port that was
    /// free, unless a flag names another.
    ///
    /// # Panics
    /// When it stops before it listens.
    #[must_use]
    #[track_caller]
    pub fn serve(self, flags: &[&str]) -> Process {
        Process::start(&mut self.command(&serve(flags)))
    }

    /// Does the same with another `RUST_LOG`. It must let the line through that says where the program listens.
    ///
    /// # Panics
    /// When it stops before it listens.
    #[must_use]
    #[track_caller]
    pub fn serve_with_log(self, filter: &str, flags: &[&str]) -> Process {
        Process::start(self.command(&serve(flags)).env("RUST_LOG", filter))
    }

    /// Does the same with these variables in the environment.
    ///
    /// # Panics
    /// When it stops before it listens.
    #[must_use]
    #[track_caller]
    pub fn serve_with(self, flags: &[&str], variables: &[(&str, &str)]) -> Process {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], flags].concat();
        Process::start(self.command(&arguments).envs(variables.iter().copied()))
    }

    /// Does the same under a limit of the shell's `ulimit`, such as `-n 100`.
    ///
    /// # Panics
    /// When it stops before it listens.
    #[cfg(unix)]
    #[must_use]
    #[track_caller]
    pub fn serve_within(self, limit: &str, flags: &[&str]) -> Process {
        Process::start(self.within(limit, flags).env_remove("RUST_LOG"))
    }

    /// Does the same with another `RUST_LOG`: see [`serve_with_log`](Self::serve_with_log).
    ///
    /// # Panics
    /// When it stops before it listens.
    #[cfg(unix)]
    #[must_use]
    #[track_caller]
    pub fn serve_within_with_log(self, limit: &str, filter: &str, flags: &[&str]) -> Process {
        Process::start(self.within(limit, flags).env("RUST_LOG", filter))
    }

    #[cfg(unix)]
    fn within(self, limit: &str, flags: &[&str]) -> Command {
        // SIGXFSZ is ignored, so that a write beyond the limit fails, as it does on a full disk, instead of ending the process.
        let script = format!("ulimit {limit} && trap '' XFSZ && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, self.0]).args(serve(flags));
        shell
    }
}

fn serve<'a>(flags: &[&'a str]) -> Vec<&'a str> {
    let listen: &[&str] = if flags.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
    [&["serve", "--admin"], listen, flags].concat()
}

/// A process that serves, and a client of it. It is killed when dropped.
#[derive(Debug)]
pub struct Process {
    /// The process.
    pub child: Child,
    /// The lines that it logged before it listened.
    pub log: Vec<Value>,
    /// A client of the listener for operators, if there is one.
    pub operator: Option<Client>,
    client: Client,
    /// Reads what it logs from then on, so that a full pipe does not stop it.
    reader: Option<JoinHandle<String>>,
}

impl Process {
    #[track_caller]
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut log = Vec::new();
        let listening = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line);
            assert!(matches!(read, Ok(1..)), "{command:?} stopped before it listened ({read:?}); its log: {log:#?}");
            let parsed = serde_json::from_str::<Value>(&line);
            let parsed = parsed.unwrap_or_else(|error| panic!("expected a log line of JSON ({error}), got {line}"));
            if parsed["message"] == "listening" {
                break parsed;
            }
            log.push(parsed);
        };
        let client = |address: &str| Client::new(format!("http://{address}"));
        let address = listening["address"].as_str().unwrap_or_else(|| panic!("expected an address, got {listening}"));
        let operator = listening["operator_address"].as_str().map(client);
        let reader = std::thread::spawn(move || read_to_end(output));
        Self { child, log, operator, client: client(address), reader: Some(reader) }
    }

    /// Sends a signal, such as `-TERM`.
    ///
    /// # Panics
    /// When it cannot be sent.
    #[track_caller]
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "kill {signal}: {status:?}");
    }

    /// Waits until the process has ended, and returns its exit code; a process that was killed has none.
    ///
    /// # Panics
    /// When it goes on for 20 s.
    #[track_caller]
    pub fn exit_code(&mut self) -> Option<i32> {
        let start = Instant::now();
        while start.elapsed() < STOP {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.code(),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => panic!("cannot wait for the process: {error}"),
            }
        }
        panic!("the process did not stop within {STOP:?}");
    }

    /// What it has logged since it listened, once it has ended.
    ///
    /// # Panics
    /// When it is asked for twice, or is not UTF-8.
    #[track_caller]
    pub fn rest_of_log(&mut self) -> String {
        self.reader.take().expect("the log is asked for once").join().expect("the log is UTF-8")
    }
}

impl Deref for Process {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_to_end(mut output: BufReader<ChildStdout>) -> String {
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the log is UTF-8");
    rest
}

/// The `--repo-uri` of a SQLite file in this folder.
#[must_use]
pub fn sqlite_uri(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("payments.db").display())
}
