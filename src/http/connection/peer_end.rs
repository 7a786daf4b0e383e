//! Tells whether a client has closed its half of a connection.

use std::{
    io,
    task::{Context, Poll},
};
use tokio::{io::ReadBuf, net::TcpStream};

/// A stream that tells whether its client has closed its half, and reads nothing for that.
pub(super) trait PeerEnd {
    /// Ready with `true` if the client has closed its half and all that it sent was read, with `false` if something is unread.
    fn poll_end(&self, context: &mut Context<'_>) -> Poll<io::Result<bool>>;
}

impl PeerEnd for TcpStream {
    fn poll_end(&self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.poll_peek(context, &mut ReadBuf::new(&mut [0])).map_ok(|count| count == 0)
    }
}
