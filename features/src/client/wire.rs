//! HTTP by hand, for what no library would send.

use super::{Answer, Failure, Request};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The request as it goes over the wire. The connection is not used again.
pub(super) fn text(url: &str, request: &Request) -> Vec<u8> {
    let Request { method, target, headers, body } = request;
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", authority(url));
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        head += &format!("content-length: {}\r\n", body.len());
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What `bytes` ask for, as far as they are HTTP.
pub(super) fn request(bytes: &[u8]) -> Request {
    let text = String::from_utf8_lossy(bytes);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    Request { method: word(), target: word(), headers: Vec::new(), body: bytes.to_vec() }
}

/// Sends `bytes`, and reads until the server closes the connection or has said all it announced.
pub(super) async fn send(url: &str, bytes: &[u8], patience: Duration) -> Result<Answer, Failure> {
    let mut received = Vec::new();
    match timeout(patience, talk(url, bytes, &mut received)).await {
        Ok(Ok(())) => {}
        // A server may close before it has read everything; what it said until then counts.
        Ok(Err(_)) if !received.is_empty() => {}
        Ok(Err(error)) => return Err(Failure::new(&error)),
        Err(_) => return Err(Failure::silence(patience)),
    }
    answer(&received).ok_or_else(|| {
        let said = String::from_utf8_lossy(&received);
        Failure(if said.is_empty() {
            "the connection was closed without an answer".to_owned()
        } else {
            format!("the answer is not HTTP: {said}")
        })
    })
}

async fn talk(url: &str, bytes: &[u8], received: &mut Vec<u8>) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(authority(url)).await?;
    stream.write_all(bytes).await?;
    while stream.read_buf(received).await? > 0 {
        if answer(received).is_some_and(|answer| is_whole(&answer)) {
            break;
        }
    }
    Ok(())
}

fn is_whole(answer: &Answer) -> bool {
    let announced = answer.header("content-length").and_then(|length| length.parse().ok());
    announced.is_some_and(|length: usize| answer.body.len() >= length)
}

/// Takes an answer apart. Chunks are left as they are: what is asked for here has none.
fn answer(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Some(Answer { status, headers: lines.filter_map(header).collect(), body: received[end + 4..].to_vec() })
}

fn authority(url: &str) -> &str {
    url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/')
}
