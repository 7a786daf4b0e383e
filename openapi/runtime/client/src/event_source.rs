//! Reads a stream of server-sent events that connects again by itself.
//!
//! A connection may end at any time: the server stops, a proxy has a time limit, a network goes away without a word. Each time the
//! source waits, longer after each failure, opens the stream anew behind the last event that it handed out, and goes on. It gives
//! up on what does not get better by waiting.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream;

use crate::{
    Backoff, ByteStream, Error, Problem, RawResponse, Response, ServerSentEvent,
    sse_parser::{SseParser, TooLong},
};

/// How long a connection may be silent: three times the 15 seconds after which the standard advises a comment.
const SILENCE: Duration = Duration::from_secs(45);
/// The most bytes of an event.
const MAX_EVENT: usize = 16 << 20;

/// Events, for ever, or until an error that does not get better, which is the last item.
///
/// Dropping it closes the connection.
#[must_use = "nothing happens before it is polled"]
pub struct EventSource<P: Problem>(BoxedEvents<P>);

/// What a source is made from.
#[must_use]
pub struct EventSourceBuilder<P: Problem> {
    open: Open<P>,
    last_event_id: String,
    silence: Duration,
    max_event: usize,
    on_interruption: OnInterruption<P>,
}

/// Why a stream stops for a while.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Interruption<P: Problem> {
    /// The server has ended the stream.
    #[error("the server ended the stream")]
    Ended,
    /// The connection was silent for longer than it may be.
    #[error("the connection was silent for {0:?}")]
    Silent(Duration),
    /// A request failed, or the connection.
    #[error(transparent)]
    Failed(#[from] Error<P>),
}

type BoxedEvents<P> = Pin<Box<dyn Stream<Item = Result<ServerSentEvent, Error<P>>> + Send>>;
type Opening<P> = Pin<Box<dyn Future<Output = Result<Response<ByteStream>, Error<P>>> + Send>>;
type Open<P> = Box<dyn Fn(Option<&str>) -> Opening<P> + Send>;
/// What a caller does about an interruption, and the wait that follows.
pub type OnInterruption<P> = Box<dyn Fn(&Interruption<P>, Duration) + Send>;

impl<P: Problem> EventSource<P> {
    /// A source of the streams that `open` opens. It is given the id of the last event, once there was one, to send as
    /// `Last-Event-ID`.
    pub fn builder<F>(open: impl Fn(Option<&str>) -> F + Send + 'static) -> EventSourceBuilder<P>
    where
        F: Future<Output = Result<Response<ByteStream>, Error<P>>> + Send + 'static,
    {
        EventSourceBuilder {
            open: Box::new(move |id| Box::pin(open(id))),
            last_event_id: String::new(),
            silence: SILENCE,
            max_event: MAX_EVENT,
            on_interruption: Box::new(|_, _| {}),
        }
    }

    /// Waits for the next event. Cancelling the wait loses none.
    pub async fn next(&mut self) -> Option<Result<ServerSentEvent, Error<P>>> {
        std::future::poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }
}

impl<P: Problem> EventSourceBuilder<P> {
    /// Begins behind the event with this id.
    pub fn last_event_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.last_event_id);
        self
    }

    /// Limits the time in which a connection may bring no byte; it is given up then. The default is 45 seconds.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Limits the bytes of an event. The default is 16 MiB; a longer one is [`Error::Unexpected`].
    pub fn max_event(mut self, bytes: usize) -> Self {
        self.max_event = bytes;
        self
    }

    /// Calls `hook` for each interruption, with the time until the source connects again. It should not block; log it, or
    /// count it.
    pub fn on_interruption(mut self, hook: impl Fn(&Interruption<P>, Duration) + Send + 'static) -> Self {
        self.on_interruption = Box::new(hook);
        self
    }

    /// The source. It connects when it is first polled.
    pub fn start(self) -> EventSource<P> {
        let reader = Reader { settings: self, backoff: Backoff::default(), state: State::Closed(Duration::ZERO) };
        EventSource(Box::pin(stream::unfold(reader, async |mut reader| {
            let event = reader.next().await?;
            Some((event, reader))
        })))
    }
}

