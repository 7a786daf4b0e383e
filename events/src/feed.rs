//! A walk over `GET /v1/events`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use futures_util::stream;
use openapi_client::{Backoff, Interruption, OnInterruption};
use payments_client::{
    apis::ListEvents,
    models::{Event, EventList, Problem},
    reqwest::Url,
};
use tokio::time::{Instant, sleep};

use crate::FollowError;

/// How long the server holds an answer without events: less than the timeout of a client, 30 seconds by default.
const WAIT: Duration = Duration::from_secs(20);
/// An answer that comes sooner was not held.
const AT_ONCE: Duration = Duration::from_millis(500);

/// Pages of events, for ever, or until an error that does not get better, which is the last item.
#[must_use = "nothing happens before it is polled"]
pub struct EventFeed(BoxedPages);

type BoxedPages = Pin<Box<dyn Stream<Item = Result<EventPage, FollowError>> + Send>>;

/// A page of events.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EventPage {
    /// The events in order. None mean that nothing happened while the answer was held, or that filters left all out.
    pub events: Vec<Event>,
    /// The cursor behind the page.
    pub cursor: String,
}

/// What a walk is made from.
#[must_use]
pub struct EventFeedBuilder {
    request: ListEvents,
    cursor: Option<String>,
    wait: Duration,
    on_interruption: OnInterruption<Problem>,
}

impl EventFeed {
    /// A walk by this request, with its filters and its size. It begins where the request says, `after` or at the first event that
    /// is kept, unless a cursor is set.
    pub fn builder(request: ListEvents) -> EventFeedBuilder {
        EventFeedBuilder { request, cursor: None, wait: WAIT, on_interruption: Box::new(|_, _| {}) }
    }

    /// Waits for the next page. Cancelling the wait loses none.
    pub async fn next(&mut self) -> Option<Result<EventPage, FollowError>> {
        std::future::poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }
}

impl EventFeedBuilder {
    /// Begins behind this cursor.
    pub fn resume_from(mut self, cursor: &str) -> Self {
        self.cursor = Some(cursor.to_owned());
        self
    }

    /// How long the server holds an answer that would be empty, in whole seconds, at least one. The default is 20; the server caps
    /// it at 30. Longer than the timeout of the client it makes each quiet request fail.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = Duration::from_secs(wait.as_secs().max(1));
        self
    }

    /// Calls `hook` for each failure that is waited for, with the time until the next request. It should not block; log it, or
    /// count it.
    pub fn on_interruption(mut self, hook: impl Fn(&Interruption<Problem>, Duration) + Send + 'static) -> Self {
        self.on_interruption = Box::new(hook);
        self
    }

    /// The walk. It asks when it is first polled.
    pub fn start(self) -> EventFeed {
        let walk = Walk { settings: self, backoff: Backoff::default(), pause: Duration::ZERO, is_over: false };
        EventFeed(Box::pin(stream::unfold(walk, async |mut walk| {
            let page = walk.next().await?;
            Some((page, walk))
        })))
    }
}

struct Walk {
    settings: EventFeedBuilder,
    backoff: Backoff,
    /// How long to wait before the next request.
    pause: Duration,
    is_over: bool,
}

impl Walk {
    async fn next(&mut self) -> Option<Result<EventPage, FollowError>> {
        while !self.is_over {
            sleep(std::mem::take(&mut self.pause)).await;
            let asked_at = Instant::now();
            let outcome = match self.request().send().await {
                Ok(response) => self.turn(response.body, asked_at.elapsed()).map(Some),
                Err(error) => match self.backoff.after(&error) {
                    Some(wait) => {
                        (self.settings.on_interruption)(&Interruption::Failed(error), wait);
                        self.pause = wait;
                        Ok(None)
                    }
                    None => Err(error.into()),
                },
            };
            self.is_over = outcome.is_err();
            if let Some(next) = outcome.transpose() {
                return Some(next);
            }
        }
        None
    }

    fn request(&self) -> ListEvents {
        let seconds = i64::try_from(self.settings.wait.as_secs()).unwrap_or(i64::MAX);
        let request = self.settings.request.clone().wait(seconds);
        match &self.settings.cursor {
            Some(cursor) => request.after(cursor),
            None => request,
        }
    }

    /// Goes on behind a page that took this long.
    fn turn(&mut self, page: EventList, took: Duration) -> Result<EventPage, FollowError> {
        let cursor = cursor_of(&page.links.next)?;
        self.backoff.accept();
        if page.data.is_empty() && took < AT_ONCE && self.settings.cursor.as_ref() == Some(&cursor) {
            // Such as a proxy that answers for the server: it would be asked without a pause.
            self.pause = self.backoff.wait();
        } else {
            self.backoff.succeed();
        }
        self.settings.cursor = Some(cursor.clone());
        Ok(EventPage { events: page.data, cursor })
    }
}

/// The cursor in a link to the next page.
fn cursor_of(link: &str) -> Result<String, FollowError> {
    let url = Url::parse(link).map_err(|fault| FollowError::Malformed(format!("links.next is no URL: {fault}")))?;
    let cursor = url.query_pairs().find(|(name, _)| name == "after").map(|(_, cursor)| cursor.into_owned());
    cursor.ok_or_else(|| FollowError::Malformed(format!("links.next has no cursor `after`: {link}")))
}

impl Stream for EventFeed {
    type Item = Result<EventPage, FollowError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for EventFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFeed").finish_non_exhaustive()
    }
}

/// Leaves out the hook.
impl fmt::Debug for EventFeedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, cursor, wait, on_interruption: _ } = self;
        let mut shown = f.debug_struct("EventFeedBuilder");
        shown.field("request", request).field("cursor", cursor).field("wait", wait).finish_non_exhaustive()
    }
}
