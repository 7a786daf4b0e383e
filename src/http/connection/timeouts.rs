//! The time limits of a connection.

use std::time::Duration;

/// How long a connection may stall before it is closed.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// Limit for the whole head of a request, from its first byte (HTTP/1).
    pub head: Duration,
    /// Limit for the next bytes of a request.
    pub read: Duration,
    /// Limit for the next request.
    pub idle: Duration,
    /// Limit for the client to read some more of a response. A response is watched in periods of half this time, so a
    /// client that reads nothing has up to one and a half times as long. A connection over HTTP/2 has a third of it more
    /// to finish its other requests.
    pub write: Duration,
    /// Limit for the rest of a request that was refused before all of it had come. Nothing of it may come for a sixth of that.
    pub linger: Duration,
}

impl ConnectionTimeouts {
    /// The timeouts of a service whose requests take `request_timeout` at most, and whose connections may be idle for as long,
    /// by default a little longer than a request may take.
    ///
    /// `read` has to be longer than `request_timeout`, which gives up a body that does not come.
    #[must_use]
    pub fn new(request_timeout: Duration, idle: Option<Duration>) -> Self {
        let read = request_timeout + Duration::from_secs(75);
        Self {
            head: Duration::from_secs(10),
            read,
            idle: idle.unwrap_or(read),
            write: Duration::from_secs(30),
            linger: Duration::from_secs(30),
        }
    }
    /// The shorter timeouts of connections beyond the limit, of which there are few: enough for a health check.
    pub(super) fn for_probes(self) -> Self {
        let at_most = |limit: Duration| limit.min(Duration::from_secs(3));
        Self {
            head: at_most(self.head),
            read: self.read,
            idle: self.idle,
            write: at_most(self.write),
            linger: at_most(self.linger),
        }
    }
}
