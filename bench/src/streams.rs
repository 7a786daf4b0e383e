//! Measures streams of events: what an idle one costs, and how long an event takes from its commit to a client.

use crate::{
    Options, Outcome,
    server::Server,
    stores::{new_file, serve_file_with},
    traffic::{Post, Traffic, payment_id},
};
use serde::Serialize;
use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
};

/// How many streams are idle.
const IDLE: usize = 10_000;
/// How many of them a client has: a service grants one address half of all streams.
const EACH_CLIENT: usize = 2000;
/// How long they are idle before that is measured: the allocator gives back after 10 s what their requests took.
const SETTLING: Duration = Duration::from_secs(12);
/// How many clients read while payments are created.
const LISTENERS: usize = 10;
/// How many payments are created in a second, and for how long.
const RATE: u64 = 1000;
const SECONDS: u64 = 5;
/// How many of them one connection creates in a second.
const EACH_CONNECTION: u64 = 20;
/// How long an event may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What stands before the payment in an event.
const NAME: &[u8] = br#""payment_id":""#;

/// The most that will do: memory of an idle stream in KiB, latency in milliseconds.
pub(crate) const MAX_MEMORY: f64 = 20.0;
pub(crate) const MAX_LATENCY: f64 = 20.0;

/// What streams cost.
#[derive(Debug, Serialize)]
pub(crate) struct Streams {
    /// The resident memory of an idle stream, in KiB.
    pub(crate) memory: f64,
    /// From the response to a creation to the arrival of its event, in milliseconds; 0 where the event came first.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

pub(crate) fn measure(options: &Options) -> Outcome<Streams> {
    println!("streams");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let flags = ["--max-connections", "12000", "--max-client-connections", "12000", "--max-streams", "12000"];
    // A service for each: one that ten thousand clients have just left has their connections to close.
    let service = || serve_file_with(&options.service, &new_file(options, "streams.db")?, &flags);
    let memory = runtime.block_on(idle_streams(&service()?))?;
    let mut latencies = runtime.block_on(latencies(service()?.address))?;
    latencies.sort_by(f64::total_cmp);
    let at = |part: f64| latencies.get((latencies.len().saturating_sub(1) as f64 * part) as usize).copied();
    Ok(Streams { memory, p50: at(0.5).unwrap_or(f64::NAN), p99: at(0.99).unwrap_or(f64::NAN) })
}

/// Opens streams that nothing is sent on, and returns the memory that each takes, in KiB.
async fn idle_streams(service: &Server) -> Outcome<f64> {
    let (before, _) = service.memory()?;
    let mut open = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        open.push(open_stream(service.address, number / EACH_CLIENT).await?);
    }
    tokio::time::sleep(SETTLING).await;
    let (after, _) = service.memory()?;
    Ok((after - before) * 1024.0 / IDLE as f64)
}

/// Opens a stream as the client of that number, and reads the head of the response.
async fn open_stream(address: SocketAddr, client: usize) -> Outcome<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, u8::try_from(client + 1)?], 0)))?;
    let mut stream = socket.connect(address).await?;
    let request = b"GET /v1/events/stream?after=now HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await?;
    let mut head = [0; 1024];
    let read = stream.read(&mut head).await?;
    let head = head.get(..read).unwrap_or_default();
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(format!("no stream: {}", String::from_utf8_lossy(head)).into());
    }
    Ok(stream)
}

/// When something came to pass for a payment, by its id.
type Moments = mpsc::UnboundedSender<(String, Instant)>;

/// Creates payments at a constant rate, and returns for each event at each listener how long after the response to its creation
/// it came, in milliseconds.
async fn latencies(address: SocketAddr) -> Outcome<Vec<f64>> {
    let ((arrivals, mut arrived), (answers, mut answered)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    for _ in 0..LISTENERS {
        tokio::spawn(listen(open_stream(address, 0).await?, arrivals.clone()));
    }
    let start = Instant::now();
    let connections = RATE / EACH_CONNECTION;
    for first in 0..connections {
        tokio::spawn(create(address, start, (first..RATE * SECONDS).step_by(connections as usize), answers.clone()));
    }
    drop((arrivals, answers));
    let (mut committed, mut events) = (HashMap::new(), Vec::new());
    let expected = (RATE * SECONDS) as usize * LISTENERS;
    while events.len() < expected || committed.len() < (RATE * SECONDS) as usize {
        tokio::select! {
            Some((id, at)) = answered.recv() => drop(committed.insert(id, at)),
            Some(event) = arrived.recv() => events.push(event),
            () = tokio::time::sleep(PATIENCE) => {
                return Err(format!("{} of {expected} events arrived, of {} payments", events.len(), committed.len()).into());
            }
        }
    }
    let late = |(id, at): &(String, Instant)| {
        committed.get(id).map(|committed| at.saturating_duration_since(*committed).as_secs_f64() * 1e3)
    };
    Ok(events.iter().filter_map(late).collect())
}

/// Creates the payments of these numbers, each when it is due.
async fn create(
    address: SocketAddr,
    start: Instant,
    numbers: impl Iterator<Item = u64>,
    answers: Moments,
) -> Result<(), std::io::Error> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut request, mut answer) = (Vec::new(), vec![0; 16 << 10]);
    for number in numbers {
        let due = start + Duration::from_micros(number * 1_000_000 / RATE);
        tokio::time::sleep_until(due.into()).await;
        request.clear();
        Post::numbered(number).write_request(&mut request);
        stream.write_all(&request).await?;
        let read = stream.read(&mut answer).await?;
        if answer.get(..read).is_some_and(|answer| answer.starts_with(b"HTTP/1.1 201")) {
            let _ = answers.send((payment_id(number), Instant::now()));
        }
    }
    Ok(())
}

/// Reads a stream, and says of which payment an event came when.
async fn listen(mut stream: TcpStream, arrivals: Moments) {
    let (mut buffer, mut text) = (vec![0; 64 << 10], Vec::new());
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        let at = Instant::now();
        text.extend_from_slice(buffer.get(..read).unwrap_or_default());
        while let Some(end) = memchr::memmem::find(&text, b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let id = memchr::memmem::find(&event, NAME).and_then(|at| event.get(at + NAME.len()..));
            let id = id.and_then(|rest| rest.split(|byte| *byte == b'"').next());
            if let Some(id) = id {
                let _ = arrivals.send((String::from_utf8_lossy(id).into_owned(), at));
            }
        }
    }
}
