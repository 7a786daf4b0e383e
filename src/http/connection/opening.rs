//! The opening of a connection: its first bytes tell HTTP/1 from HTTP/2.
//!
//! hyper-util reads the first bytes to tell the versions apart, and passes them on to hyper, which then has to read twice for the
//! first request. Before a second read it doubles its buffer, and keeps 16 KiB for as long as the connection is open. So the
//! first bytes are only looked at here, and what is plainly HTTP/1 is given to hyper unread.

use super::{driver::Endings, peek::Opening, stream_timeouts::TimeoutStream};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};
use tokio::net::TcpStream;

/// Waits for the first bytes. `None` if the connection ends before: it is idle for too long, has to make room, or the service
/// stops.
pub(super) async fn opening(stream: &mut TimeoutStream<TcpStream>, endings: &Endings) -> Option<Opening> {
    let mut shutdown = endings.shutdown.clone();
    let mut stops = pin!(shutdown.changed());
    poll_fn(|context| {
        // First, so that a request that has already come is not lost.
        if let Poll::Ready(opening) = stream.poll_opening(context) {
            return Poll::Ready(opening.ok());
        }
        endings.admitted.register(context);
        match stops.as_mut().poll(context).is_ready() || endings.admitted.must_leave() {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    })
    .await
}
