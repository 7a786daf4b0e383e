//! Looks at what a client has sent without reading it: whether it has closed its half, and what it began with.

use super::request_heads::PREFACE;
use std::{
    io,
    task::{Context, Poll},
};
use tokio::{io::ReadBuf, net::TcpStream};

/// What the first bytes of a connection say of its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// It is HTTP/1.
    Http1,
    /// It is HTTP/2, or too little has come to tell, or the client sends nothing.
    Unclear,
}

impl Opening {
    /// Reads it from the first bytes, however few have come.
    pub(super) fn of(first: &[u8]) -> Self {
        if PREFACE.starts_with(first) { Self::Unclear } else { Self::Http1 }
    }
}

/// A stream that shows what its client has sent, and reads nothing for that.
pub(super) trait Peek {
    /// Ready with what the first bytes say, once there are some or the client has closed its half.
    fn poll_opening(&self, context: &mut Context<'_>) -> Poll<io::Result<Opening>>;

    /// Ready with `true` if the client has closed its half and all that it sent was read, with `false` if something is unread.
    fn poll_end(&self, context: &mut Context<'_>) -> Poll<io::Result<bool>>;
}

impl Peek for TcpStream {
    fn poll_opening(&self, context: &mut Context<'_>) -> Poll<io::Result<Opening>> {
        let mut first = [0; PREFACE.len()];
        let mut buffer = ReadBuf::new(&mut first);
        self.poll_peek(context, &mut buffer).map_ok(|_| Opening::of(buffer.filled()))
    }

    fn poll_end(&self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.poll_peek(context, &mut ReadBuf::new(&mut [0])).map_ok(|count| count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Opening, PREFACE};

    #[test]
    fn what_may_become_the_preface_is_unclear() {
        for length in 0..=PREFACE.len() {
            assert_eq!(Opening::of(&PREFACE[..length]), Opening::Unclear, "{length} bytes");
        }
        for first in ["G", "POST ", "PU", "PRI /", "PRI * HTTP/2.1", "\u{16}\u{3}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nx"]
        {
            assert_eq!(Opening::of(first.as_bytes()), Opening::Http1, "{first:?}");
        }
    }
}
