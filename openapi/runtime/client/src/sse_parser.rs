//! Parses server-sent events (HTML Standard, section 9.2.6) from chunks of bytes, one event at a time, in bounded memory.
//!
//! No crate that parses them limits an event (eventsource-stream, sse-stream, sseer), so a server that never ends a line takes all
//! memory of its client. A test holds this parser to one of them.

use std::time::Duration;

use bytes::{Buf, Bytes};
use memchr::memchr2;

/// An event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSentEvent {
    /// The last `id` that the stream gave, with this event or before; empty if there was none.
    pub id: String,
    /// The type of the event; `message` if the stream gives none.
    pub event: String,
    /// The data: its lines, joined by line feeds.
    pub data: String,
}

/// More bytes of an event than the parser may hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

pub(crate) struct SseParser {
    /// The most bytes of an event, with the line that is being read.
    most: usize,
    /// The line as far as it has come.
    line: Vec<u8>,
    /// The last line ended with CR: an LF that follows belongs to that end.
    is_after_cr: bool,
    is_first_line: bool,
    /// Each line of data, followed by a line feed.
    data: String,
    event: String,
    id: String,
    /// What `id` was at the end of the last event.
    last_id: String,
    retry: Option<Duration>,
}

impl SseParser {
    /// A parser of a stream that follows one whose last id was `last_id`.
    pub(crate) fn new(most: usize, last_id: &str) -> Self {
        Self {
            most,
            line: Vec::new(),
            is_after_cr: false,
            is_first_line: true,
            data: String::new(),
            event: String::new(),
            id: last_id.to_owned(),
            last_id: last_id.to_owned(),
            retry: None,
        }
    }

    /// Takes bytes from the beginning of `chunk` until an event is complete. `None` means that all were taken.
    pub(crate) fn next(&mut self, chunk: &mut Bytes) -> Result<Option<ServerSentEvent>, TooLong> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.is_after_cr) && chunk.first() == Some(&b'\n') {
                chunk.advance(1);
                continue;
            }
            let end = memchr2(b'\r', b'\n', chunk);
            self.extend(&chunk.split_to(end.unwrap_or(chunk.len())))?;
            if end.is_none() {
                break;
            }
            // Not left to the next byte, which may be long in coming.
            self.is_after_cr = chunk.get_u8() == b'\r';
            if let Some(event) = self.end_line() {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// The id after which the stream has to go on.
    pub(crate) fn last_id(&self) -> &str {
        &self.last_id
    }

    /// The time to wait before connecting again, if the stream has set it since it was asked last.
    pub(crate) fn take_retry(&mut self) -> Option<Duration> {
        self.retry.take()
    }

    fn extend(&mut self, part: &[u8]) -> Result<(), TooLong> {
        let held = self.line.len() + self.data.len() + self.event.len() + self.id.len();
        if part.len() > self.most.saturating_sub(held) {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self) -> Option<ServerSentEvent> {
        let mut line = std::mem::take(&mut self.line);
        let is_first = std::mem::take(&mut self.is_first_line);
        let text = line.strip_prefix("\u{feff}".as_bytes()).filter(|_| is_first).unwrap_or(&line);
        if text.is_empty() {
            return self.dispatch();
        }
        // The same as decoding the whole stream: no ill-formed sequence goes on behind the end of a line.
        self.field(&String::from_utf8_lossy(text));
        line.clear();
        self.line = line;
        None
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.data.extend([value, "\n"]),
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry);
            }
            // A comment, which has no name, or what another standard adds.
            _ => {}
        }
    }

    /// Ends an event. One without data only sets the id.
    fn dispatch(&mut self) -> Option<ServerSentEvent> {
        self.id.clone_into(&mut self.last_id);
        let (mut data, event) = (std::mem::take(&mut self.data), std::mem::take(&mut self.event));
        data.pop()?;
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(ServerSentEvent { id: self.last_id.clone(), event, data })
    }
}

#[cfg(test)]
mod tests;
