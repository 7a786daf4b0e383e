//! The stream of events: reads page by page from the store, and waits for news in between.
//!
//! The problem: thousands of clients listen, most of them idle, some of them slow; none of them may cost memory, hold back a
//! writer, or miss an event.
//!
//! The mechanism: a stream is a body that is polled when its client has taken what came before. Then it reads the next page from
//! the store, behind the last event that it has sent; it has no buffer that could overflow. Without a next event it waits for
//! news, which it has asked for before it looked. Few streams read at once, so that a thousand that are woken by one event hold
//! few pages; what they have made of them counts against the memory budget until it is sent.
//!
//! A stream ends when its token expires, when the service stops, and after about an hour, and its client resumes it with the
//! cursor of the last event. A bookmark brings that cursor forward while there is nothing to show.

use super::{
    cursor::{EventCursors, Fingerprint},
    feed::Feed,
    listeners::{Listening, Manner},
    pages::PACE,
    sse,
};
use crate::{
    http::{
        api::{ending::Ending, service::Service},
        caller::Caller,
        memory_budget::Holder,
        problem::Error,
    },
    payments::{Error as PaymentsError, EventPage, EventQuery, EventStart, Mark, News, Repo, Tenant},
};
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::{
    convert::Infallible,
    hash::{BuildHasher, Hasher, RandomState},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::{Instant, sleep, sleep_until};

/// How long a stream says nothing at most: proxies end connections that are silent for a minute, some for less.
const BOOKMARK: Duration = Duration::from_secs(15);
/// How long a stream lasts at most, and by how much less at random, so that streams that began together do not end together.
const LONGEST: Duration = Duration::from_secs(3600);
const JITTER: Duration = Duration::from_secs(300);
/// How long a stream waits before it asks a store again that was not there.
const AGAIN: Duration = Duration::from_millis(500);
/// How many streams read a page at once.
pub(in crate::http::api) const MAX_READS: usize = 32;
/// How many events a stream reads at first, and once it has come to the end.
const FEW: NonZeroU32 = NonZeroU32::new(16).unwrap();
/// How many events it reads at most, when there are many.
const MANY: NonZeroU32 = NonZeroU32::new(256).unwrap();

/// A stream of events.
struct EventStream<R> {
    service: Arc<Service<R>>,
    tenant: Tenant,
    query: EventQuery,
    fingerprint: Fingerprint,
    news: News,
    /// The place behind the last event that was looked at.
    last: Mark,
    /// Whether there was nothing behind `last` when the store was read.
    is_at_end: bool,
    /// What was read before the response began.
    first: Option<EventPage>,
    ending: Ending,
    _listening: Listening,
}

impl<R: Repo> Service<R> {
    /// Reads the first page of a stream, and returns the body of the response.
    pub(super) async fn open_stream(&self, caller: &Caller, feed: Feed) -> Result<Body, Error> {
        let listening = self.listeners.admit(caller.client(), Manner::Stream)?;
        let tenant = caller.tenant().clone();
        // Asked for before the first read, so that nothing comes in between.
        let news = self.repo.news(&tenant);
        let query = EventQuery { size: FEW, ..feed.query.clone() };
        let first = self.repo.events(&tenant, feed.start, &query).await.map_err(|error| feed.error(error))?;
        let stream = EventStream {
            service: self.shared()?,
            tenant,
            query,
            fingerprint: feed.fingerprint,
            news,
            last: first.last,
            is_at_end: first.is_at_end,
            first: Some(first),
            ending: self.listening_ends(longest(caller.expires_at())),
            _listening: listening,
        };
        let frames = stream::unfold(stream, |mut stream| async move {
            let frame = stream.next_frame().await?;
            Some((Ok::<_, Infallible>(frame), stream))
        });
        Ok(Body::from_stream(frames))
    }
}

/// How long a stream lasts that begins now, and whose token expires then.
fn longest(expires_at: Option<SystemTime>) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let longest = LONGEST - Duration::from_millis(random % (JITTER.as_secs() * 1000));
    let valid = expires_at.map(|at| at.duration_since(SystemTime::now()).unwrap_or_default());
    valid.map_or(longest, |valid| valid.min(longest))
}

