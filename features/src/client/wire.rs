//! Writes and reads HTTP/1.1 on a plain connection, for requests that no HTTP library sends.

use super::{Answer, NoAnswer, Request};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Serialises a request. The connection is closed after it.
pub(super) fn serialise(url: &str, request: &Request) -> Vec<u8> {
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

/// Parses the method and the target of `bytes`, as far as they are HTTP.
pub(super) fn parse_request(bytes: &[u8]) -> Request {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.lines().next().unwrap_or_default().split(' ');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    Request { method: part(), target: part(), headers: Vec::new(), body: bytes.to_vec() }
}

/// Sends `bytes`, and reads until the server closes the connection, or has sent the body that Content-Length announced.
pub(super) async fn send(url: &str, bytes: &[u8], limit: Duration) -> Result<Answer, NoAnswer> {
    let mut received = Vec::new();
    match timeout(limit, exchange(url, bytes, &mut received)).await {
        Ok(Ok(())) => {}
        // A server may reset the connection before it has read everything. What it sent until then counts.
        Ok(Err(_)) if !received.is_empty() => {}
        Ok(Err(error)) => return Err(NoAnswer::new(&error)),
        Err(_) => return Err(NoAnswer::timeout(limit)),
    }
    parse_answer(&received).ok_or_else(|| {
        let text = String::from_utf8_lossy(&received);
        NoAnswer(if text.is_empty() {
            "the connection was closed without an answer".to_owned()
        } else {
            format!("the answer is not HTTP: {text}")
        })
    })
}

async fn exchange(url: &str, bytes: &[u8], received: &mut Vec<u8>) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(authority(url)).await?;
    stream.write_all(bytes).await?;
    while stream.read_buf(received).await? > 0 {
        if parse_answer(received).is_some_and(|answer| is_complete(&answer)) {
            break;
        }
    }
    Ok(())
}

fn is_complete(answer: &Answer) -> bool {
    let announced = answer.header("content-length").and_then(|length| length.parse().ok());
    announced.is_some_and(|length: usize| answer.body.len() >= length)
}

/// Parses an answer. A chunked body is left encoded; the service sends none to these requests.
fn parse_answer(received: &[u8]) -> Option<Answer> {
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
