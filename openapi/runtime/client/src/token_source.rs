//! Where access tokens come from: one that the caller has, or ever new ones by client credentials (RFC 6749, section 4.4).
//!
//! A token is fetched when the first request needs it, and again a minute before it expires, or after three quarters of a
//! short life. One caller fetches; while the old token is valid, the others go on with it, and else they wait. A failure is
//! everybody's for two seconds, so that an issuer in trouble is not asked by every request.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{
    Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderValue},
    redirect,
};
use serde::Deserialize;

use crate::client::is_loopback;

/// How long before its end a token is replaced, at most.
const MARGIN: Duration = Duration::from_secs(60);
/// How long a token is taken to be valid whose issuer does not say it.
const UNKNOWN_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long a failure is everybody's.
const FAILURE: Duration = Duration::from_secs(2);
/// The largest answer of an issuer.
const LARGEST: usize = 64 << 10;
/// The time in which an issuer has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Gives out access tokens. Clones share them.
#[derive(Clone)]
pub struct TokenSource(Arc<Source>);

enum Source {
    Fixed(HeaderValue),
    Fetched(Box<Fetched>),
}

struct Fetched {
    credentials: ClientCredentials,
    http: reqwest::Client,
    state: Mutex<State>,
    /// Held by the one who fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    failure: Option<(Instant, TokenError)>,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    /// From when on it should be replaced.
    stale_at: Instant,
    expires_at: Instant,
}

/// What a client needs to get tokens.
#[derive(Clone)]
#[must_use]
pub struct ClientCredentials {
    token_url: String,
    id: String,
    secret: String,
    parameters: Vec<(String, String)>,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The token or the address of the issuer cannot be used; the text says why.
    #[error("no access token can be sent: {0}")]
    Settings(String),
    /// The issuer did not answer.
    #[error("no access token, because the issuer does not answer: {0}")]
    Unreachable(String),
    /// The issuer refused, for example an id or a secret that is wrong.
    #[error("no access token, because the issuer refuses with {status}{}", because(.error.as_deref(), .description.as_deref()))]
    Refused {
        /// The status of its answer.
        status: StatusCode,
        /// Its code for the reason, such as `invalid_client` (RFC 6749, section 5.2).
        error: Option<String>,
        /// What it says about it.
        description: Option<String>,
    },
    /// The issuer answered something that is no token.
    #[error("no access token, because the issuer's answer {0}")]
    Unexpected(&'static str),
}

impl TokenError {
    /// Whether it can help to try again later: the issuer does not answer, or says that the fault is its own, or that it was
    /// asked too often.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
            Self::Settings(_) | Self::Unexpected(_) => false,
        }
    }
}

impl TokenSource {
    /// A token that the caller has, which is sent with every request.
    ///
    /// # Errors
    ///
    /// [`TokenError::Settings`] if no header can have it.
    pub fn fixed(token: &str) -> Result<Self, TokenError> {
        let header = bearer(token).ok_or_else(|| TokenError::Settings("it has characters that no token has".into()))?;
        Ok(Self(Arc::new(Source::Fixed(header))))
    }

    /// Tokens that the issuer gives for these credentials.
    ///
    /// # Errors
    ///
    /// [`TokenError::Settings`] if the address is not https, unless the issuer is this machine, or if TLS cannot be set up.
    pub fn client_credentials(credentials: ClientCredentials) -> Result<Self, TokenError> {
        let fault = |fault: String| TokenError::Settings(format!("{fault}: say https://login.example.com/oauth/token"));
        let url = Url::parse(&credentials.token_url).map_err(|_| fault("the token URL is not a URL".into()))?;
        let is_loopback = is_loopback(&url);
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
            return Err(fault("the token URL is not https, and the secret would be read on its way".into()));
        }
        // A redirect would take the secret elsewhere.
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(TIMEOUT);
        let http = if is_loopback { http.no_proxy() } else { http }.build();
        let http = http.map_err(|error| TokenError::Settings(error.to_string()))?;
        let (state, fetching) = (Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self(Arc::new(Source::Fetched(Box::new(Fetched { credentials, http, state, fetching })))))
    }

    /// The value of the header `Authorization`, marked as sensitive.
    ///
    /// # Errors
    ///
    /// If there is no valid token, and none can be had.
    pub async fn authorization(&self) -> Result<HeaderValue, TokenError> {
        match &*self.0 {
            Source::Fixed(header) => Ok(header.clone()),
            Source::Fetched(fetched) => fetched.authorization().await,
        }
    }

    /// Forgets a token that the service refused, so that the next request gets a new one. Says whether that can help: a fixed
    /// token stays what it is.
    pub fn refused(&self, authorization: &HeaderValue) -> bool {
        match &*self.0 {
            Source::Fixed(_) => false,
            Source::Fetched(fetched) => {
                let mut state = fetched.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.token.take_if(|token| token.header == authorization);
                true
            }
        }
    }
}

impl ClientCredentials {
    /// The id and the secret of a client, and where its issuer gives tokens: the `token_endpoint` of the discovery document.
    pub fn new(token_url: &str, id: &str, secret: &str) -> Self {
        Self { token_url: token_url.into(), id: id.into(), secret: secret.into(), parameters: Vec::new() }
    }

    /// Asks for these scopes, with spaces between them.
    pub fn scope(self, scope: &str) -> Self {
        self.parameter("scope", scope)
    }

