//! Follows the stream of events, as a client that knows what this service sends: other people's clients read it in
//! `tests/event_clients`.

use super::{changes, outcome, reason};
use crate::model::{Call, Event, Name, Outcome};
use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::Value;
use std::time::{Duration, Instant};
use test_support::Answer;
use tokio::time::{Instant as Deadline, timeout_at};

/// The most bytes that one event may take.
const LONGEST: usize = 1 << 20;

/// How long a client listens.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Until when.
    pub until: Instant,
    /// The event that ends it.
    pub last: Option<Name>,
    /// Whether `until` is so late that the stream must have shown everything by then.
    pub is_patient: bool,
}

/// What a connection showed.
#[derive(Debug)]
pub struct Heard {
    /// What came of the call.
    pub outcome: Outcome,
    /// The cursor of the last event or bookmark; none if there was none.
    pub cursor: Option<String>,
}

impl Heard {
    fn nothing(outcome: Outcome) -> Self {
        Self { outcome, cursor: None }
    }
}

/// Opens the stream, behind a cursor if there is one, and listens.
pub async fn listen(call: &Call, pool: &reqwest::Client, url: String, cursor: Option<&str>, how: &Listen) -> Heard {
    let request = pool.get(&url);
    let request = match cursor {
        Some(cursor) => request.header("last-event-id", cursor),
        None => request,
    };
    let Ok(sent) = timeout_at(Deadline::from_std(how.until), request.send()).await else {
        return Heard::nothing(Outcome::Unknown("the stream did not begin".to_owned()));
    };
    match sent {
        Ok(response) if response.status() == 200 && is_stream(&response) => read(response, how).await,
        Ok(response) => refusal(call, url, response).await,
        Err(error) => Heard::nothing(outcome(call, Err(&error))),
    }
}

fn is_stream(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"))
}

async fn refusal(call: &Call, url: String, response: Response) -> Heard {
    let (status, version, headers) = (response.status().as_u16(), response.version(), response.headers().clone());
    Heard::nothing(match response.bytes().await {
        Ok(bytes) => {
            let (request, bytes, took) = (format!("GET {url}"), bytes.to_vec(), Duration::ZERO);
            outcome(call, Ok(&Answer { request, status, version, headers, bytes, took }))
        }
        Err(error) => Outcome::Unknown(reason(&error)),
    })
}

/// Reads frames until the connection ends, the time is over, or the last event has come. What came of a frame that was cut
/// off is nothing: the stream is resumed behind the frame before it.
async fn read(mut response: Response, how: &Listen) -> Heard {
    let (mut events, mut cursor, mut text) = (Vec::<Event>::new(), None, Vec::new());
    let mut at_end = false;
    let is_last = |event: &Event| how.last.as_ref() == Some(&event.name);
    while !events.last().is_some_and(is_last) {
        let Ok(chunk) = timeout_at(Deadline::from_std(how.until), response.chunk()).await else {
            at_end = how.is_patient;
            break;
        };
        let Ok(Some(chunk)) = chunk else { break };
        text.extend_from_slice(&chunk);
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<_> = text.drain(..end.saturating_add(2)).collect();
            let Some((id, event)) = parse(&frame) else {
                let frame = String::from_utf8_lossy(&frame);
                return Heard::nothing(Outcome::Unexpected(format!("a stream with the frame {frame:?}")));
            };
            cursor = id.or(cursor);
            events.extend(event);
        }
        if text.len() > LONGEST {
            return Heard::nothing(Outcome::Unexpected("a stream with an event that has no end".to_owned()));
        }
    }
    Heard { outcome: Outcome::Events { events, at_end }, cursor }
}

/// Reads a frame: its cursor, and its event. A bookmark has no event, and the first frame of all has neither.
fn parse(frame: &[u8]) -> Option<(Option<String>, Option<Event>)> {
    let text = std::str::from_utf8(frame).ok()?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let (id, data) = (field("id").map(str::to_owned), field("data"));
    match (field("event"), data) {
        (None, None) => Some((id, None)),
        (Some("bookmark"), Some("{}")) => Some((Some(id?), None)),
        (Some(kind), Some(data)) => {
            let data: Value = serde_json::from_str(data).ok()?;
            (data.get("type")?.as_str()? == kind).then_some(())?;
            Some((Some(id?), Some(changes::event(&data)?)))
        }
        (None, Some(_)) | (Some(_), None) => None,
    }
}
