use super::{EventSource, EventSourceBuilder, Interruption};
use crate::{ApiClient, Call, Client, ClientBuilder, ClientCredentials, Error, Problem, ServerSentEvent, TokenSource};
use reqwest::Method;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

#[derive(Debug, serde::Deserialize)]
struct Refused {}

impl Problem for Refused {
    fn title(&self) -> &str {
        "refused"
    }

    fn detail(&self) -> &str {
        "no"
    }
}

struct Api(Client);

impl From<Client> for Api {
    fn from(client: Client) -> Self {
        Self(client)
    }
}

impl ApiClient for Api {
    const USER_AGENT: &'static str = "test/1";
    const VERSION: Option<&'static str> = None;
    type Problem = Refused;
}

/// How a connection ends.
#[derive(Clone, Copy)]
enum End {
    /// As HTTP says it.
    Whole,
    /// In the middle of the body.
    Cut,
    /// Not: nothing comes any more.
    Silent,
}

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";

/// A server of a connection for each reply, and the heads of the requests that it has got.
struct Server {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(replies: Vec<(String, End)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let received = Arc::clone(&heads);
        tokio::spawn(async move {
            for (reply, end) in replies {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(socket, reply, end, Arc::clone(&received)));
            }
        });
        Self { url, heads }
    }

    /// The `Last-Event-ID` of each request.
    fn ids(&self) -> Vec<Option<String>> {
        let heads = self.heads.lock().unwrap();
        let id = |head: &String| Some(head.lines().find_map(|line| line.strip_prefix("last-event-id: "))?.to_owned());
        heads.iter().map(id).collect()
    }
}

async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn answer(mut socket: TcpStream, reply: String, end: End, heads: Arc<Mutex<Vec<String>>>) {
    let head = read_head(&mut socket).await;
    heads.lock().unwrap().push(head);
    socket.write_all(reply.as_bytes()).await.unwrap();
    match end {
        End::Whole => socket.write_all(b"0\r\n\r\n").await.unwrap(),
        End::Cut => {}
        End::Silent => _ = socket.read_u8().await,
    }
}

/// A stream of these chunks.
fn stream(chunks: &[&str]) -> String {
    chunks.iter().fold(HEAD.to_owned(), |reply, chunk| reply + &format!("{:x}\r\n{chunk}\r\n", chunk.len()))
}

type Seen = Arc<Mutex<Vec<String>>>;

/// A source of the streams at this address, and what it says of interruptions.
fn source(url: &str, tokens: Option<TokenSource>) -> (EventSourceBuilder<Refused>, Seen) {
    let client = ClientBuilder::<Api>::new(url);
    let client = if let Some(tokens) = tokens { client.tokens(tokens) } else { client }.build().unwrap().0;
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let source = EventSource::builder(move |id: Option<&str>| {
        let call = Call::new(&client, "watch", Method::GET, "/");
        let call = if let Some(id) = id { call.header("Last-Event-ID", id) } else { call };
        async move {
            let response = call.open("text/event-stream").await?;
            match response.status.as_u16() {
                200 => response.stream("text/event-stream").await,
                _ => Err(response.read().await?.error()),
            }
        }
    });
    let note = move |interruption: &Interruption<Refused>, _: Duration| {
        told.lock().unwrap().push(match interruption {
            Interruption::Failed(error) => format!("{:?}", error.status().map(|status| status.as_u16())),
            other @ (Interruption::Ended | Interruption::Silent(_)) => other.to_string(),
        });
    };
    (source.on_interruption(note), seen)
}

/// The next item. A source that waits for ever fails its test.
async fn next(source: &mut EventSource<Refused>) -> Option<Result<ServerSentEvent, Error<Refused>>> {
    tokio::time::timeout(Duration::from_secs(60), source.next()).await.expect("an item")
}

/// The data of the next events.
async fn data(source: &mut EventSource<Refused>, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(next(source).await.unwrap().unwrap().data);
    }
    found
}

const QUICK: &str = "retry: 100\n\n";

/// How long connections may be silent: longer than a machine stands still. Tests do not wait that long, because they set the
/// clock forward with [`pass`].
const SILENCE: Duration = Duration::from_secs(30);

/// Sets the clock of tokio forward.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_stream_goes_on_behind_the_last_event_however_its_connection_ends() {
    let server = Server::start(vec![
        (stream(&[QUICK, "id: 1\ndata: a\n\n", "id: 2\ndata: b\n", "\n"]), End::Whole),
        // The event that is not complete was not handed out: it is asked for again.
        (stream(&[QUICK, "id: 3\ndata: c\n\nid: 4\ndata: "]), End::Cut),
        (String::new(), End::Cut),
        (stream(&[QUICK, "id: 4\ndata: d\n\nid: 5\n\n"]), End::Silent),
        (stream(&["data: e\n\n"]), End::Silent),
    ])
    .await;
    let (source, seen) = source(&server.url, None);
    let mut source = source.silence(SILENCE).start();
    assert_eq!(data(&mut source, 4).await, ["a", "b", "c", "d"]);
    // The source is polled first, so that it waits for an event when the clock is set forward.
    let (last, ()) = tokio::join!(biased; data(&mut source, 1), pass(SILENCE));
    assert_eq!(last, ["e"]);
    let ids = [None, Some("2"), Some("3"), Some("3"), Some("5")].map(|id| id.map(str::to_owned));
    assert_eq!(server.ids(), ids);
    assert_eq!(
        *seen.lock().unwrap(),
        ["the server ended the stream", "None", "None", "the connection was silent for 30s"]
    );
    let head = &server.heads.lock().unwrap()[0];
    assert!(head.contains("accept: text/event-stream\r\n"), "{head}");
}

