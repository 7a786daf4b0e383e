//! A reader of a stream of server-sent events: of its bytes, so that nothing is mended on the way.

use crate::Client;
use serde_json::Value;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How long a stream may take to bring what a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stream that was opened.
#[derive(Debug)]
pub struct EventStream {
    response: reqwest::Response,
    text: String,
    /// The events that were read and not handed out.
    ready: VecDeque<StreamedEvent>,
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamedEvent {
    /// The cursor.
    pub id: String,
    /// The type.
    pub event: String,
    /// The JSON.
    pub data: Value,
    /// When it came.
    pub at: Instant,
}

impl EventStream {
    /// Opens a stream.
    ///
    /// # Panics
    /// When the answer is no stream.
    pub async fn open(client: &Client, query: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = reqwest::Client::new().get(format!("{}/v1/events/stream{query}", client.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(response.status(), 200, "{query}: expected a stream");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new(), ready: VecDeque::new() }
    }

    /// A header of the response.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The next event; `None` if the stream has ended.
    ///
    /// # Panics
    /// When there is none in time, or the text is no stream.
    pub async fn next(&mut self) -> Option<StreamedEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let read = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = read.unwrap_or_else(|_| panic!("no event within {PATIENCE:?}"));
            // A server that stops may close the connection before the last chunk.
            let chunk = chunk.ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap_or_else(|error| panic!("{error}")));
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                self.ready.push_back(parse(block));
                self.text = rest.to_owned();
            }
        }
    }

    /// The next event that is no bookmark.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn expect_event(&mut self) -> StreamedEvent {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("expected an event, and the stream has ended"));
            if event.event != "bookmark" {
                return event;
            }
        }
    }
}

fn parse(block: &str) -> StreamedEvent {
    // It stands before the first event.
    let lines = block.lines().filter(|line| *line != "retry: 1000");
    let fields: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    let [("id", id), ("event", event), ("data", data)] = fields[..] else { panic!("no event: {block:?}") };
    let data = serde_json::from_str(data).unwrap_or_else(|error| panic!("{data}: {error}"));
    StreamedEvent { id: id.to_owned(), event: event.to_owned(), data, at: Instant::now() }
}
