//! The client: where requests go, and what every one of them carries.

use std::{fmt, marker::PhantomData, net::IpAddr, sync::Arc, time::Duration};

use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    redirect,
};

use crate::{DeprecationNotice, Error, Problem, TokenSource};

/// The header by which a request chooses the version of the contract.
const ACCEPT_VERSION: &str = "Accept-Version";

/// Sends requests to one service. Clones share the connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// A client that is generated from a contract: a newtype of [`Client`] with a method for each operation.
pub trait ApiClient: From<Client> {
    /// The `User-Agent`, if [`ClientBuilder::user_agent`] sets no other: `NAME/VERSION`.
    const USER_AGENT: &'static str;
    /// The version of the contract that the client was generated from, if that is named by its day. Every request asks for it.
    const VERSION: Option<&'static str>;
    /// The contract's model of a problem (RFC 9457).
    type Problem: Problem;
}

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) max_body: usize,
    pub(crate) on_deprecation: Option<OnDeprecation>,
    pub(crate) tokens: Option<TokenSource>,
}

/// What a caller does about an announcement.
pub(crate) type OnDeprecation = Arc<dyn Fn(&DeprecationNotice) + Send + Sync>;

impl Client {
    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// Leaves out the headers, which may be secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.0.base.as_str()).finish_non_exhaustive()
    }
}

/// The settings of a client.
#[must_use]
pub struct ClientBuilder<C> {
    base_url: String,
    http: Option<reqwest::Client>,
    headers: Vec<(String, String)>,
    timeout: Duration,
    max_body: usize,
    on_deprecation: Option<OnDeprecation>,
    tokens: Option<TokenSource>,
    client: PhantomData<fn() -> C>,
}

impl<C: ApiClient> ClientBuilder<C> {
    /// A client of the service at `base_url`.
    pub fn new(base_url: &str) -> Self {
        let version = C::VERSION.map(|version| (ACCEPT_VERSION.to_owned(), version.to_owned()));
        Self {
            base_url: base_url.to_owned(),
            http: None,
            headers: std::iter::once((USER_AGENT.to_string(), C::USER_AGENT.to_owned())).chain(version).collect(),
            timeout: Duration::from_secs(30),
            max_body: 64 << 20,
            on_deprecation: None,
            tokens: None,
            client: PhantomData,
        }
    }

    /// Limits the time of a call, from connecting to the last byte of the response. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends this header with every request. A header that a call sets replaces it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets `User-Agent`, by default the name and version of the client.
    pub fn user_agent(self, user_agent: &str) -> Self {
        self.header(USER_AGENT.as_str(), user_agent)
    }

    /// Limits the body of a response. The default is 64 MiB; a longer one is [`Error::Unexpected`].
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Calls `hook` for every response that announces an end: with the header `Deprecation` (RFC 9745) or `Sunset` (RFC 8594), whatever
    /// its status. It is called before the body is read, so it should not block; log the notice, or count it.
    ///
    /// Replaces the hook that was set before.
    pub fn on_deprecation(mut self, hook: impl Fn(&DeprecationNotice) + Send + Sync + 'static) -> Self {
        self.on_deprecation = Some(Arc::new(hook));
        self
    }

    /// Sends a token of this source with every request, as `Authorization: Bearer`. A call that sets the header sends its own. A token
    /// that the service refuses (401) is replaced for the next request; the one that was refused is not sent again.
    pub fn tokens(mut self, tokens: TokenSource) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Sends the requests through this HTTP client, with its pools, proxies, certificates and redirect policy.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the base URL or a header cannot be used, [`Error::Transport`] if TLS cannot be set up.
    pub fn build(self) -> Result<C, Error<C::Problem>> {
        let base = parse_base(&self.base_url).map_err(|fault| {
            Error::Request(format!("the base URL {fault}: say something like http://localhost:8080"))
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
                return Err(Error::Request(format!("the header {name:?} has characters that HTTP does not allow")));
            };
            headers.insert(name, value);
        }
        let http = match self.http {
            Some(http) => http,
            None => {
                let http = reqwest::Client::builder().redirect(redirect::Policy::none());
                // A proxy is elsewhere, and would look for the service on its own machine.
                if is_loopback(&base) { http.no_proxy() } else { http }.build()?
            }
        };
        let Self { timeout, max_body, on_deprecation, tokens, .. } = self;
        Ok(Client(Arc::new(Inner { http, base, headers, timeout, max_body, on_deprecation, tokens })).into())
    }
}

/// Not derived: that would demand `C: Clone`.
impl<C> Clone for ClientBuilder<C> {
    fn clone(&self) -> Self {
        Self {
            base_url: self.base_url.clone(),
            http: self.http.clone(),
            headers: self.headers.clone(),
            timeout: self.timeout,
            max_body: self.max_body,
            on_deprecation: self.on_deprecation.clone(),
            tokens: self.tokens.clone(),
            client: PhantomData,
        }
    }
}

/// Leaves out the base URL and the headers, which may be secret.
impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

/// Whether the host of the URL is this machine, by its name or its address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost" || host.ends_with(".localhost"), |address| address.is_loopback())
}

fn parse_base(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("is not http or https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("carries a password, which belongs into a header");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::{Url, is_loopback};

    #[test]
    fn a_proxy_is_not_asked_for_this_machine() {
        for (url, expected) in [
            ("http://localhost:8080", true),
            ("http://payments.localhost", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.1.2.3", true),
            ("http://[::1]:8080", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
            ("http://[2001:db8::1]", false),
            ("https://payments.example", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
