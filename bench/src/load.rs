//! Generates the load: connections that send a request, read the answer and check it. One thread, because the load has one
//! core.

use crate::{
    Outcome,
    traffic::{Answer, Traffic},
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
    task::JoinSet,
};

/// When requests are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LoadModel {
    /// A closed loop: each connection sends the next request when it has the answer to the last.
    Closed(Duration),
    /// An open loop: requests are due at a constant rate a second, whether or not the last was answered. Latency counts from
    /// when a request was due, so that a stall is not hidden (coordinated omission).
    Open { rate: u64, during: Duration },
    /// A closed loop of this many requests a connection.
    Count(u64),
}

/// The timings of a round.
#[derive(Debug)]
pub(crate) struct RoundTimings {
    /// The duration of the round.
    pub(crate) duration: Duration,
    /// The latency of each request in nanoseconds, in ascending order.
    pub(crate) latencies: Vec<u32>,
}

impl RoundTimings {
    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.duration.as_secs_f64()
    }

    /// The latency in microseconds that this part of the requests did not exceed.
    pub(crate) fn percentile(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = ((last as f64) * part).round() as usize;
        self.latencies.get(index).map_or(0.0, |nanoseconds| f64::from(*nanoseconds) / 1e3)
    }
}

/// A connection, and its requests. Both last from round to round.
struct Connection {
    stream: TcpStream,
    traffic: Box<dyn Traffic>,
}

/// Connections to one server.
pub(crate) struct Connections {
    runtime: Runtime,
    connections: Vec<Connection>,
}

impl Connections {
    /// Opens a connection for each of `traffic`.
    pub(crate) fn open(address: SocketAddr, traffic: Vec<Box<dyn Traffic>>) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connections = runtime.block_on(async {
            let mut connections = Vec::new();
            for traffic in traffic {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                connections.push(Connection { stream, traffic });
            }
            Ok::<_, std::io::Error>(connections)
        })?;
        Ok(Self { runtime, connections })
    }

    /// Runs one round.
    ///
    /// # Errors
    /// The first wrong answer.
    pub(crate) fn run_round(&mut self, model: LoadModel) -> Outcome<RoundTimings> {
        let connections = std::mem::take(&mut self.connections);
        let count = connections.len();
        let start = Instant::now();
        let outcomes = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for (index, connection) in connections.into_iter().enumerate() {
                tasks.spawn(connection.run(model, start, index, count));
            }
            // Rounds that measure no time leave the core to others.
            let awake = match model {
                LoadModel::Closed(_) | LoadModel::Open { .. } => Some(tokio::spawn(stay_awake())),
                LoadModel::Count(_) => None,
            };
            let outcomes = tasks.join_all().await;
            if let Some(awake) = awake {
                awake.abort();
            }
            outcomes
        });
        let duration = start.elapsed();
        let mut latencies = Vec::new();
        for outcome in outcomes {
            let (connection, more) = outcome?;
            self.connections.push(connection);
            latencies.extend(more);
        }
        latencies.sort_unstable();
        Ok(RoundTimings { duration, latencies })
    }
}

/// Keeps the thread of the load busy, so that it never sleeps. A sleeping thread is woken by the sender: the server would pay
/// for a wake-up with each answer, and the slower server for more of them. Yielding lets other processes use the core first.
async fn stay_awake() {
    loop {
        std::thread::yield_now();
        tokio::task::yield_now().await;
    }
}

impl Connection {
    async fn run(
        mut self,
        model: LoadModel,
        start: Instant,
        index: usize,
        count: usize,
    ) -> Result<(Self, Vec<u32>), String> {
        let mut latencies = Vec::with_capacity(1 << 14);
        let (mut request, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
        loop {
            let Some(due) = model.due(start, index, count, latencies.len()) else { return Ok((self, latencies)) };
            while Instant::now() < due {
                // Busy-waits: timers have a granularity of a millisecond.
                tokio::task::yield_now().await;
            }
            let due = due.max(match model {
                LoadModel::Open { .. } => due,
                LoadModel::Closed(_) | LoadModel::Count(_) => Instant::now(),
            });
            request.clear();
            self.traffic.write_request(&mut request);
            let (status, from, to) = self.exchange(&request, &mut buffer).await?;
            let body = buffer.get(from..to).unwrap_or_default();
            self.traffic.check(&Answer { status, body })?;
            latencies.push(u32::try_from(due.elapsed().as_nanos()).unwrap_or(u32::MAX));
        }
    }

    /// Sends a request, and reads the answer into `buffer`; returns the status, and where the body begins and ends.
    async fn exchange(&mut self, request: &[u8], buffer: &mut Vec<u8>) -> Result<(u16, usize, usize), String> {
        let broken = |error: std::io::Error| format!("a connection broke: {error}");
        self.stream.write_all(request).await.map_err(broken)?;
        let mut filled = 0;
        let mut head = None;
        loop {
            if filled == buffer.len() {
                buffer.resize(buffer.len() * 2, 0);
            }
            let free = buffer.get_mut(filled..).unwrap_or_default();
            match self.stream.read(free).await.map_err(broken)? {
                0 => return Err("a connection was closed before the answer was complete".to_owned()),
                more => filled += more,
            }
            let read = buffer.get(..filled).unwrap_or_default();
            if head.is_none() {
                head = parse_head(read)?;
            }
            if let Some((status, from, length)) = head
                && filled >= from + length
            {
                return Ok((status, from, from + length));
            }
        }
    }
}

impl LoadModel {
    /// When request number `sent` of connection `index` of `count` is due; `None` if the round is over.
    fn due(self, start: Instant, index: usize, count: usize, sent: usize) -> Option<Instant> {
        match self {
            Self::Closed(during) => Some(start).filter(|start| start.elapsed() < during),
            Self::Count(requests) => Some(start).filter(|_| (sent as u64) < requests),
            Self::Open { rate, during } => {
                let number = (sent * count + index) as u64;
                let after = Duration::from_nanos(number.saturating_mul(1_000_000_000) / rate.max(1));
                (after < during).then(|| start + after)
            }
        }
    }
}

/// The status, where the body begins, and its length; `None` until the head is complete.
fn parse_head(read: &[u8]) -> Result<Option<(u16, usize, usize)>, String> {
    let Some(end) = memchr::memmem::find(read, b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(read.get(..end).unwrap_or_default()).map_err(|error| error.to_string())?;
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    match (status, length) {
        (Some(status), Some(length)) => Ok(Some((status, end + 4, length))),
        _ => Err(format!("an answer without status or content-length: {head}")),
    }
}
