// @generated from api/openapi.yml by `make generate`; do not edit.

//! Where requests go, and what goes with each of them.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    redirect,
};

use crate::Error;

/// A client of one service. Clones share their connections, and cost next to nothing.
///
/// Nothing is retried, and no redirect is followed: the contract knows none.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) max_body: usize,
}

impl Client {
    /// A client of the service at `base_url`, such as `http://localhost:8080`, which may have a path; a slash at its end
    /// makes no difference.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if `base_url` is not an `http` or `https` URL that requests can be built on.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::builder(base_url).build()
    }

    /// A client of the service at `base_url`, with settings of your own.
    pub fn builder(base_url: &str) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.to_owned(),
            http: None,
            headers: vec![(
                USER_AGENT.to_string(),
                concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            )],
            timeout: Duration::from_secs(30),
            max_body: 64 << 20,
        }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// Without the headers, which may be secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.0.base.as_str()).finish_non_exhaustive()
    }
}

/// The settings of a [`Client`]; see [`Client::builder`].
#[must_use]
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: String,
    http: Option<reqwest::Client>,
    headers: Vec<(String, String)>,
    timeout: Duration,
    max_body: usize,
}

impl ClientBuilder {
    /// How long a call may take, from connecting to the last byte of the answer; 30 seconds if you do not say.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends this header with every request. A header that a call sets itself goes before it.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Calls itself `user_agent` instead of `payments-client/VERSION`.
    pub fn user_agent(self, user_agent: &str) -> Self {
        self.header(USER_AGENT.as_str(), user_agent)
    }

    /// How many bytes of body an answer may have; 64 MiB if you do not say. A longer one is [`Error::Unexpected`].
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sends the requests through a client of your own, with its pools, proxies, certificates and redirect policy.
    pub fn http(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the base URL or a header cannot be used, [`Error::Transport`] if TLS cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
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
            None => reqwest::Client::builder().redirect(redirect::Policy::none()).build()?,
        };
        Ok(Client(Arc::new(Inner { http, base, headers, timeout: self.timeout, max_body: self.max_body })))
    }
}

/// Without the base URL and the headers, which may be secret.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
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
