//! Clients that follow what happens: by pages of events, by the stream, and through the histories of payments.

use crate::{
    model::{Call, Event, Follow, Id, Name, Outcome, Place},
    run::{ATTEMPTS, Performer},
    send::{self, Listen},
};
use std::time::{Duration, Instant};

/// How large pages of events are.
const SIZES: [u32; 6] = [1, 3, 10, 10, 50, 200];
/// The largest size that the service allows.
const LARGEST: u32 = 1000;
/// How many pages a walk has before its client begins another: at the least, and at the most.
const PARTS: (u32, u32) = (3, 60);
/// How many pages a client reads that does other things, too.
const GLANCE: u32 = 4;
/// How long a client pauses between two pages at the most, in milliseconds. Without pauses the events that were read would be far more
/// than those that were written.
const PACE: u64 = 25;
/// For how many seconds pages wait for news, if they do.
const WAIT: u32 = 1;
/// How long one connection of a stream is used at the most, in milliseconds.
const CONNECTION: u64 = 2_500;
/// How long the events may take to show the last of them, when all is well again: longer than any may be held back.
const CATCHING_UP: Duration = Duration::from_secs(10);

/// A walk through the events, between two of its parts.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    number: u32,
    part: u32,
    from: Place,
    is_stream: bool,
    /// The path of the next page, or that of the stream.
    path: String,
    /// Behind what the stream is resumed.
    cursor: Option<String>,
}

impl Walk {
    pub(crate) const fn is_stream(&self) -> bool {
        self.is_stream
    }

    fn follow(&self) -> Follow {
        Follow { walk: self.number, part: self.part, from: self.from.clone() }
    }

    /// Goes on behind these events.
    fn pass(&mut self, events: &[Event]) {
        self.part += 1;
        self.from = match (events.last(), &self.from) {
            (Some(last), _) => Place::Behind(Name::clone(&last.name)),
            (None, Place::Now) => Place::Somewhere,
            (None, other) => other.clone(),
        };
    }
}

fn shows(outcome: &Outcome, last: Option<&Name>) -> bool {
    matches!(outcome, Outcome::Events { events, .. } if events.iter().any(|event| Some(&event.name) == last))
}

impl Performer {
    /// A walk from the beginning, from now, or from a cursor that any client has kept.
    fn begin_walk(&mut self) -> Walk {
        let bookmark = self.board.bookmark(&mut self.rng);
        let (after, from) = match (self.rng.u32(..10), bookmark) {
            (0, _) => (Some("now".to_owned()), Place::Now),
            (1..=7, Some((cursor, place))) => (Some(cursor), place),
            _ => (None, Place::Beginning),
        };
        self.walk_from(after.as_deref(), from)
    }

    fn walk_from(&mut self, after: Option<&str>, from: Place) -> Walk {
        let size = SIZES.get(self.rng.usize(..SIZES.len())).copied().unwrap_or(1);
        let wait = if self.rng.bool() { WAIT } else { 0 };
        let path = send::first_events(after, size, wait, self.rng.bool());
        Walk { number: self.board.new_walk(), part: 0, from, is_stream: false, path, cursor: None }
    }

    /// Walks through the events for as long as `goes_on` says, and returns the last walk, which is to be brought to its end.
    pub(crate) async fn walk_events(&mut self, goes_on: impl Fn() -> bool) -> Option<Walk> {
        loop {
            let mut walk = self.begin_walk();
            let parts = self.rng.u32(PARTS.0..=PARTS.1);
            while walk.part < parts {
                if !goes_on() {
                    return Some(walk);
                }
                let outcome = self.read_events(&mut walk, None).await;
                if matches!(outcome, Outcome::Unexpected(_)) {
                    return None;
                }
                self.pause_after(&outcome).await;
                tokio::time::sleep(Duration::from_millis(self.rng.u64(..PACE))).await;
            }
        }
    }

    /// Reads a few pages from the beginning.
    pub(crate) async fn glance_at_events(&mut self) -> Outcome {
        let mut walk = self.walk_from(None, Place::Beginning);
        // A page that waits would say nothing of how fast the service is.
        walk.path = send::first_events(None, LARGEST / 10, 0, self.rng.bool());
        let mut last = Outcome::Unknown("no page was read".to_owned());
        for _ in 0..GLANCE {
            last = self.read_events(&mut walk, None).await;
            if !matches!(last, Outcome::Events { at_end: false, .. }) {
                self.pause_after(&last).await;
                break;
            }
        }
        last
    }

    /// Reads the next page of a walk. Without an answer the walk stays where it is.
    async fn read_events(&mut self, walk: &mut Walk, url: Option<&str>) -> Outcome {
        let from = url.map_or_else(|| self.addresses.any(&mut self.rng), str::to_owned);
        let (outcome, next) = self.perform(Call::Events(walk.follow()), &walk.path, &from).await;
        if let (Outcome::Events { events, .. }, Some(next)) = (&outcome, next) {
            walk.pass(events);
            if let Some(cursor) = send::cursor_in(&next)
                && walk.from != Place::Somewhere
            {
                self.board.keep_bookmark(&mut self.rng, cursor, &walk.from);
            }
            walk.path = next;
        }
        outcome
    }

