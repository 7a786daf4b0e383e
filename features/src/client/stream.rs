//! A stream of server-sent events that stays open while a scenario goes on.

use super::{Answer, Client, Exchange, NoAnswer, Request, as_reqwest};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long the next event may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stream whose head was read.
#[derive(Debug)]
pub struct OpenStream {
    response: reqwest::Response,
    text: String,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamedEvent {
    /// The cursor behind it.
    pub id: String,
    /// Its type.
    pub event: String,
    /// What it says.
    pub data: Value,
}

impl Client {
    /// Sends `request`, and reads no more than the head of a stream. What is no success is read to its end.
    pub async fn open(&self, url: &str, request: Request) -> (Exchange, Option<OpenStream>) {
        let began = Instant::now();
        let Some((method, address, headers)) = as_reqwest(url, &request) else {
            return (self.send(url, request).await, None);
        };
        let sent = tokio::time::timeout(PATIENCE, self.streams.request(method, address).headers(headers).send()).await;
        match sent {
            Ok(Ok(response)) if response.status().is_success() => {
                let head = response.headers().iter();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                let headers = head.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
                let answer = Answer { status: response.status().as_u16(), headers, body: Vec::new() };
                let exchange = Exchange { request, outcome: Ok(answer), took: began.elapsed() };
                (exchange, Some(OpenStream { response, text: String::new() }))
            }
            Ok(Ok(_)) => (self.send(url, request).await, None),
            Ok(Err(error)) => (Exchange { request, outcome: Err(NoAnswer::new(&error)), took: began.elapsed() }, None),
            Err(_) => (Exchange { request, outcome: Err(NoAnswer::timeout(PATIENCE)), took: began.elapsed() }, None),
        }
    }
}

impl OpenStream {
    /// The next event that is no bookmark.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn next(&mut self) -> Result<StreamedEvent, String> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let event = parse(block)?;
                self.text = rest.to_owned();
                if event.event != "bookmark" {
                    return Ok(event);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk =
                chunk.map_err(|_| format!("no event within {PATIENCE:?}"))?.map_err(|error| error.to_string())?;
            let chunk = chunk.ok_or("the stream has ended")?;
            self.text.push_str(std::str::from_utf8(&chunk).map_err(|error| error.to_string())?);
        }
    }
}

/// Reads the lines between two blank ones. The first event says when to connect again, too.
fn parse(block: &str) -> Result<StreamedEvent, String> {
    let fields: Vec<_> = block.lines().filter_map(|line| line.split_once(": ")).collect();
    match fields[..] {
        [("id", id), ("event", event), ("data", data)]
        | [("retry", _), ("id", id), ("event", event), ("data", data)] => {
            let data = crate::json::parse(data.as_bytes()).map_err(|error| format!("{data}: {error}"))?;
            Ok(StreamedEvent { id: id.to_owned(), event: event.to_owned(), data })
        }
        _ => Err(format!("{block:?} is no event")),
    }
}
