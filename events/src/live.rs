//! The events of `GET /v1/events/stream`.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use openapi_client::{EventSource, EventSourceBuilder, Interruption, ServerSentEvent};
use payments_client::{
    apis::StreamEvents,
    models::{Event, Problem},
};

use crate::FollowError;

/// The type of a message that tells the cursor, and nothing else.
const BOOKMARK: &str = "bookmark";

/// Events and bookmarks, for ever, or until an error that does not get better, which is the last item. Dropping it closes the
/// connection.
///
/// The stream is opened again, behind the last cursor, when the server ends it, when the connection breaks, and when it brings no
/// byte for 45 seconds: the server sends a bookmark every 15.
#[derive(Debug)]
#[must_use = "nothing happens before it is polled"]
pub struct LiveEvents {
    source: EventSource<Problem>,
    is_over: bool,
}

/// An event, or a bookmark.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LiveEvent {
    /// What happened; `None` is a bookmark.
    pub event: Option<Event>,
    /// The cursor behind it.
    pub cursor: String,
}

/// What a stream is made from.
#[derive(Debug)]
#[must_use]
pub struct LiveEventsBuilder(EventSourceBuilder<Problem>);

impl LiveEvents {
    /// The stream of this request, with its filters. It begins where the request says, `after` or at the first event that is kept,
    /// unless a cursor is set.
    pub fn builder(request: StreamEvents) -> LiveEventsBuilder {
        LiveEventsBuilder(EventSource::builder(move |cursor: Option<&str>| {
            let request = request.clone();
            if let Some(cursor) = cursor { request.last_event_id(cursor) } else { request }.send()
        }))
    }

    /// Waits for the next event or bookmark. Cancelling the wait loses none.
    pub async fn next(&mut self) -> Option<Result<LiveEvent, FollowError>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl LiveEventsBuilder {
    /// Begins behind this cursor.
    pub fn resume_from(self, cursor: &str) -> Self {
        Self(self.0.last_event_id(cursor))
    }

    /// Limits the time in which a connection may bring no byte. The default is 45 seconds.
    pub fn silence(self, silence: Duration) -> Self {
        Self(self.0.silence(silence))
    }

    /// Limits the bytes of an event. The default is 16 MiB; a longer one is the end.
    pub fn max_event(self, bytes: usize) -> Self {
        Self(self.0.max_event(bytes))
    }

    /// Calls `hook` for each interruption, with the time until the stream is opened again. It should not block; log it, or count it.
    pub fn on_interruption(self, hook: impl Fn(&Interruption<Problem>, Duration) + Send + 'static) -> Self {
        Self(self.0.on_interruption(hook))
    }

    /// The stream. It connects when it is first polled.
    pub fn start(self) -> LiveEvents {
        LiveEvents { source: self.0.start(), is_over: false }
    }
}

impl Stream for LiveEvents {
    type Item = Result<LiveEvent, FollowError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.source).poll_next(context).map(|next| {
            let next = next.map(|message| message.map_err(FollowError::from).and_then(read));
            self.is_over = !matches!(next, Some(Ok(_)));
            next
        })
    }
}

fn read(ServerSentEvent { id, event, data, .. }: ServerSentEvent) -> Result<LiveEvent, FollowError> {
    if id.is_empty() {
        return Err(FollowError::Malformed(format!("the {event} of the stream has no id, which is its cursor")));
    }
    if event == BOOKMARK {
        return Ok(LiveEvent { event: None, cursor: id });
    }
    let fault =
        |fault| FollowError::Malformed(format!("the {event} behind {id} is not what the contract says: {fault}"));
    let read = serde_json::from_str(&data).map_err(fault)?;
    Ok(LiveEvent { event: Some(read), cursor: id })
}