    /// Brings a walk to its end: to the event `last`, or to where nothing comes for long.
    pub(crate) async fn catch_up(&mut self, mut walk: Walk, last: Option<&Name>, url: Option<&str>) {
        let until = Instant::now() + CATCHING_UP;
        let mut patient = false;
        loop {
            let outcome = self.read_events(&mut walk, url).await;
            if shows(&outcome, last) || patient || matches!(outcome, Outcome::Unexpected(_)) {
                return;
            }
            // One more page after the time is over.
            patient = Instant::now() > until;
            self.pause_after(&outcome).await;
            if matches!(outcome, Outcome::Events { at_end: true, .. }) {
                tokio::time::sleep(Duration::from_millis(PACE)).await;
            }
        }
    }

    /// The name of the event of a payment's creation, which nothing comes behind.
    pub(crate) async fn find_event(&mut self, id: &Id) -> Option<Name> {
        let until = Instant::now() + CATCHING_UP;
        let mut walk = self.walk_from(None, Place::Beginning);
        walk.path = send::first_events(None, LARGEST, WAIT, false);
        while Instant::now() < until {
            let outcome = self.read_events(&mut walk, None).await;
            if let Outcome::Events { events, .. } = &outcome
                && let Some(event) = events.iter().find(|event| event.id == *id)
            {
                return Some(Name::clone(&event.name));
            }
            self.pause_after(&outcome).await;
        }
        None
    }

    /// Walks from the beginning to the event `last`, in pages of any size.
    pub(crate) async fn read_all_events(&mut self, last: Option<&Name>, url: &str) {
        let mut walk = self.walk_from(None, Place::Beginning);
        let size = self.rng.u32(20..1000);
        walk.path = send::first_events(None, size, WAIT, self.rng.bool());
        self.catch_up(walk, last, Some(url)).await;
    }

    /// Follows the stream of events for as long as `goes_on` says.
    pub(crate) async fn follow_stream(&mut self, goes_on: impl Fn() -> bool) -> Option<Walk> {
        let (after, from) = if self.rng.bool() { (None, Place::Beginning) } else { (Some("now"), Place::Now) };
        let path = send::stream(after);
        let mut walk = Walk { number: self.board.new_walk(), part: 0, from, is_stream: true, path, cursor: None };
        while goes_on() {
            let until = Instant::now() + Duration::from_millis(self.rng.u64(..CONNECTION));
            let outcome = self.listen(&mut walk, &Listen { until, last: None, is_patient: false }).await;
            if matches!(outcome, Outcome::Unexpected(_)) {
                return None;
            }
            self.pause_after(&outcome).await;
        }
        Some(walk)
    }

    /// Follows the stream to the event `last`, or until it must have come.
    pub(crate) async fn catch_up_by_stream(&mut self, mut walk: Walk, last: Option<&Name>) {
        let until = Instant::now() + CATCHING_UP;
        while Instant::now() < until {
            let how = Listen { until, last: last.cloned(), is_patient: true };
            let outcome = self.listen(&mut walk, &how).await;
            if shows(&outcome, last) || matches!(outcome, Outcome::Unexpected(_)) {
                return;
            }
            self.pause_after(&outcome).await;
        }
    }

    /// One connection of a stream.
    async fn listen(&mut self, walk: &mut Walk, how: &Listen) -> Outcome {
        let url = self.addresses.any(&mut self.rng) + &walk.path;
        let call = Call::Stream(walk.follow());
        let number = self.recorder.begin(self.number, call.clone());
        let heard = send::listen(&call, &self.pool, url, walk.cursor.as_deref(), how).await;
        self.recorder.end(number, heard.outcome.clone());
        if let Outcome::Events { events, .. } = &heard.outcome {
            walk.pass(events);
            walk.cursor = heard.cursor.or(walk.cursor.take());
            if let Some(cursor) = walk.cursor.as_deref().filter(|_| walk.from != Place::Somewhere) {
                self.board.keep_bookmark(&mut self.rng, cursor, &walk.from);
            }
            // Before its first bookmark came, what `now` was is not known, and it is asked for again.
            if walk.cursor.is_none() && walk.from == Place::Somewhere {
                walk.from = Place::Now;
            }
        }
        heard.outcome
    }

    /// Reads the history of a payment to its end, each page from any replica, or from the one at `url`.
    pub(crate) async fn read_history(&mut self, id: &Id, url: Option<&str>) -> Outcome {
        let mut path = send::first_versions(id, self.rng.u32(1..=8));
        let (mut below, mut attempts) = (None, 0);
        loop {
            let from = url.map_or_else(|| self.addresses.any(&mut self.rng), str::to_owned);
            let (outcome, next) = self.perform(Call::PastVersions { id: id.clone(), below }, &path, &from).await;
            match (&outcome, next) {
                (Outcome::Versions { changes, .. }, Some(next)) => {
                    below = changes.last().map(|change| change.version);
                    (path, attempts) = (next, 0);
                }
                (Outcome::NotDone(_) | Outcome::Unknown(_), _) if attempts < ATTEMPTS => {
                    attempts += 1;
                    self.pause_after(&outcome).await;
                }
                _ => return outcome,
            }
        }
    }
}
