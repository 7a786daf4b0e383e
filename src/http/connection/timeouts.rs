//! The time limits of a connection.

use std::time::Duration;

/// How long a connection may stall before it is closed.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// Limit for the whole head of a request, from its first byte (HTTP/1).
    pub head: Duration,
    /// Limit for the next bytes of a request, or for the next request.
    pub read: Duration,
    /// Limit for the client to read some more of a response. A response is watched in periods of half this time, so a
    /// client that reads nothing has up to one and a half times as long. A connection over HTTP/2 has a third of it more
    /// to finish its other requests.
    pub write: Duration,
}

impl ConnectionTimeouts {
    /// The timeouts of a service whose requests take `request_timeout` at most.
    ///
    /// Nothing is read while a request is under way, so `read` has to be longer than that.
    #[must_use]
    pub fn for_requests_within(request_timeout: Duration) -> Self {
        Self {
            head: Duration::from_secs(10),
            read: request_timeout + Duration::from_secs(75),
            write: Duration::from_secs(30),
        }
    }
    /// The shorter timeouts of connections beyond the limit, of which there are few: enough for a health check.
    pub(super) fn for_probes(self) -> Self {
        let at_most = |limit: Duration| limit.min(Duration::from_secs(3));
        Self { head: at_most(self.head), read: self.read, write: at_most(self.write) }
    }
}
