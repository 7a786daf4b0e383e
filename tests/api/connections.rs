//! Connections that are hostile or slow: the server closes each in time, and serves the others meanwhile.

use axum::{
    Router,
    body::Bytes,
    http::Request,
    routing::{get, post},
};
use h2::client::SendRequest;
use payments::http::{ConnectionLimits, ConnectionOptions, ConnectionTimeouts, Limits, Pipeline, serve};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Mutex, oneshot},
    task::JoinHandle,
};

/// The memory of a large response.
struct Large(Vec<u8>);

/// How many large responses are in memory.
static LARGE: AtomicUsize = AtomicUsize::new(0);
/// How many bytes each has: more than the buffers of the system hold.
const SIZE: usize = 64 << 20;
/// A size that fits every buffer, and the window that HTTP/2 begins with.
const SMALL: usize = 60_000;
/// How many requests for `/never` are under way.
static NEVER: AtomicUsize = AtomicUsize::new(0);
/// One test at a time counts them.
static COUNTING: Mutex<()> = Mutex::const_new(());

impl Large {
    fn response(size: usize) -> Bytes {
        LARGE.fetch_add(1, Ordering::SeqCst);
        Bytes::from_owner(Self(vec![b'x'; size]))
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        LARGE.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsRef<[u8]> for Large {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Answers when every test has ended.
async fn never() {
    struct Count;
    impl Drop for Count {
        fn drop(&mut self) {
            NEVER.fetch_sub(1, Ordering::SeqCst);
        }
    }
    NEVER.fetch_add(1, Ordering::SeqCst);
    let _count = Count;
    tokio::time::sleep(NEVER_OVER).await;
}

/// Waits until so many requests for `/never` are under way.
async fn until_never(count: usize) {
    let began = Instant::now();
    while NEVER.load(Ordering::SeqCst) != count {
        assert!(began.elapsed() < PATIENCE, "{} requests are under way", NEVER.load(Ordering::SeqCst));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until so many of the large responses are in memory.
async fn until_large(count: usize) {
    let began = Instant::now();
    while LARGE.load(Ordering::SeqCst) != count {
        assert!(began.elapsed() < PATIENCE, "still {} large responses", LARGE.load(Ordering::SeqCst));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) const HALF: Duration = Duration::from_millis(500);
/// How long the server reads what is left of a body. It gives up when nothing comes for a sixth of that.
const LINGER: Duration = Duration::from_secs(3);
/// Longer than any test takes.
pub(crate) const NEVER_OVER: Duration = Duration::from_secs(60 * 60);
/// How long a test waits for what has to come: far longer than a slow machine stops it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Timeouts that never pass. A test shortens the one that it is about, so that nothing else ends its connection.
pub(crate) const PATIENT: ConnectionTimeouts =
    ConnectionTimeouts { head: NEVER_OVER, read: NEVER_OVER, idle: NEVER_OVER, write: NEVER_OVER, linger: NEVER_OVER };

/// Starts a server that gives up a client that reads nothing within half a second.
async fn impatient() -> (SocketAddr, oneshot::Sender<()>) {
    start(ConnectionTimeouts { write: HALF, linger: LINGER, ..PATIENT }, NEVER_OVER).await
}

/// Starts a server with these timeouts, those of connections and that of requests.
pub(crate) async fn start(timeouts: ConnectionTimeouts, of_requests: Duration) -> (SocketAddr, oneshot::Sender<()>) {
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/large", get(async || Large::response(SIZE)))
        .route("/small", get(async || Large::response(SMALL)))
        .route("/never", get(never))
        .route("/echo", post(async |body: String| body));
    let limits = Limits { rate: None, timeout: of_requests, trusted_proxies: Vec::new() };
    let pipeline = Arc::new(Pipeline::new(router, "v1", limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stop_signal = async {
        let _ = stopped.await;
    };
    let limits = ConnectionLimits { total: 1000, per_client: 1000, trusted_proxies: Vec::new() };
    let options = ConnectionOptions { limits, timeouts, metrics: None };
    tokio::spawn(serve(listener, pipeline, stop_signal, Duration::from_secs(2), options));
    (address, stop)
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    let (address, _stop) = start(ConnectionTimeouts { head: HALF, ..PATIENT }, NEVER_OVER).await;
    let mut connections = Vec::new();
    for _ in 0..100 {
        let mut connection = Connection::open(address).await;
        connection.send(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
        connections.push(connection);
    }
    for mut connection in connections {
        connection.closed().await;
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_with_a_problem() {
    let timeouts = ConnectionTimeouts { linger: LINGER, ..PATIENT };
    let (address, _stop) = start(timeouts, Duration::from_secs(2)).await;
    let mut connection = Connection::open(address).await;
    connection.send(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhal").await;
    let (said, _) = connection.closed().await;
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("/problems/body-too-slow"), "{said}");
    assert!(said.contains("connection: close"), "{said}");
}

const ASK_FOR_LARGE: &[u8] = b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_client_that_reads_nothing_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let mut connection = Connection::open(address).await;
    connection.send(ASK_FOR_LARGE).await;
    until_large(1).await;
    until_large(0).await;
    let (said, _) = connection.closed().await;
    assert!(said.len() < SIZE, "all of it was kept for a client that read nothing");
}

#[tokio::test]
async fn a_client_that_reads_a_little_now_and_then_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    // With a small window, the server notices each small read.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 << 10).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(ASK_FOR_LARGE).await.unwrap();
    until_large(1).await;
    let reader = tokio::spawn(async move {
        let mut little = [0; 2 << 10];
        while matches!(stream.read(&mut little).await, Ok(1..)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    until_large(0).await;
    reader.abort();
}

#[tokio::test]
async fn a_client_that_opens_no_window_is_given_up() {
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    // The client keeps the connection alive, and never opens the window of the stream.
    let unread = client.get(format!("http://{address}/large")).send().await.unwrap();
    until_large(1).await;
    until_large(0).await;
    drop(unread);
}

/// A client over HTTP/2, and the task of its connection.
pub(crate) type Http2 = (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>);

/// Connects over HTTP/2 with an initial window of this size for each stream. The task answers every PING, and returns what
/// ended the connection.
pub(crate) async fn http2(address: SocketAddr, window: u32) -> Http2 {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut builder = h2::client::Builder::new();
    // One stream that is not read does not use up the window of the connection.
    builder.initial_window_size(window).initial_connection_window_size(1 << 20);
    let (client, connection) = builder.handshake(stream).await.unwrap();
    (client.ready().await.unwrap(), tokio::spawn(connection))
}

fn get_request(path: &str) -> Request<()> {
    Request::get(format!("http://x{path}")).body(()).unwrap()
}

/// Sends a GET, and reads the response to its end.
pub(crate) async fn read_all(client: &mut SendRequest<Bytes>, path: &str) -> Result<usize, h2::Error> {
    client.clone().ready().await?;
    let mut body = client.send_request(get_request(path), true)?.0.await?.into_body();
    let mut size = 0;
    while let Some(data) = body.data().await {
        let length = data?.len();
        size += length;
        body.flow_control().release_capacity(length)?;
    }
    Ok(size)
}

#[tokio::test]
async fn a_client_that_opens_no_window_pins_no_small_response_either() {
    const STREAMS: usize = 100;
    let _alone = COUNTING.lock().await;
    let (address, _stop) = impatient().await;
    let (mut client, connection) = http2(address, 0).await;
    let answers: Vec<_> = (0..STREAMS).map(|_| client.send_request(get_request("/small"), true).unwrap().0).collect();
    until_large(STREAMS).await;
    until_large(0).await;
    let ended = tokio::time::timeout(PATIENCE, connection).await;
    assert!(ended.is_ok(), "the connection is kept");
    drop(answers);
}

#[tokio::test]
async fn a_response_that_is_not_read_ends_its_connection_and_no_request_beside_it() {
    let _alone = COUNTING.lock().await;
    // The requests beside it have a third of the timeout to finish, also on a machine that stops for a second.
    let timeouts = ConnectionTimeouts { write: Duration::from_secs(6), ..PATIENT };
    let (address, _stop) = start(timeouts, NEVER_OVER).await;
    let (mut client, connection) = http2(address, 65_535).await;
    let unread = client.send_request(get_request("/large"), true).unwrap().0.await.unwrap();
    let began = Instant::now();
    let refused = loop {
        // Each of these is read at once, and none is cut off: what has to end is told before.
        match read_all(&mut client, "/small").await {
            Ok(size) => assert_eq!(size, SMALL),
            Err(error) => break error,
        }
        assert!(began.elapsed() < Duration::from_secs(60), "the connection goes on for ever");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert!(refused.is_go_away() && refused.reason() == Some(h2::Reason::NO_ERROR), "it was cut off: {refused}");
    until_large(0).await;
    drop((unread, connection));
}

#[tokio::test]
async fn what_is_left_of_a_body_is_read_for_so_long_and_no_longer() {
    let (address, _stop) = start(ConnectionTimeouts { linger: LINGER, ..PATIENT }, NEVER_OVER).await;
    while !rest_is_read_for_so_long(address).await {}

    // The server waits for a rest that is worth reading for a sixth of the time, and then closes the connection.
    let (address, _stop) = start(ConnectionTimeouts { linger: 6 * LINGER, ..PATIENT }, NEVER_OVER).await;
    let began = Instant::now();
    let mut connection = Connection::open(address).await;
    connection.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n").await;
    let (said, _) = connection.closed().await;
    assert!(said.starts_with("HTTP/1.1 405") && !said.contains("connection: close"), "{said}");
    let took = began.elapsed();
    assert!(took >= LINGER && took < 6 * LINGER, "{took:?}");
}

/// Sends the rest of a body that is discarded, until the server resets the connection. Returns `false` if the machine stopped the
/// test for so long that the server gave up early.
async fn rest_is_read_for_so_long(address: SocketAddr) -> bool {
    let piece = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
    let began = Instant::now();
    let mut connection = Connection::open(address).await;
    connection.send(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
    let (said, _) = connection.closed().await;
    assert!(said.starts_with("HTTP/1.1 405") && said.contains("connection: close"), "{said}");
    let (mut sent, mut longest_pause) = (began, Duration::ZERO);
    while connection.stream.write_all(&piece).await.is_ok() {
        longest_pause = longest_pause.max(sent.elapsed());
        sent = Instant::now();
        assert!(began.elapsed() < Duration::from_secs(60), "the body is read for ever");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (took, longest_pause) = (began.elapsed(), longest_pause.max(sent.elapsed()));
    let is_whole = took > LINGER / 3 * 2;
    assert!(is_whole || longest_pause > LINGER / 12, "the connection was reset after {took:?}");
    is_whole
}

#[tokio::test]
async fn over_http_2_a_stream_whose_body_does_not_come_is_reset_without_an_error() {
    let (address, _stop) = start(ConnectionTimeouts { linger: LINGER, ..PATIENT }, NEVER_OVER).await;
    let (mut client, _connection) = http2(address, 65_535).await;
    let request = Request::post("http://x/").body(()).unwrap();
    let (answer, mut stream) = client.send_request(request, false).unwrap();
    assert_eq!(answer.await.unwrap().status(), 405);
    let reset = std::future::poll_fn(|context| stream.poll_reset(context));
    let reason = tokio::time::timeout(PATIENCE, reset).await.expect("the stream is kept");
    assert_eq!(reason.unwrap(), h2::Reason::NO_ERROR);
}

#[tokio::test]
async fn a_client_that_has_gone_keeps_no_request_under_way() {
    // Requests have an hour, so that their deadline does not end them.
    let (address, _stop) = start(PATIENT, NEVER_OVER).await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        let mut connection = Connection::open(address).await;
        connection.send(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await;
        connections.push(connection);
    }
    until_never(3).await;
    drop(connections);
    until_never(0).await;
}

#[tokio::test]
async fn a_client_that_reads_gets_all_of_it() {
    let _alone = COUNTING.lock().await;
    // Longer than a machine stops the test, because the client then reads nothing either.
    let timeouts = ConnectionTimeouts { write: Duration::from_secs(10), ..PATIENT };
    let (address, _stop) = start(timeouts, NEVER_OVER).await;
    for client in [reqwest::Client::builder(), reqwest::Client::builder().http2_prior_knowledge()] {
        let answer = client.build().unwrap().get(format!("http://{address}/large")).send().await.unwrap();
        assert_eq!(answer.content_length(), Some(SIZE as u64));
        assert_eq!(answer.bytes().await.unwrap().len(), SIZE);
        until_large(0).await;
    }
}

#[tokio::test]
async fn slow_connections_keep_nobody_else_waiting() {
    // The usual limit is 1,024 open files: both ends are in this process, and other tests have connections, too.
    const SLOW: usize = 300;
    // None of them ends before the answer has come.
    let (address, _stop) = start(PATIENT, NEVER_OVER).await;
    let mut slow = Vec::with_capacity(SLOW);
    for _ in 0..SLOW {
        let mut connection = Connection::open(address).await;
        connection.send(b"GET / HT").await;
        slow.push(connection);
    }
    let answer = tokio::time::timeout(PATIENCE, reqwest::get(format!("http://{address}/"))).await;
    let answer = answer.expect("an answer beside slow connections").unwrap();
    assert_eq!(answer.text().await.unwrap(), "here");
    drop(slow);
}
