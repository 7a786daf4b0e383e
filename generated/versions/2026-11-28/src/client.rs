// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! The client, and the types of the runtime that depend on the contract.

use std::fmt;

use crate::models::Problem;

/// A client of one service, with a method for each operation of the contract. Clones share the connections.
///
/// It retries nothing and follows no redirect: the contract has none.
#[derive(Clone)]
pub struct Client(pub(crate) openapi_client::Client);

/// The settings of a [`Client`]; see [`Client::builder`].
pub type ClientBuilder = openapi_client::ClientBuilder<Client>;

/// Why a call fails.
pub type Error = openapi_client::Error<Problem>;

impl Client {
    /// A client of the service at `base_url`, such as `http://localhost:8080`. The URL may have a path; a slash at its end
    /// makes no difference.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if `base_url` is not an `http` or `https` URL that requests can be built on.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::builder(base_url).build()
    }

    /// The settings of a client of the service at `base_url`.
    pub fn builder(base_url: &str) -> ClientBuilder {
        ClientBuilder::new(base_url)
    }
}

impl From<openapi_client::Client> for Client {
    fn from(client: openapi_client::Client) -> Self {
        Self(client)
    }
}

impl openapi_client::ApiClient for Client {
    const USER_AGENT: &'static str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    const VERSION: Option<&'static str> = None;
    type Problem = Problem;
}

impl openapi_client::Problem for Problem {
    fn title(&self) -> &str {
        &self.title
    }

    fn detail(&self) -> &str {
        &self.detail
    }
}

/// Leaves out the headers, which may be secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
