//! The time limits of a connection.

use std::time::Duration;

/// How long a connection may stall before it is closed.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// Limit for the whole head of a request, from its first byte (HTTP/1).
    pub head: Duration,
    /// Limit for the next bytes of a request, or for the next request.
    pub read: Duration,
    /// Limit for the client to read some more of a response.
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
}