struct Reader<P: Problem> {
    settings: EventSourceBuilder<P>,
    backoff: Backoff,
    state: State,
}

enum State {
    /// Without a connection for this long.
    Closed(Duration),
    Open(Box<Connection>),
    Over,
}

struct Connection {
    response: Response<ByteStream>,
    parser: SseParser,
    /// What was read and not parsed.
    chunk: Bytes,
}

impl<P: Problem> Reader<P> {
    async fn next(&mut self) -> Option<Result<ServerSentEvent, Error<P>>> {
        loop {
            let interruption = match &mut self.state {
                State::Over => return None,
                State::Open(connection) => match connection.next(self.settings.silence).await {
                    Ok(event) => {
                        self.backoff.succeed();
                        return Some(Ok(event));
                    }
                    Err(interruption) => self.close(interruption),
                },
                State::Closed(wait) => {
                    tokio::time::sleep(*wait).await;
                    self.open().await
                }
            };
            if let Err(error) = interruption {
                self.state = State::Over;
                return Some(Err(error));
            }
        }
    }

    async fn open(&mut self) -> Result<(), Error<P>> {
        let id = Some(self.settings.last_event_id.as_str()).filter(|id| !id.is_empty());
        let opening = (self.settings.open)(id);
        match opening.await {
            Ok(response) => {
                self.backoff.accept();
                let parser = SseParser::new(self.settings.max_event, &self.settings.last_event_id);
                self.state = State::Open(Box::new(Connection { response, parser, chunk: Bytes::new() }));
                Ok(())
            }
            Err(error) => self.interrupt(error.into()),
        }
    }

    /// Keeps what the connection has said about the next one.
    fn close(&mut self, interruption: Interruption<P>) -> Result<(), Error<P>> {
        if let State::Open(connection) = &mut self.state {
            connection.parser.last_id().clone_into(&mut self.settings.last_event_id);
            if let Some(retry) = connection.parser.take_retry() {
                self.backoff.set_base(retry);
            }
        }
        self.interrupt(interruption)
    }

    /// Decides how long to wait. An error that does not get better is handed back.
    fn interrupt(&mut self, interruption: Interruption<P>) -> Result<(), Error<P>> {
        let wait = match interruption {
            Interruption::Failed(error) => match self.backoff.after(&error) {
                None => return Err(error),
                Some(wait) => self.report(&Interruption::Failed(error), wait),
            },
            Interruption::Ended | Interruption::Silent(_) => {
                let wait = self.backoff.wait();
                self.report(&interruption, wait)
            }
        };
        self.state = State::Closed(wait);
        Ok(())
    }

    fn report(&self, interruption: &Interruption<P>, wait: Duration) -> Duration {
        (self.settings.on_interruption)(interruption, wait);
        wait
    }
}

impl Connection {
    async fn next<P: Problem>(&mut self, silence: Duration) -> Result<ServerSentEvent, Interruption<P>> {
        loop {
            match self.parser.next(&mut self.chunk) {
                Ok(Some(event)) => return Ok(event),
                Ok(None) => {}
                Err(TooLong) => return Err(self.too_long().into()),
            }
            let chunk = tokio::time::timeout(silence, self.response.body.chunk()).await;
            let chunk = chunk.map_err(|_| Interruption::Silent(silence))?.map_err(Error::Transport)?;
            self.chunk = chunk.ok_or(Interruption::Ended)?;
        }
    }

    fn too_long<P: Problem>(&self) -> Error<P> {
        let Response { status, headers, .. } = &self.response;
        let raw = RawResponse { status: *status, headers: headers.clone(), body: Vec::new() };
        raw.unexpected("an event of the stream is longer than it may be".to_owned())
    }
}

impl<P: Problem> Stream for EventSource<P> {
    type Item = Result<ServerSentEvent, Error<P>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<P: Problem> fmt::Debug for EventSource<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").finish_non_exhaustive()
    }
}

/// Leaves out what opens the streams.
impl<P: Problem> fmt::Debug for EventSourceBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { last_event_id, silence, max_event, .. } = self;
        let mut shown = f.debug_struct("EventSourceBuilder");
        shown.field("last_event_id", last_event_id).field("silence", silence).field("max_event", max_event);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
