//! Decides when a connection has to end: because its client does not read, or because nothing was asked for long.
//!
//! The timeouts of the stream see neither over HTTP/2, where a client that answers PING keeps the stream busy. The
//! watchdog looks now and then, at what the requests and responses of the connection have counted. Its timer is set only
//! while there is something to look at, so that a connection over HTTP/1 whose client reads never has one.

use super::{request_heads::RequestCounts, slow_readers::UnsentResponses, timeouts::ConnectionTimeouts};
use std::{fmt, future::Future, pin::Pin, sync::Arc, task::Context, time::Duration};
use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// Watches one connection.
#[derive(Debug)]
pub(super) struct Watchdog {
    requests: Arc<RequestCounts>,
    responses: Arc<UnsentResponses>,
    timeouts: ConnectionTimeouts,
    waits_for: WaitsFor,
    /// Allocated when first set.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What the timer is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitsFor {
    /// It is not set.
    Nothing,
    /// The end of a period in which responses are unsent.
    Period,
    /// The end of the time that the connection may be idle.
    Idle,
    /// The time at which the connection, which was told to end, is closed.
    End,
    /// It is not set; the connection was told to end within this time.
    Leave(Duration),
}

/// What is to be done with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Keep,
    /// It takes no more requests, and ends when those under way are answered. Said once.
    Retire(Reason),
    /// It ends now.
    Close,
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// A response was not read.
    SlowReader,
    /// Nothing was asked for too long.
    Idle,
}

impl Watchdog {
    pub(super) fn new(
        requests: Arc<RequestCounts>,
        responses: Arc<UnsentResponses>,
        timeouts: ConnectionTimeouts,
    ) -> Self {
        Self { requests, responses, timeouts, waits_for: WaitsFor::Nothing, timer: None }
    }

    /// Looks whether the connection has to end. If not, the task is woken when it is time for the next look.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Verdict {
        if !self.is_due() {
            return Verdict::Keep;
        }
        loop {
            let (verdict, waits_for, after) = self.look();
            self.waits_for = waits_for;
            let has_fired = match (waits_for, verdict) {
                (WaitsFor::Nothing, _) | (_, Verdict::Close) => false,
                _ => self.set_timer(context, after),
            };
            if !has_fired || verdict != Verdict::Keep {
                return verdict;
            }
        }
    }

    /// Lets the connection, which was told to end for another reason, go on for no longer than this. It is looked at in the
    /// next [`poll`](Self::poll).
    pub(super) fn end_within(&mut self, limit: Duration) {
        self.waits_for = WaitsFor::Leave(limit);
    }

    /// Returns whether there is something to look at. Cheap, because the task is woken for every request.
    fn is_due(&self) -> bool {
        let has_fired = || self.timer.as_ref().is_some_and(|timer| timer.is_elapsed());
        match self.waits_for {
            WaitsFor::Nothing => self.responses.any() || self.requests.is_http2(),
            WaitsFor::Idle => self.responses.any() || has_fired(),
            WaitsFor::Period | WaitsFor::End => has_fired(),
            WaitsFor::Leave(_) => true,
        }
    }

    /// Looks at what was counted. Returns what to do, what to wait for, and how long.
    fn look(&self) -> (Verdict, WaitsFor, Duration) {
        let ConnectionTimeouts { read: _, idle: allowed, write, head: _, linger: _ } = self.timeouts;
        match self.waits_for {
            WaitsFor::End => return (Verdict::Close, WaitsFor::End, Duration::ZERO),
            WaitsFor::Leave(limit) => return (Verdict::Keep, WaitsFor::End, limit),
            WaitsFor::Nothing | WaitsFor::Period | WaitsFor::Idle => {}
        }
        if self.responses.any() {
            let is_period_over = self.waits_for == WaitsFor::Period;
            if !is_period_over || !self.responses.are_stalled_at_end_of_period() {
                return (Verdict::Keep, WaitsFor::Period, write / 2);
            }
            // Not closed at once: a proxy may have put other requests on the same connection over HTTP/2.
            return (Verdict::Retire(Reason::SlowReader), WaitsFor::End, write / 3);
        }
        if !self.requests.is_http2() {
            return (Verdict::Keep, WaitsFor::Nothing, Duration::ZERO);
        }
        let idle = self.requests.last_used().elapsed();
        if self.requests.any_unfinished() {
            (Verdict::Keep, WaitsFor::Idle, allowed)
        } else if idle >= allowed {
            (Verdict::Retire(Reason::Idle), WaitsFor::End, write / 3)
        } else {
            (Verdict::Keep, WaitsFor::Idle, allowed - idle)
        }
    }

    /// Sets the timer, and registers the task with it. Returns whether it has fired already.
    fn set_timer(&mut self, context: &mut Context<'_>, after: Duration) -> bool {
        let at = Instant::now() + after;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        timer.as_mut().reset(at);
        // Unconstrained: a timer under tokio's cooperative budget registers no waker once the task has used its budget
        // up.
        Pin::new(&mut unconstrained(timer.as_mut())).poll(context).is_ready()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlowReader => "response stalled",
            Self::Idle => "client asked for nothing for too long",
        })
    }
}
