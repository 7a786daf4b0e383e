//! Connections: accepts them, limits how long they may stall, and closes them. Knows no payment.

mod request_heads;
mod server;
mod slow_readers;
mod stream_timeouts;

pub use server::{Patience, serve};
