// @generated from api/openapi.yml by `make generate`; do not edit.

//! For demos and tests. Served only with `--admin`; with `--operator-listen` only at that address.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Empty the store
    ///
    /// Deletes every payment for good, the memory of used ids included. There is no way back.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 204 | No Content |  | `X-Request-Id`, `Cache-Control` |
    /// | 400 | Bad Request | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 412 | Precondition Failed | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.clear_repo().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_repo(&self) -> ClearRepo {
        let call = Call::new(&self.0, "clearRepo", Method::DELETE, "/admin/repo");
        ClearRepo(call)
    }

    /// Describe the store
    ///
    /// Which store is in use, and how much it holds.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`RepoResponse`](crate::models::RepoResponse) | `X-Request-Id`, `Cache-Control` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.get_repo().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_repo(&self) -> GetRepo {
        let call = Call::new(&self.0, "getRepo", Method::GET, "/admin/repo");
        GetRepo(call)
    }

    /// List what is deprecated, and who uses it
    ///
    /// Every deprecated element of the contract, and the clients that have used it since this process started. Other
    /// replicas have counts of their own; the metric `http_deprecated_uses_total` adds them up.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`DeprecationList`](crate::models::DeprecationList) | `X-Request-Id`, `Cache-Control` |
    /// | 401 | Unauthorized | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 403 | Forbidden | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `WWW-Authenticate` |
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Content-Version`, `Vary`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.list_deprecations().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_deprecations(&self) -> ListDeprecations {
        let call = Call::new(&self.0, "listDeprecations", Method::GET, "/admin/deprecations");
        ListDeprecations(call)
    }
}

/// Empty the store: the request of [`Client::clear_repo`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ClearRepo(Call);

impl ClearRepo {
    /// Do it only if this is `*`, because there is no `ETag` that a tag could match (RFC 9110, section 13.1.1).
    pub fn if_match(self, if_match: &str) -> ClearRepo {
        ClearRepo(self.0.header("If-Match", if_match))
    }

    /// Do it only if this is not `*` (RFC 9110, section 13.1.2). Tags always hold, because there is no `ETag` that one could
    /// match.
    pub fn if_none_match(self, if_none_match: &str) -> ClearRepo {
        ClearRepo(self.0.header("If-None-Match", if_none_match))
    }

    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::clear_repo`] lists the problems.
    pub async fn send(self) -> Result<Response<()>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            204 => Ok(response.empty()),
            _ => Err(response.error()),
        }
    }
}

/// Describe the store: the request of [`Client::get_repo`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetRepo(Call);

impl GetRepo {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_repo`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::RepoResponse>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// List what is deprecated, and who uses it: the request of [`Client::list_deprecations`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ListDeprecations(Call);

impl ListDeprecations {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::list_deprecations`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::DeprecationList>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}
