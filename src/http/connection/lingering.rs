//! Closes a connection so that its client can read the last response (RFC 9112, section 9.6).
//!
//! A socket that is closed with unread bytes, or that receives some later, resets the connection, and the client may lose
//! what it has not read. So the sending half is closed first, and what the client still sends is read and discarded for a
//! while.

use super::unread_bodies::{MAX_DISCARDED, Place, pause};
use std::{
    future::Future,
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// The bytes that are read at once.
const CHUNK: usize = 8 << 10;

/// The end of a connection whose sending half is closed.
#[derive(Debug)]
pub(super) struct Lingering {
    discarded: usize,
    /// `None` if too many clients are waited for already.
    place: Option<Place>,
    /// Whether something has come since the timer was set.
    has_come: bool,
    /// When it ends; `None` before the client has to be waited for.
    deadline: Option<Instant>,
    /// Allocated when the client has to be waited for.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Default for Lingering {
    fn default() -> Self {
        Self { discarded: 0, place: Place::take(), has_come: true, deadline: None, timer: None }
    }
}

impl Lingering {
    /// Reads and discards what comes. Ready when the client has closed its half, and when it sent too much, for longer than
    /// `limit`, or nothing for a while. What has come already is always read; more is waited for if the client `may_send`.
    pub(super) fn poll<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        may_send: bool,
        limit: Duration,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let mut chunk = [0; CHUNK];
        while self.discarded <= MAX_DISCARDED {
            let mut buffer = ReadBuf::new(&mut chunk);
            let read: Poll<io::Result<()>> = Pin::new(&mut *stream).poll_read(context, &mut buffer);
            match read.map_ok(|()| buffer.filled().len()) {
                Poll::Ready(Ok(count @ 1..)) => {
                    self.discarded += count;
                    self.has_come = true;
                }
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Pending if self.place.is_none() || (!may_send && self.discarded == 0) => return Poll::Ready(()),
                Poll::Pending => {
                    let now = Instant::now();
                    let deadline = *self.deadline.get_or_insert(now + limit);
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(now)));
                    if mem::take(&mut self.has_come) {
                        timer.as_mut().reset(deadline.min(now + pause(limit)));
                    }
                    // Unconstrained: a timer under tokio's cooperative budget registers no waker once the task has used
                    // its budget up.
                    ready!(Pin::new(&mut unconstrained(timer.as_mut())).poll(context));
                    return Poll::Ready(());
                }
            }
        }
        Poll::Ready(())
    }
}
