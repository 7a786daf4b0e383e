//! Identity: whose tokens the service takes, and what it says of them to clients.

use super::{problem::Error, urls};
use crate::metrics::{OnScrape, integer};
use axum::http::HeaderValue;
use identity::{InvalidToken, Statistics, Verifier};
use prometheus::{Gauge, IntCounterVec, IntGauge, Opts, Registry, core::Collector};

/// The path of the metadata that name the issuer (RFC 9728, section 3).
pub(super) const METADATA_PATH: &str = "/.well-known/oauth-protected-resource";

/// The issuer whose tokens the service takes.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Judges tokens.
    pub(super) verifier: Verifier,
    /// The issuer, as its tokens name it.
    pub(super) issuer: String,
    /// The address of the metadata that name the issuer.
    metadata: String,
}

impl Identity {
    /// The identity of callers whose tokens `verifier` takes from `issuer`, at a service that is at `external_url`.
    #[must_use]
    pub fn new(verifier: Verifier, issuer: String, external_url: &str) -> Self {
        let metadata = format!("{}{METADATA_PATH}", urls::encode_url(external_url));
        Self { verifier, issuer, metadata }
    }

    /// Adds what the verifier counts to a registry.
    ///
    /// # Errors
    /// When the registry has it already.
    pub fn measure(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let counter = |name: &str, help: &str| IntCounterVec::new(Opts::new(name, help), &["outcome"]);
        let verifications = counter("http_token_verifications_total", "Tokens that were judged, by outcome.")?;
        self.on_scrape(registry, verifications, |counter, statistics| set(counter, statistics.verifications))?;
        let fetches = counter("http_issuer_key_fetches_total", "Fetches of the issuer's keys, by outcome.")?;
        self.on_scrape(registry, fetches, |counter, statistics| set(counter, statistics.fetches))?;
        let keys = IntGauge::new("http_issuer_keys", "Keys of the issuer that tokens are verified with.")?;
        self.on_scrape(registry, keys, |gauge, statistics| gauge.set(integer(statistics.keys)))?;
        let age = Gauge::new("http_issuer_keys_age_seconds", "Time since the issuer's keys were fetched.")?;
        self.on_scrape(registry, age, |gauge, statistics| {
            gauge.set(statistics.keys_age.map_or(0.0, |age| age.as_secs_f64()));
        })
    }

    fn on_scrape<C: Collector + Clone + 'static>(
        &self,
        registry: &Registry,
        collector: C,
        update: impl Fn(&C, Statistics) + Send + Sync + 'static,
    ) -> Result<(), prometheus::Error> {
        let verifier = self.verifier.clone();
        OnScrape::register(registry, collector, move |collector| update(collector, verifier.statistics()))
    }

    /// The challenge (RFC 6750, section 3; RFC 9728, section 5.1) of a response to a request that was refused for its token.
    pub(super) fn challenge(&self, error: &Error) -> Option<HeaderValue> {
        let parameters = if let Error::InsufficientScope { scope } = error {
            format!(r#", error="insufficient_scope", scope="{scope}""#)
        } else if let Error::Unauthenticated(fault) = error {
            match fault {
                TokenFault::Missing | TokenFault::NotBearer => String::new(),
                TokenFault::Twice => r#", error="invalid_request""#.to_owned(),
                TokenFault::Invalid(_) | TokenFault::NoOrganisation => {
                    format!(r#", error="invalid_token", error_description="{fault}""#)
                }
            }
        } else {
            return None;
        };
        let challenge = format!(r#"Bearer resource_metadata="{}"{parameters}"#, self.metadata);
        HeaderValue::try_from(challenge).ok()
    }
}

/// Sets a counter to what was counted elsewhere, by outcome.
fn set(counter: &IntCounterVec, counts: Vec<(&'static str, u64)>) {
    counter.reset();
    for (outcome, count) in counts {
        counter.with_label_values(&[outcome]).inc_by(count);
    }
}

/// Why a request has no caller. The text follows "the token", in characters that `error_description` allows
/// (RFC 6750, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// There is no token.
    #[error("there is none")]
    Missing,
    /// Several headers have one.
    #[error("it is there more than once")]
    Twice,
    /// The header has credentials of another scheme than Bearer.
    #[error("the scheme is not Bearer")]
    NotBearer,
    /// The token is not valid.
    #[error(transparent)]
    Invalid(InvalidToken),
    /// The token names no organisation, or one that no payment can have.
    #[error("it names no organisation")]
    NoOrganisation,
}