#[tokio::test]
async fn a_stream_begins_behind_the_event_that_its_reader_has() {
    let server = Server::start(vec![(stream(&["data: a\n\n"]), End::Silent)]).await;
    let mut source = source(&server.url, None).0.last_event_id("7").start();
    assert_eq!(next(&mut source).await.unwrap().unwrap().id, "7");
    assert_eq!(server.ids(), [Some("7".to_owned())]);
}

#[tokio::test]
async fn bytes_that_are_no_event_keep_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_head(&mut socket).await;
        socket.write_all(HEAD.as_bytes()).await.unwrap();
        // The two pauses are longer together than the connection may be silent.
        for _ in 0..2 {
            socket.write_all(b"2\r\n:\n\r\n").await.unwrap();
            // Gives the source several turns of the runtime, in each of which it can read.
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            pass(SILENCE * 3 / 5).await;
        }
        socket.write_all(b"9\r\ndata: a\n\n\r\n").await.unwrap();
        _ = socket.read_u8().await;
    });
    let (source, seen) = source(&url, None);
    assert_eq!(data(&mut source.silence(SILENCE).start(), 1).await, ["a"]);
    assert!(seen.lock().unwrap().is_empty(), "{seen:?}");
}

#[tokio::test]
async fn an_event_that_is_too_long_is_the_end() {
    let line = "x".repeat(64);
    let server = Server::start(vec![(stream(&["id: 1\ndata: a\n\n", "data: ", &line]), End::Silent)]).await;
    let mut source = source(&server.url, None).0.max_event(60).start();
    assert_eq!(data(&mut source, 1).await, ["a"]);
    let error = next(&mut source).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "unexpected response, 200 OK: an event of the stream is longer than it may be");
    assert!(next(&mut source).await.is_none());
}

fn reply(status: u16) -> String {
    let body = "{}";
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn errors_that_get_better_are_waited_for_and_others_end_the_stream() {
    let failing =
        ["502 Bad Gateway\r\ncontent-length: 0", "429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0"];
    let failing = failing.map(|head| (format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n"), End::Cut));
    let [first, second] = failing;
    let server = Server::start(vec![
        (stream(&[QUICK, "id: 1\ndata: a\n\n"]), End::Cut),
        first,
        second,
        (stream(&["data: b\n\n"]), End::Cut),
        (reply(410), End::Cut),
    ])
    .await;
    let (source, seen) = source(&server.url, None);
    let mut source = source.start();
    assert_eq!(data(&mut source, 1).await, ["a"]);
    let began = Instant::now();
    assert_eq!(data(&mut source, 1).await, ["b"]);
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After was not heeded: {:?}", began.elapsed());
    let error = next(&mut source).await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Problem(problem) if problem.status == 410), "{error:?}");
    assert!(next(&mut source).await.is_none(), "it asked again");
    assert_eq!(*seen.lock().unwrap(), ["None", "Some(502)", "Some(429)", "None"]);
}

#[tokio::test]
async fn a_token_that_was_refused_is_replaced_once() {
    let issuer = MockServer::start().await;
    let token =
        |text| ResponseTemplate::new(200).set_body_json(serde_json::json!({"access_token": text, "expires_in": 3600}));
    Mock::given(method("POST")).respond_with(token("old")).up_to_n_times(1).mount(&issuer).await;
    Mock::given(method("POST")).respond_with(token("new")).mount(&issuer).await;
    let credentials = ClientCredentials::new(&format!("{}/token", issuer.uri()), "shop", "s3cret");
    let tokens = TokenSource::client_credentials(credentials).unwrap();
    let server = Server::start(vec![
        (reply(401), End::Cut),
        (stream(&[QUICK, "data: a\n\n"]), End::Cut),
        (reply(401), End::Cut),
        (reply(401), End::Cut),
    ])
    .await;
    let mut source = source(&server.url, Some(tokens)).0.start();
    assert_eq!(data(&mut source, 1).await, ["a"]);
    let error = next(&mut source).await.unwrap().unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
    assert!(next(&mut source).await.is_none());
    let heads = server.heads.lock().unwrap();
    let sent = |index: usize, token: &str| heads[index].contains(&format!("authorization: Bearer {token}\r\n"));
    assert!(sent(0, "old") && (1..4).all(|index| sent(index, "new")), "{heads:?}");
}

#[tokio::test]
async fn dropping_a_source_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let closed = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        read_head(&mut socket).await;
        socket.write_all((HEAD.to_owned() + "9\r\ndata: a\n\n\r\n").as_bytes()).await.unwrap();
        while socket.read_u8().await.is_ok() {}
    });
    let mut source = source(&url, None).0.start();
    assert_eq!(data(&mut source, 1).await, ["a"]);
    drop(source);
    tokio::time::timeout(Duration::from_secs(60), closed).await.expect("the connection is closed").unwrap();
}