impl<R: Repo> EventStream<R> {
    /// The next part of the stream; `None` at its end.
    async fn next_frame(&mut self) -> Option<Bytes> {
        let text = match self.first.take() {
            Some(first) => self.beginning(&first).ok()?,
            None => self.next_text().await?,
        };
        // Without room the stream ends, and is resumed a second later.
        let permit = self.service.settings.memory.reserve(text.len(), Holder::Response).ok()?;
        Some(sse::frame(text, permit))
    }

    /// What the stream begins with.
    fn beginning(&self, first: &EventPage) -> Result<Vec<u8>, PaymentsError> {
        let mut text = sse::RETRY.to_vec();
        if first.events.is_empty() {
            // Without it, a client that loses its connection before the first event would not know where to go on.
            text.extend(self.bookmark()?);
        } else {
            text.extend(self.text_of(first)?);
        }
        Ok(text)
    }

    /// Events, or a bookmark when there were none for some time.
    async fn next_text(&mut self) -> Option<Vec<u8>> {
        let bookmark_at = Instant::now() + BOOKMARK;
        let mut ending = self.ending.clone();
        tokio::select! {
            biased;
            () = ending.reached() => None,
            text = self.next_events() => text,
            () = sleep_until(bookmark_at) => self.bookmark().ok(),
        }
    }

    /// Waits for events, and reads them. A wait that is given up has lost none.
    async fn next_events(&mut self) -> Option<Vec<u8>> {
        loop {
            if self.is_at_end {
                self.news.wait().await;
                // From here on the news are known, whether this wait is given up or not.
                self.is_at_end = false;
                sleep(PACE).await;
            }
            match self.read_text().await {
                Ok(Some(text)) => return Some(text),
                Ok(None) => {}
                Err(PaymentsError::Overloaded | PaymentsError::Unavailable(_)) => sleep(AGAIN).await,
                // The client learns why when it resumes.
                Err(_) => return None,
            }
        }
    }

    /// Reads a page; `None` if there is nothing to show on it.
    async fn read_text(&mut self) -> Result<Option<Vec<u8>>, PaymentsError> {
        let service = Arc::clone(&self.service);
        let Ok(_turn) = service.stream_reads.acquire().await else { return Ok(None) };
        self.query.kept_since = service.kept_since();
        let page = service.repo.events(&self.tenant, EventStart::After(self.last), &self.query).await?;
        let is_full = page.events.len() >= usize::try_from(self.query.size.get()).unwrap_or(usize::MAX);
        self.query.size = if is_full { self.query.size.saturating_mul(FEW).min(MANY) } else { FEW };
        let text = if page.events.is_empty() { None } else { Some(self.text_of(&page)?) };
        // No wait between here and the caller, so that nothing is passed that is not sent.
        (self.last, self.is_at_end) = (page.last, page.is_at_end);
        Ok(text)
    }

    fn text_of(&self, page: &EventPage) -> Result<Vec<u8>, PaymentsError> {
        let cursors = self.cursors()?;
        let mut text = Vec::new();
        for (number, event) in (0..).zip(&page.events) {
            sse::push_event(&mut text, &cursors.write(event.mark(), number), &self.service.event(&self.tenant, event));
        }
        self.service.listeners.count_sent(page.events.len());
        Ok(text)
    }

    fn bookmark(&self) -> Result<Vec<u8>, PaymentsError> {
        let mut text = Vec::new();
        sse::push_bookmark(&mut text, &self.cursors()?.write(self.last, 0));
        Ok(text)
    }

    fn cursors(&self) -> Result<EventCursors, PaymentsError> {
        EventCursors::of(&self.tenant, self.fingerprint, self.service.repo.secret())
    }
}
