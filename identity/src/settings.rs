//! What a verifier is told at its start.

use crate::{
    Clock, FetchError, Pace, Random,
    claims::{ClaimPath, Rules},
    fetch::{is_loopback, is_safe},
};
use reqwest::Url;
use std::{path::PathBuf, time::Duration};

/// Whose tokens are accepted, and what is read from them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuer, as its tokens name it (`iss`), letter for letter: with a `/` at the end if they have one.
    pub issuer: String,
    /// The names of this service. A token has to be meant for one of them (`aud`).
    pub audiences: Vec<String>,
    /// The claim that names the caller's organisation: a name, or a JSON Pointer to a claim inside another, such as
    /// `/organisation/id`. By default `organisation_id`.
    pub organisation_claim: String,
    /// The claims that may have the scopes; the first that is there counts. By default `scope` and `scp`. An issuer that
    /// grants applications roles instead, such as Entra ID, needs `roles` here.
    pub scope_claims: Vec<String>,
    /// Where the issuer's keys are.
    pub keys: KeySource,
    /// By how much our clock may differ from the issuer's. By default 30 seconds.
    pub leeway: Duration,
    /// When keys are fetched.
    pub pace: Pace,
    /// The `User-Agent` with which they are fetched.
    pub user_agent: String,
    /// The time of day.
    pub clock: Clock,
    /// What spreads fetches in time.
    pub random: Random,
}

/// Where the issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Where its discovery document says (OpenID Connect Discovery 1.0, section 4).
    Discovery,
    /// In a file with a key set, for a service that may not reach the issuer. It is read again as often as keys would be
    /// fetched.
    File(PathBuf),
}

impl Settings {
    /// The usual settings, for tokens of `issuer` that are meant for one of `audiences`.
    pub fn new(issuer: &str, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audiences: audiences.into_iter().map(Into::into).collect(),
            organisation_claim: "organisation_id".to_owned(),
            scope_claims: vec!["scope".to_owned(), "scp".to_owned()],
            keys: KeySource::Discovery,
            leeway: Duration::from_secs(30),
            pace: Pace::default(),
            user_agent: concat!("identity/", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: Clock::default(),
            random: Random::default(),
        }
    }

    /// The address of the issuer.
    pub(crate) fn issuer_url(&self) -> Result<Url, SettingsError> {
        let url = Url::parse(&self.issuer).map_err(|_| SettingsError::Issuer("is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingsError::Issuer("carries a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(SettingsError::Issuer("has a query or a fragment"));
        }
        if !is_safe(&url, is_loopback(&url)) {
            return Err(SettingsError::Issuer("is not https"));
        }
        Ok(url)
    }

    pub(crate) fn rules(&self) -> Result<Rules, SettingsError> {
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Err(SettingsError::Audience);
        }
        let organisation = ClaimPath::read(&self.organisation_claim).ok_or(SettingsError::OrganisationClaim)?;
        Ok(Rules {
            issuer: self.issuer.clone(),
            audiences: self.audiences.clone(),
            organisation,
            scopes: self.scope_claims.clone(),
            leeway: i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX),
        })
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The issuer is no address that keys can be fetched from.
    #[error(
        "the issuer {0}: it must be the address in the `iss` of its tokens, for example https://login.example.com/realms/shop; http is for this machine alone"
    )]
    Issuer(&'static str),
    /// There is no audience, or an empty one.
    #[error(
        "the audience is empty: it must be the name of this service in the `aud` of tokens, for example https://pay.example.com"
    )]
    Audience,
    /// The name of the claim is empty, or a JSON Pointer with an empty name in it.
    #[error(
        "the organisation claim names nothing: it must be a name or a JSON Pointer, for example organisation_id, https://example.com/org or /organisation/id"
    )]
    OrganisationClaim,
    /// The file has no key set with a usable key.
    #[error("the key set cannot be used: {0}")]
    Keys(FetchError),
    /// The HTTP client cannot be set up.
    #[error("the issuer's keys cannot be fetched, because TLS cannot be set up: {0}")]
    Client(String),
}
