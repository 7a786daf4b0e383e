//! Runs a server under load as a process on a core of its own, and reads its processor time and memory from `/proc`.

use crate::{Outcome, SERVER_CORE};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// The kernel's ticks per second of processor time (`getconf CLK_TCK`), the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server.
pub(crate) struct Server {
    process: Child,
    /// Reads the server's log from a pipe, as a container runtime does.
    log_reader: Child,
    pub(crate) address: SocketAddr,
    /// The time from the start of the process to the first answer.
    pub(crate) startup: Duration,
}

impl Server {
    /// Starts `program`, and waits until it answers a GET of `path`. In `arguments`, `{address}` stands for the address to
    /// listen at.
    pub(crate) fn start(program: &Path, arguments: &[&str], path: &str) -> Outcome<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut log_reader = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let log = log_reader.stdin.take().ok_or("cat has no standard input")?;
        let settings = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("PAYMENTS_"));
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", SERVER_CORE]).arg(program);
        command.args(arguments.iter().map(|argument| argument.replace("{address}", &address.to_string())));
        settings.for_each(|name| {
            command.env_remove(name);
        });
        let start = Instant::now();
        let process = command.stdin(Stdio::null()).stdout(log).spawn()?;
        let mut server = Self { process, log_reader, address, startup: Duration::ZERO };
        while fetch(address, path).is_err() {
            if let Some(status) = server.process.try_wait()? {
                return Err(format!("{} ended with {status}", program.display()).into());
            }
            if start.elapsed() > START_TIMEOUT {
                return Err(format!(
                    "{} does not answer {path} within {} s",
                    program.display(),
                    START_TIMEOUT.as_secs()
                )
                .into());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        server.startup = start.elapsed();
        Ok(server)
    }

    /// The processor time that the server has used so far, in seconds.
    pub(crate) fn processor_time(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The fields after the name, which is in parentheses: proc_pid_stat(5) numbers utime 14 and stime 15.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / TICKS_PER_SECOND)
    }

    /// The resident memory in MiB: all of it, and the anonymous part, without mapped files.
    pub(crate) fn memory(&self) -> Outcome<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let kibibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches([':', ' ', '\t']).split(' ').next()?.parse::<f64>().ok()
        };
        let mebibytes =
            |name| kibibytes(name).map(|kibibytes| kibibytes / 1024.0).ok_or(format!("no {name} in {status}"));
        Ok((mebibytes("VmRSS")?, mebibytes("RssAnon")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that the service closes its file.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
        let _ = self.log_reader.wait();
    }
}

/// Sends a GET over a connection of its own, and returns the body of the answer.
pub(crate) fn fetch(address: SocketAddr, path: &str) -> Outcome<Vec<u8>> {
    fetch_with(address, path, "")
}

/// Does the same with more headers, each with its end of line.
pub(crate) fn fetch_with(address: SocketAddr, path: &str, headers: &str) -> Outcome<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = memchr::memmem::find(&answer, b"\r\n\r\n").ok_or("the answer has no complete head")?;
    Ok(answer.split_off(end + 4))
}
