//! Connections: accepts them, limits how many there are and how long they may stall, and drains them at shutdown. Knows
//! no payment.
//!
//! Four mechanisms keep a slow or hostile client from holding a connection for ever: `stream_timeouts` fails a read or
//! a write that makes no progress, `request_heads` limits the time of a whole request head, `slow_readers` notices
//! responses that are not read, and `watchdog` ends the connection for that, and when it is idle over HTTP/2. A fifth,
//! `admission`, limits how many there are.
//!
//! `head_refusals` writes a problem where hyper refuses a head by itself.
//!
//! Two see to it that a client reads why it was refused while it was still sending: `unread_bodies` and `lingering`.

mod admission;
mod driver;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod head_refusals;
mod host;
mod lingering;
mod metrics;
mod opening;
mod peek;
mod request_body;
mod request_heads;
mod server;
mod slow_readers;
mod stream_timeouts;
mod timeouts;
mod unread_bodies;
mod watchdog;

pub use admission::ConnectionLimits;
pub use metrics::ConnectionMetrics;
pub use server::{ConnectionOptions, serve};
pub use timeouts::ConnectionTimeouts;
