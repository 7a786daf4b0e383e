// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! For whoever runs a demo or a test. Served only with `--admin`.

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
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
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
    /// | 406 | Not Acceptable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 500 | Internal Server Error | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit` |
    /// | 503 | Service Unavailable | [`Problem`](crate::models::Problem) | `X-Request-Id`, `Cache-Control`, `RateLimit-Policy`, `RateLimit`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_repo().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_repo(&self) -> GetRepo {
        let call = Call::new(&self.0, "getRepo", Method::GET, "/admin/repo");
        GetRepo(call)
    }
}

/// Empty the store: the request of [`Client::clear_repo`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct ClearRepo(Call);

impl ClearRepo {
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
