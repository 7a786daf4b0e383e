//! The load: connections that ask, wait for the answer and check it. One thread, because it has one core.

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
pub(crate) enum Pace {
    /// Each connection sends the next request when it has the answer to the last.
    Closed(Duration),
    /// So many requests a second, evenly, whether or not the last was answered; latency counts from when a request was
    /// due, so a stall is not overlooked.
    Open { rate: u64, during: Duration },
    /// So many requests a connection, however long that takes.
    Count(u64),
}

/// What a load came to.
#[derive(Debug)]
pub(crate) struct Round {
    /// How long it took.
    pub(crate) took: Duration,
    /// How long each request took, in nanoseconds, shortest first.
    pub(crate) latencies: Vec<u32>,
}

impl Round {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// The latency, in microseconds, that this part of the requests did not exceed.
    pub(crate) fn percentile(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = ((last as f64) * part).round() as usize;
        self.latencies.get(at).map_or(0.0, |nanoseconds| f64::from(*nanoseconds) / 1e3)
    }
}

/// A connection, and what it asks. Both last from round to round.
pub(crate) struct Client {
    stream: TcpStream,
    traffic: Box<dyn Traffic>,
}

/// Connections to one server.
pub(crate) struct Clients {
    runtime: Runtime,
    clients: Vec<Client>,
}

impl Clients {
    /// Opens a connection for each of `traffic`.
    pub(crate) fn connect(address: SocketAddr, traffic: Vec<Box<dyn Traffic>>) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clients = runtime.block_on(async {
            let mut clients = Vec::new();
            for traffic in traffic {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                clients.push(Client { stream, traffic });
            }
            Ok::<_, std::io::Error>(clients)
        })?;
        Ok(Self { runtime, clients })
    }

    /// Plays one round.
    ///
    /// # Errors
    /// The first answer that was not the right one.
    pub(crate) fn play(&mut self, pace: Pace) -> Outcome<Round> {
        let clients = std::mem::take(&mut self.clients);
        let count = clients.len();
        let start = Instant::now();
        let played = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for (index, client) in clients.into_iter().enumerate() {
                tasks.spawn(client.play(pace, start, index, count));
            }
            let awake = tokio::spawn(stay_awake());
            let played = tasks.join_all().await;
            awake.abort();
            played
        });
        let took = start.elapsed();
        let mut latencies = Vec::new();
        for outcome in played {
            let (client, more) = outcome?;
            self.clients.push(client);
            latencies.extend(more);
        }
        latencies.sort_unstable();
        Ok(Round { took, latencies })
    }
}

/// Keeps the thread of the load from going to sleep. Who sleeps must be woken, and that is done by who sends: the server would pay
/// for it with each answer, and the more often the slower it is. Whoever else needs the core has it first.
async fn stay_awake() {
    loop {
        std::thread::yield_now();
        tokio::task::yield_now().await;
    }
}

impl Client {
    async fn play(
        mut self,
        pace: Pace,
        start: Instant,
        index: usize,
        count: usize,
    ) -> Result<(Self, Vec<u32>), String> {
        let mut latencies = Vec::with_capacity(1 << 14);
        let (mut request, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
        loop {
            let Some(due) = pace.due(start, index, count, latencies.len()) else { return Ok((self, latencies)) };
            while Instant::now() < due {
                // Timers are too coarse for this; the core is ours to burn.
                tokio::task::yield_now().await;
            }
            let due = due.max(match pace {
                Pace::Open { .. } => due,
                Pace::Closed(_) | Pace::Count(_) => Instant::now(),
            });
            request.clear();
            self.traffic.ask(&mut request);
            let body = self.exchange(&request, &mut buffer).await?;
            let (status, from, to) = body;
            let body = buffer.get(from..to).unwrap_or_default();
            self.traffic.check(&Answer { status, body })?;
            latencies.push(u32::try_from(due.elapsed().as_nanos()).unwrap_or(u32::MAX));
        }
    }

    /// Sends a request, and reads the answer into `buffer`: its status, and where its body is.
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
                0 => return Err("a connection was closed before the answer was there".to_owned()),
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

impl Pace {
    /// When the request number `sent` of the connection `index` of `count` is due; `None`: no more.
    fn due(self, start: Instant, index: usize, count: usize, sent: usize) -> Option<Instant> {
        match self {
            Self::Closed(during) => Some(start).filter(|start| start.elapsed() < during),
            Self::Count(most) => Some(start).filter(|_| (sent as u64) < most),
            Self::Open { rate, during } => {
                let number = (sent * count + index) as u64;
                let after = Duration::from_nanos(number.saturating_mul(1_000_000_000) / rate.max(1));
                (after < during).then(|| start + after)
            }
        }
    }
}

/// The status, where the body begins, and how long it is, once the whole head is there.
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
