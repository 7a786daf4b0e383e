//! Servers under load: started on one core, watched from outside, stopped by their id.

use crate::{Outcome, SERVER_CORE};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the kernel counts processor time in (`getconf CLK_TCK`), the same on every Linux.
const TICKS: f64 = 100.0;

/// A server that runs.
pub(crate) struct Server {
    process: Child,
    /// Reads its log, as whatever runs containers would.
    reader: Child,
    pub(crate) address: SocketAddr,
    /// How long it was from its start to its first answer.
    pub(crate) started: Duration,
}

impl Server {
    /// Starts `program` with `arguments`, in which `{address}` stands for where to listen, and waits until it answers a
    /// request for `path`.
    pub(crate) fn start(program: &Path, arguments: &[&str], path: &str) -> Outcome<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut reader = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let log = reader.stdin.take().ok_or("cat has no standard input")?;
        let settings = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("PAYMENTS_"));
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", SERVER_CORE]).arg(program);
        command.args(arguments.iter().map(|argument| argument.replace("{address}", &address.to_string())));
        settings.for_each(|name| {
            command.env_remove(name);
        });
        let start = Instant::now();
        let process = command.stdin(Stdio::null()).stdout(log).spawn()?;
        let mut server = Self { process, reader, address, started: Duration::ZERO };
        while fetch(address, path).is_err() {
            if let Some(status) = server.process.try_wait()? {
                return Err(format!("{} ended with {status}", program.display()).into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("{} does not answer {path}", program.display()).into());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        server.started = start.elapsed();
        Ok(server)
    }

    /// The processor time that it has used so far, in seconds.
    pub(crate) fn processor_time(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // Behind the name, which stands in parentheses: proc_pid_stat(5) numbers utime 14 and stime 15.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(ticks as f64 / TICKS)
    }

    /// The memory that it has in use, in MiB: all of it, and without what it shares with files.
    pub(crate) fn memory(&self) -> Outcome<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let kibibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim_start_matches([':', ' ', '\t']).split(' ').next()?.parse::<f64>().ok()
        };
        let of = |name| kibibytes(name).map(|kibibytes| kibibytes / 1024.0).ok_or(format!("no {name} in {status}"));
        Ok((of("VmRSS")?, of("RssAnon")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A signal rather than a kill: the service closes its file.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
        let _ = self.reader.wait();
    }
}

/// The body of the answer to a GET, over a connection of its own.
pub(crate) fn fetch(address: SocketAddr, path: &str) -> Outcome<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = memchr::memmem::find(&answer, b"\r\n\r\n").ok_or("an answer without an end of its head")?;
    Ok(answer.split_off(end + 4))
}
