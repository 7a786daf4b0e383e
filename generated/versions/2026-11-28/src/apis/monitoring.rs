// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! For load balancers and orchestrators.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Is the process alive?
    ///
    /// Up as long as the process can answer at all, whatever the store does.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`Health`](crate::models::Health) | `X-Request-Id`, `Cache-Control` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_alive().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_alive(&self) -> GetAlive {
        let call = Call::new(&self.0, "getAlive", Method::GET, "/alive");
        GetAlive(call)
    }

    /// Is the service healthy?
    ///
    /// Up while the store answers.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`Health`](crate::models::Health) | `X-Request-Id`, `Cache-Control` |
    /// | 503 | Service Unavailable | [`Health`](crate::models::Health) | `X-Request-Id`, `Cache-Control`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_health().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_health(&self) -> GetHealth {
        let call = Call::new(&self.0, "getHealth", Method::GET, "/health");
        GetHealth(call)
    }

    /// Should this replica get traffic?
    ///
    /// Down while the store is away, and from the moment the server begins to stop.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`Health`](crate::models::Health) | `X-Request-Id`, `Cache-Control` |
    /// | 503 | Service Unavailable | [`Health`](crate::models::Health) | `X-Request-Id`, `Cache-Control`, `Retry-After` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_ready().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_ready(&self) -> GetReady {
        let call = Call::new(&self.0, "getReady", Method::GET, "/ready");
        GetReady(call)
    }
}

/// Is the process alive?: the request of [`Client::get_alive`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetAlive(Call);

impl GetAlive {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_alive`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::Health>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}

/// Is the service healthy?: the request of [`Client::get_health`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetHealth(Call);

impl GetHealth {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_health`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::Health>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            503 => Err(response.declared::<crate::models::Health, _>("application/json")),
            _ => Err(response.error()),
        }
    }
}

/// Should this replica get traffic?: the request of [`Client::get_ready`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetReady(Call);

impl GetReady {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_ready`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::Health>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            503 => Err(response.declared::<crate::models::Health, _>("application/json")),
            _ => Err(response.error()),
        }
    }
}
