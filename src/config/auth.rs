//! The settings of identity: whose tokens the service takes.

use super::values::{audience, issuer, organisation_claim, scope_claim};
use clap::Args;
use std::path::PathBuf;

/// Whose tokens the service takes. Without an issuer it asks for none.
#[derive(Debug, Clone, Args)]
pub struct AuthSettings {
    /// The issuer whose tokens the service takes (OpenID Connect), as its tokens name it in `iss`. Without it nobody is asked
    /// for a token, and everybody sees everything.
    #[arg(long, env = "PAYMENTS_AUTH_ISSUER", value_name = "URL", value_parser = issuer)]
    pub auth_issuer: Option<String>,

    /// The names of this service in the `aud` of tokens, with commas between. Without it, --external-url.
    #[arg(long, env = "PAYMENTS_AUTH_AUDIENCE", value_name = "NAMES", value_delimiter = ',', requires = "auth_issuer", value_parser = audience)]
    pub auth_audience: Vec<String>,

    /// A file with the issuer's keys (a JWK set), for a service that may not reach the issuer. It is read anew every ten minutes.
    #[arg(long, env = "PAYMENTS_AUTH_JWKS", value_name = "FILE", requires = "auth_issuer")]
    pub auth_jwks: Option<PathBuf>,

    /// The claim that names the organisation of the caller: a name, or a JSON Pointer such as /organisation/id.
    #[arg(long, env = "PAYMENTS_AUTH_ORGANISATION_CLAIM", value_name = "CLAIM", default_value = "organisation_id", value_parser = organisation_claim)]
    pub auth_organisation_claim: String,

    /// The claims that may have the scopes, with commas between; the first that is there counts. Entra ID needs `roles` for
    /// programs.
    #[arg(long, env = "PAYMENTS_AUTH_SCOPE_CLAIMS", value_name = "CLAIMS", value_delimiter = ',', default_value = "scope,scp", value_parser = scope_claim)]
    pub auth_scope_claims: Vec<String>,
}
