//! Fetches the issuer's keys. What an issuer answers is hostile input too: it is bounded in time and in bytes, leads nowhere
//! else, and names no address that we would not have used ourselves.

use crate::{SettingsError, keys::KeySet, members::Members};
use reqwest::{
    Client, Url,
    header::{ACCEPT, HeaderValue},
    redirect,
};
use std::{future::Future, net::IpAddr, path::PathBuf, time::Duration};

/// The largest document. Those of real issuers have 2 to 10 KiB.
const LARGEST: usize = 64 << 10;

/// A source of key sets.
pub(crate) trait Fetch: Send + Sync + 'static {
    fn fetch(&self) -> impl Future<Output = Result<KeySet, FetchError>> + Send;
}

/// Why keys could not be fetched, as a clause about "the key set" or its source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No answer came, or none that could be read to its end.
    #[error("the issuer does not answer: {0}")]
    Unreachable(String),
    /// The answer took too long.
    #[error("the issuer does not answer in time")]
    Timeout,
    /// The issuer answered, but not with 200. Redirects are not followed.
    #[error("{url} answers {status} instead of 200")]
    Status {
        /// What was asked for.
        url: String,
        /// What the answer was.
        status: u16,
    },
    /// A document is longer than 64 KiB.
    #[error("{url} is longer than 64 KiB")]
    TooLarge {
        /// What was asked for.
        url: String,
    },
    /// The discovery document is no JSON, or lacks what it must have.
    #[error("the discovery document {0}")]
    Discovery(&'static str),
    /// The discovery document is that of another issuer.
    #[error("the discovery document is that of {found:?}: say the issuer as it names itself, letter for letter")]
    Issuer {
        /// What it names, or the beginning of that.
        found: String,
    },
    /// The key set cannot be read.
    #[error("the key set {0}")]
    KeySet(&'static str),
    /// The key set has no key that can be used.
    #[error("the key set has no usable key: an RSA key of 2048 bits or more, P-256, P-384 or Ed25519, for signatures")]
    NoKeys,
    /// The file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// Its path.
        file: String,
        /// What the system says.
        reason: String,
    },
}

impl FetchError {
    /// Every label.
    pub(crate) const LABELS: [&'static str; 9] =
        ["unreachable", "timeout", "status", "too_large", "discovery", "issuer", "key_set", "no_usable_keys", "file"];

    /// The label of a metric: few, and fixed.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout => "timeout",
            Self::Status { .. } => "status",
            Self::TooLarge { .. } => "too_large",
            Self::Discovery(_) => "discovery",
            Self::Issuer { .. } => "issuer",
            Self::KeySet(_) => "key_set",
            Self::NoKeys => "no_usable_keys",
            Self::File { .. } => "file",
        }
    }
}

/// The key set that the issuer's discovery document names. Both are fetched each time, because the address may change.
#[derive(Debug)]
pub(crate) struct FromIssuer {
    http: Client,
    issuer: String,
    discovery: Url,
    /// Whether the issuer is this machine, where keys may come without TLS.
    is_loopback: bool,
}

impl FromIssuer {
    pub(crate) fn new(issuer: &str, address: &Url, timeout: Duration, user_agent: &str) -> Result<Self, SettingsError> {
        let mut discovery = address.clone();
        discovery.set_path(&format!("{}/.well-known/openid-configuration", address.path().trim_end_matches('/')));
        let is_loopback = is_loopback(address);
        let http = Client::builder().redirect(redirect::Policy::none()).timeout(timeout).user_agent(user_agent);
        // A proxy is elsewhere, and would look for the issuer on its own machine.
        let http = if is_loopback { http.no_proxy() } else { http.https_only(true) };
        let http = http.build().map_err(|error| SettingsError::Client(reason(error)))?;
        Ok(Self { http, issuer: issuer.to_owned(), discovery, is_loopback })
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let request = self.http.get(url.clone()).header(ACCEPT, HeaderValue::from_static("application/json"));
        let mut response = request.send().await.map_err(unreachable)?;
        if response.status() != 200 {
            return Err(FetchError::Status { url: url.to_string(), status: response.status().as_u16() });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if chunk.len() > LARGEST.saturating_sub(body.len()) {
                return Err(FetchError::TooLarge { url: url.to_string() });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// The address of the key set, from the discovery document.
    fn key_set(&self, document: &[u8]) -> Result<Url, FetchError> {
        let members = Members::read(document).ok_or(FetchError::Discovery("is no JSON object, or has a name twice"))?;
        let text = |name| members.text(name).ok().flatten();
        let found = text("issuer").ok_or(FetchError::Discovery("has no \"issuer\""))?;
        if found != self.issuer {
            return Err(FetchError::Issuer { found: found.chars().take(200).collect() });
        }
        let url = text("jwks_uri").ok_or(FetchError::Discovery("has no \"jwks_uri\""))?;
        let url = Url::parse(&url).map_err(|_| FetchError::Discovery("has a \"jwks_uri\" that is no URL"))?;
        if !is_safe(&url, self.is_loopback) {
            return Err(FetchError::Discovery("has a \"jwks_uri\" that is not https"));
        }
        Ok(url)
    }
}

impl Fetch for FromIssuer {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let document = self.get(&self.discovery).await?;
        let keys = self.get(&self.key_set(&document)?).await?;
        KeySet::read(&keys).map_err(FetchError::KeySet)
    }
}

/// The key set in a file.
#[derive(Debug)]
pub(crate) struct FromFile(PathBuf);

impl FromFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl Fetch for FromFile {
    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let path = self.0.clone();
        let read = tokio::task::spawn_blocking(move || read_file(&path));
        let read = read.await.unwrap_or_else(|error| Err(error.to_string()));
        let json = read.map_err(|reason| FetchError::File { file: self.0.display().to_string(), reason })?;
        KeySet::read(&json).map_err(FetchError::KeySet)
    }
}

/// The bytes of a file that is not larger than a document may be.
fn read_file(path: &std::path::Path) -> Result<Vec<u8>, String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).map_err(|error| error.to_string())?.take(LARGEST as u64 + 1);
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > LARGEST { Err("it is longer than 64 KiB".to_owned()) } else { Ok(bytes) }
}

fn unreachable(error: reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Timeout } else { FetchError::Unreachable(reason(error)) }
}

/// The last cause, which says more than "error sending request".
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Whether keys may come from this address: by https, or by http from this machine, if the issuer is there too.
pub(crate) fn is_safe(url: &Url, http_from_loopback: bool) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => http_from_loopback && is_loopback(url),
        _ => false,
    }
}

/// Whether the host of the URL is this machine, by its name or its address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

#[cfg(test)]
mod tests;
