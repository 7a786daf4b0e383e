//! What consumers rely on, and the proof that the service keeps it.
//!
//! `pacts/*.json` are the contracts of the consumers that live here: the tests `consumer_*` write them through
//! [`consumer`], by way of the generated client, and fail when what is committed is not what they say now. The test
//! `provider` holds the running service to them, over every store; `verify-broker` holds it to what a broker selects.

pub mod broker;
pub mod committed;
pub mod consumer;
mod fixtures;
pub mod provider;
pub mod states;
pub mod store;
pub mod verify;

/// The name of this service in every pact.
pub const PROVIDER: &str = "payments";

/// Chooses the cryptography of TLS. Pact builds the HTTP client, also that of the generated client, without a choice, and
/// it panics if nobody has made one.
pub fn ready() {
    // Someone else's choice does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
