//! What is left of request bodies that were answered before they were read.
//!
//! A client may send all of a body before it reads anything, and an HTTP/1 connection that is closed meanwhile is reset: the
//! client then never reads why it was refused. So the response is sent first, and then
//!
//! * a rest that is known to be small is read and discarded, and the connection serves the next request;
//! * otherwise the response says `Connection: close`, and the connection [lingers](super::lingering) (RFC 9112, section 9.6);
//! * over HTTP/2 the rest is read and discarded, and the stream reset without an error if there is more of it than that
//!   (RFC 9113, section 8.1): clients that wait for a window would report a stream that is reset as a failure.

use axum::body::Bytes;
use hyper::body::{Body as _, Incoming};
use std::{
    future::poll_fn,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};
use tokio::time::timeout;

/// The most bytes that are read to keep an HTTP/1 connection.
const MAX_KEPT: u64 = 1 << 20;
/// The most bytes that are read of what is discarded. They take no memory.
pub(super) const MAX_DISCARDED: usize = 64 << 20;

/// The most clients of this process that are waited for at once. Their connections hold buffers meanwhile, so that without a
/// bound a crowd of clients that are refused and send nothing more would take the memory that the budget saved.
const MAX_WAITED_FOR: usize = 64;

/// How many clients are waited for.
static WAITED_FOR: AtomicUsize = AtomicUsize::new(0);

/// A place among the clients that are waited for, until it is dropped.
#[derive(Debug)]
pub(super) struct Place(());

impl Place {
    /// Takes a place; `None` if there is none. The connection is then closed without waiting.
    pub(super) fn take() -> Option<Self> {
        let one_more = |count: usize| (count < MAX_WAITED_FOR).then_some(count + 1);
        WAITED_FOR.fetch_update(Relaxed, Relaxed, one_more).is_ok().then(|| Self(()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITED_FOR.fetch_sub(1, Relaxed);
    }
}

/// How long nothing may come of what is discarded within `limit`.
pub(super) fn pause(limit: Duration) -> Duration {
    limit / 6
}

/// Returns whether an HTTP/1 connection is kept while this is read. A body of unknown length may never end.
pub(super) fn is_worth_reading(rest: &Incoming) -> bool {
    rest.size_hint().exact().is_some_and(|length| length <= MAX_KEPT)
}

/// Reads and discards a body. Returns whether it came to its end within the limit.
pub(super) async fn discard(rest: &mut Incoming, limit: Duration) -> bool {
    let mut discarded = 0;
    let discard = async {
        loop {
            let frame = poll_fn(|context| Pin::new(&mut *rest).poll_frame(context));
            let frame = match timeout(pause(limit), frame).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => return true,
                Ok(Some(Err(_))) | Err(_) => return false,
            };
            discarded += frame.data_ref().map_or(0, Bytes::len);
            if discarded > MAX_DISCARDED {
                return false;
            }
        }
    };
    timeout(limit, discard).await.unwrap_or(false)
}