    /// Sends one more parameter: Auth0 demands `audience`, others `resource` (RFC 8707).
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    fn form(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        form(std::iter::once(("grant_type", "client_credentials")).chain(parameters))
    }
}

impl Fetched {
    async fn authorization(&self) -> Result<HeaderValue, TokenError> {
        let _fetching = match self.current(Instant::now()) {
            Current::Fresh(header) => return Ok(header),
            Current::Stale(header) => match self.fetching.try_lock() {
                Ok(fetching) => fetching,
                Err(_) => return Ok(header),
            },
            Current::Failed(error) => return Err(error),
            Current::Nothing => self.fetching.lock().await,
        };
        // Another caller may have fetched, or failed to, while this one waited.
        let stale = match self.current(Instant::now()) {
            Current::Fresh(header) => return Ok(header),
            Current::Stale(header) => Some(header),
            Current::Failed(error) => return Err(error),
            Current::Nothing => None,
        };
        let asked_at = Instant::now();
        let fetched = self.fetch().await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok((header, lifetime)) => {
                let margin = MARGIN.min(lifetime / 4);
                let after = |wait: Duration| asked_at.checked_add(wait).unwrap_or(asked_at);
                let (stale_at, expires_at) = (after(lifetime - margin), after(lifetime));
                *state = State { token: Some(Token { header: header.clone(), stale_at, expires_at }), failure: None };
                Ok(header)
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.clone()));
                stale.ok_or(error)
            }
        }
    }

    fn current(&self, now: Instant) -> Current {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = state.failure.as_ref().filter(|(at, _)| now.saturating_duration_since(*at) < FAILURE);
        match (&state.token, failure) {
            (Some(token), _) if now < token.stale_at => Current::Fresh(token.header.clone()),
            // Nobody asks again so soon after a failure, while the old token is good.
            (Some(token), Some(_)) if now < token.expires_at => Current::Fresh(token.header.clone()),
            (Some(token), None) if now < token.expires_at => Current::Stale(token.header.clone()),
            (_, Some((_, error))) => Current::Failed(error.clone()),
            (_, None) => Current::Nothing,
        }
    }

    async fn fetch(&self) -> Result<(HeaderValue, Duration), TokenError> {
        let ClientCredentials { token_url, id, secret, .. } = &self.credentials;
        let request = self.http.post(token_url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        // Encoded as in a form (RFC 6749, section 2.3.1): otherwise a colon in the id would end it.
        let request = request.basic_auth(encode(id), Some(encode(secret))).body(self.credentials.form());
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body = read(response).await?;
        if status != StatusCode::OK {
            let Refusal { error, error_description } = serde_json::from_slice(&body).unwrap_or_default();
            return Err(TokenError::Refused { status, error, description: error_description });
        }
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|_| TokenError::Unexpected("has no access_token"))?;
        if !answer.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(TokenError::Unexpected("has a token of another type than Bearer"));
        }
        let header =
            bearer(&answer.access_token).ok_or(TokenError::Unexpected("has no access_token that can be sent"))?;
        Ok((header, answer.expires_in.map_or(UNKNOWN_LIFETIME, Seconds::duration)))
    }
}

/// What a caller can have at once.
enum Current {
    Fresh(HeaderValue),
    /// It is valid, but should be replaced.
    Stale(HeaderValue),
    /// Somebody failed to get one a moment ago.
    Failed(TokenError),
    Nothing,
}

/// The answer of an issuer (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
}

/// The refusal of an issuer (RFC 6749, section 5.2).
#[derive(Default, Deserialize)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
}

/// A number, which some issuers write as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u32),
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Seconds {
    /// At most a day: who knows what an issuer means that says more.
    fn duration(self) -> Duration {
        let seconds = match self {
            Self::Number(seconds) => seconds,
            Self::Text(text) => text.parse().unwrap_or(0),
            Self::Other(_) => 0,
        };
        Duration::from_secs(u64::from(seconds)).min(Duration::from_secs(24 * 60 * 60))
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, TokenError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if chunk.len() > LARGEST.saturating_sub(body.len()) {
            return Err(TokenError::Unexpected("is longer than 64 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreachable(error: reqwest::Error) -> TokenError {
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    TokenError::Unreachable(if error.is_timeout() { "it takes too long".into() } else { cause.to_string() })
}

/// The header with this token, if it is one (RFC 6750, section 2.1).
fn bearer(token: &str) -> Option<HeaderValue> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || !token.bytes().all(is_allowed) {
        return None;
    }
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = pairs.map(|(name, value)| encode(name) + "=" + &encode(value)).collect();
    pairs.join("&")
}

/// The encoding of forms and of URLs agree on this: all but the unreserved characters is in per cent.
fn encode(text: &str) -> String {
    crate::call::encode(text)
}

fn because(error: Option<&str>, description: Option<&str>) -> String {
    match (error, description) {
        (None, _) => String::new(),
        (Some(error), None) => format!(": {error}"),
        (Some(error), Some(description)) => format!(": {error}, {description}"),
    }
}

/// Leaves out what is secret.
impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Source::Fixed(_) => f.write_str("TokenSource::Fixed"),
            Source::Fetched(fetched) => f.debug_tuple("TokenSource::Fetched").field(&fetched.credentials).finish(),
        }
    }
}

/// Leaves out what is secret.
impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token_url, id, secret: _, parameters: _ } = self;
        f.debug_struct("ClientCredentials").field("token_url", token_url).field("id", id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
