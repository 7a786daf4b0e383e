//! Identity: turns the settings into what verifies tokens.

use super::error::StartError;
use crate::{
    config::{AuthSettings, Serve},
    http::Identity,
};
use ::identity::{KeySource, Settings, SettingsError, Verifier};

/// Starts to verify tokens, if the settings name an issuer. One that is away delays nothing: `/ready` is down until it has
/// given its keys.
///
/// # Errors
/// [`StartError::Config`] when a setting cannot be used, [`StartError::Keys`] when the file of keys cannot.
pub(super) async fn start(config: &Serve) -> Result<Option<Identity>, StartError> {
    let Serve { admin, operator_listen, external_url, auth, .. } = config;
    let AuthSettings { auth_issuer, auth_audience, auth_jwks, auth_organisation_claim, auth_scope_claims } = auth;
    let Some(issuer) = auth_issuer else {
        tracing::warn!(
            "no issuer of tokens is set (--auth-issuer): everybody who can connect sees and changes everything"
        );
        if *admin && operator_listen.is_none() {
            tracing::warn!(
                "everybody who can connect may empty the store (--admin): set --auth-issuer or --operator-listen"
            );
        }
        return Ok(None);
    };
    // Keys are fetched over TLS. Fails only if a provider is installed already, which would do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let audiences = if auth_audience.is_empty() { vec![external_url.clone()] } else { auth_audience.clone() };
    let settings = Settings {
        organisation_claim: auth_organisation_claim.clone(),
        scope_claims: auth_scope_claims.clone(),
        keys: auth_jwks.clone().map_or(KeySource::Discovery, KeySource::File),
        user_agent: concat!("payments/", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Settings::new(issuer, audiences)
    };
    let verifier = Verifier::start(settings).await.map_err(|error| refusal(&error))?;
    Ok(Some(Identity::new(verifier, issuer.clone(), external_url)))
}

/// Names the flag of a setting that cannot be used.
fn refusal(error: &SettingsError) -> StartError {
    let flag = match error {
        SettingsError::Issuer(_) | SettingsError::Client(_) => "--auth-issuer",
        SettingsError::Audience => "--auth-audience",
        SettingsError::OrganisationClaim => "--auth-organisation-claim",
        SettingsError::Keys(_) => return StartError::Keys(error.to_string()),
        // The enum is non-exhaustive.
        _ => "--auth-issuer",
    };
    StartError::Config(format!("{flag}: {error}"))
}
