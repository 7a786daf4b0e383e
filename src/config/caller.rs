//! The settings of a command that calls a service: who it says it is.

use super::values::{Hidden, token_parameter};
use clap::Args;
use seed::load::Credentials;

/// What a token has to allow, to show events.
const SCOPES: &str = "payments:read";

/// What the service is told about who calls. Nothing, for a service that asks for no token.
#[derive(Debug, Clone, Args)]
pub struct CallerSettings {
    /// The id of the client that asks the issuer for tokens, for a service that asks for them.
    #[arg(long, env = "PAYMENTS_CLIENT_ID", value_name = "ID", requires = "client_secret", requires = "token_url")]
    pub client_id: Option<String>,

    /// The secret of that client. Better in the variable: others may see the command line.
    #[arg(long, env = "PAYMENTS_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true, requires = "client_id")]
    pub client_secret: Option<Hidden>,

    /// A token for the service. Better in the variable: others may see the command line.
    #[arg(long, env = "PAYMENTS_TOKEN", value_name = "TOKEN", hide_env_values = true, conflicts_with = "client_id")]
    pub token: Option<Hidden>,

    /// More that the issuer wants to know, with commas between: Auth0 wants `audience=https://payments.example`.
    #[arg(long, env = "PAYMENTS_TOKEN_PARAMETERS", value_name = "NAME=VALUE", value_delimiter = ',', requires = "client_id", value_parser = token_parameter)]
    pub token_parameters: Vec<(String, String)>,

    /// Where the issuer gives tokens: the token_endpoint of its discovery document.
    #[arg(long, env = "PAYMENTS_TOKEN_URL", value_name = "URL", requires = "client_id")]
    pub token_url: Option<String>,
}

impl From<CallerSettings> for Option<Credentials> {
    fn from(settings: CallerSettings) -> Self {
        let CallerSettings { client_id, client_secret, token, token_parameters, token_url } = settings;
        match (token, client_id) {
            (Some(Hidden(token)), _) => Some(Credentials::Token(token)),
            (None, Some(id)) => Some(Credentials::Client {
                token_url: token_url.unwrap_or_default(),
                id,
                secret: client_secret.map(|Hidden(secret)| secret).unwrap_or_default(),
                parameters: token_parameters,
            }),
            (None, None) => None,
        }
    }
}

impl super::Tail {
    /// The options of the tail. Words are for terminals.
    ///
    /// # Errors
    /// Why the token, or the address that gives tokens, cannot be used; the message names the flag.
    pub fn into_options(self, is_terminal: bool) -> Result<tail::Options, seed::load::LoadError> {
        let Self { url, after, count, full, json, organisation, payment, kind, caller } = self;
        let credentials: Option<Credentials> = caller.into();
        let tokens = credentials.map(|credentials| credentials.token_source(SCOPES)).transpose()?;
        let format = if is_terminal && !json { tail::Format::Words } else { tail::Format::Json };
        Ok(tail::Options { url, tokens, after, format, full, kind, payment, organisation, count })
    }
}
