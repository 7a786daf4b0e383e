//! Connections: accepts them, limits how long they may stall, and drains them at shutdown. Knows no payment.
//!
//! Three mechanisms keep a slow or hostile client from holding a connection for ever: `stream_timeouts` fails a read or
//! a write that makes no progress, `request_heads` limits the time of a whole request head, and `slow_readers` closes a
//! connection whose client does not read a large response.

mod request_heads;
mod server;
mod slow_readers;
mod stream_timeouts;
mod timeouts;

pub use server::serve;
pub use timeouts::ConnectionTimeouts;
