//! Consumer-driven contracts: what consumers rely on, and the verification that the service provides it.
//!
//! `pacts/*.json` are the pacts of the consumers in this repository. The tests `consumer_*` generate them through
//! [`consumer`] and the generated client, and fail when the committed file differs. The test `provider` verifies the
//! running service against the committed pacts over every store; the program `verify-broker` verifies it against the pacts
//! that a broker selects.

pub mod broker;
pub mod committed;
pub mod consumer;
mod fixtures;
pub mod provider;
pub mod states;
pub mod verify;

/// The name of this service in every pact.
pub const PROVIDER: &str = "payments";

/// Installs a TLS crypto provider for the process. Pact compiles `reqwest` without a default one, for this crate's clients
/// too, and `reqwest` panics unless a provider is installed.
pub fn install_crypto_provider() {
    // Fails if one is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
