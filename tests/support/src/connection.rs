//! A connection for bytes that no HTTP client would send, or would send when it likes.

use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, ToSocketAddrs},
};

/// How long a server may hold a connection that it is to close.
const CLOSING: Duration = Duration::from_secs(20);

/// A TCP connection to a server.
#[derive(Debug)]
pub struct Connection {
    /// The socket.
    pub stream: TcpStream,
}

impl Connection {
    /// Connects.
    ///
    /// # Panics
    /// When the server does not accept.
    pub async fn open(address: impl ToSocketAddrs + Send) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap_or_else(|error| panic!("cannot connect: {error}")) }
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// When the server takes none.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]> + Send) {
        self.stream.write_all(bytes.as_ref()).await.unwrap_or_else(|error| panic!("cannot send: {error}"));
    }

    /// Sends a POST of a body of JSON to the list of payments, and returns the answer: see [`exchange`](Self::exchange).
    pub async fn post(&mut self, body: &str) -> Option<String> {
        let head = "POST /v1/payments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length:";
        self.exchange(format!("{head} {}\r\n\r\n{body}", body.len())).await
    }

    /// Sends a request, and reads its answer as far as `Content-Length` says. There is none when the server closed the
    /// connection instead of beginning one.
    ///
    /// # Panics
    /// When the answer is torn, or has no `Content-Length`.
    pub async fn exchange(&mut self, request: impl AsRef<[u8]> + Send) -> Option<String> {
        self.stream.write_all(request.as_ref()).await.ok()?;
        let mut answer = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.unwrap_or_else(|| panic!("expected a Content-Length, got {text}")) {
                    return Some(text.into_owned());
                }
            }
            match self.stream.read_buf(&mut answer).await {
                Ok(1..) => {}
                ended => {
                    assert!(answer.is_empty(), "the answer is torn ({ended:?}): {}", String::from_utf8_lossy(&answer));
                    return None;
                }
            }
        }
    }

    /// Reads until the server closes or resets the connection; returns what it sent, and how long that took.
    ///
    /// # Panics
    /// When the server still holds it after 20 s.
    pub async fn closed(&mut self) -> (String, Duration) {
        let start = Instant::now();
        let mut sent = Vec::new();
        let read = tokio::time::timeout(CLOSING, self.stream.read_to_end(&mut sent)).await;
        let sent = String::from_utf8_lossy(&sent).into_owned();
        assert!(read.is_ok(), "the server still holds the connection after {CLOSING:?}; it sent {sent}");
        (sent, start.elapsed())
    }
}
