//! The problems of heads that hyper refuses.
//!
//! hyper answers a head that it cannot parse by itself: a status line and `content-length: 0`, before any request reaches the
//! service. So the stream looks at what hyper writes, and writes a problem in its place, which has a request id, a line in the
//! log and a count as every other response has.

use crate::http::{middleware::Pipeline, problem::Error};
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::AsyncWrite;

/// The most bytes of a head that hyper writes of its own accord; those of the service are longer.
const MAX_BARE: usize = 160;

/// Writes problems in place of what hyper answers by itself on one connection.
#[derive(Debug)]
pub(super) struct HeadRefusals {
    pipeline: Arc<Pipeline>,
    peer: IpAddr,
    /// The problem that is being written.
    answer: Option<Answer>,
    was_used: bool,
}

#[derive(Debug)]
struct Answer {
    bytes: Vec<u8>,
    written: usize,
    /// The bytes of hyper that it stands for.
    replaced: usize,
}

impl HeadRefusals {
    pub(super) fn new(pipeline: Arc<Pipeline>, peer: IpAddr) -> Self {
        Self { pipeline, peer, answer: None, was_used: false }
    }

    /// Returns whether a head was refused.
    pub(super) fn was_used(&self) -> bool {
        self.was_used
    }

    /// Returns whether `bytes`, which hyper is about to write, are to be replaced. Cheap for every response of the service.
    pub(super) fn replaces(&mut self, bytes: &[u8], is_tls: bool) -> bool {
        if bytes.get(9) != Some(&b'4') || bytes.len() > MAX_BARE {
            return self.answer.is_some();
        }
        if self.answer.is_none()
            && let Some(error) = refusal(bytes, is_tls)
        {
            let bytes_of_problem = self.pipeline.refuse_head(self.peer, error);
            self.answer = Some(Answer { bytes: bytes_of_problem, written: 0, replaced: bytes.len() });
            self.was_used = true;
        }
        self.answer.is_some()
    }

    /// Writes the problem. Ready with the number of bytes that it stands for, once all of it is written.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let Some(answer) = &mut self.answer else { return Poll::Ready(Ok(0)) };
        while let Some(rest) = answer.bytes.get(answer.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut *stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => answer.written += count,
            }
        }
        let replaced = answer.replaced;
        self.answer = None;
        Poll::Ready(Ok(replaced))
    }
}

/// The error that a head of hyper's own stands for; `None` for every head of the service, which has a request id.
fn refusal(head: &[u8], is_tls: bool) -> Option<Error> {
    let head = std::str::from_utf8(head).ok()?;
    let status = head.strip_prefix("HTTP/1.1 ").or_else(|| head.strip_prefix("HTTP/1.0 "))?.get(..3)?;
    let is_bare =
        head.ends_with("\r\n\r\n") && head.contains("\r\ncontent-length: 0\r\n") && !head.contains("\r\nx-request-id");
    match status {
        "400" if is_bare => Some(Error::HeadUnreadable { is_tls }),
        "414" if is_bare => Some(Error::TargetTooLong),
        "431" if is_bare => Some(Error::HeadTooLarge),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, refusal};

    #[test]
    fn what_hyper_answers_by_itself_is_told_from_what_the_service_answers() {
        let bare = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
        assert!(matches!(refusal(bare.as_bytes(), false), Some(Error::HeadUnreadable { is_tls: false })));
        let long = bare.replace("400", "431");
        assert!(matches!(refusal(long.as_bytes(), false), Some(Error::HeadTooLarge)));
        let old = bare.replace("HTTP/1.1 400", "HTTP/1.0 414");
        assert!(matches!(refusal(old.as_bytes(), false), Some(Error::TargetTooLong)));
        for other in [
            bare.replace("400", "404"),
            bare.replace("length: 0", "length: 7"),
            bare.replace("close\r\n", "close\r\nx-request-id: r-1\r\n"),
            bare[..60].to_owned(),
        ] {
            assert!(refusal(other.as_bytes(), false).is_none(), "{other}");
        }
    }
}
