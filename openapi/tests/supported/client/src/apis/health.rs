// @generated from openapi/tests/supported.yml by `make generate`; do not edit.

//! How the shop is.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// About the shop
    ///
    /// A text.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | text |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.get_about().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    #[deprecated = "deprecated by the contract on 2026-11-28, to be removed on 2027-12-31"]
    pub fn get_about(&self) -> GetAbout {
        let call = Call::new(&self.0, "getAbout", Method::GET, "/about");
        GetAbout(call)
    }

    /// Is the shop open?
    ///
    /// An error with a body of its own.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`Health`](crate::models::Health) |  |
    /// | 503 | Service Unavailable | [`Health`](crate::models::Health) |  |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: supported_client::Client) -> Result<(), supported_client::Error> {
    /// let response = client.get_health().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_health(&self) -> GetHealth {
        let call = Call::new(&self.0, "getHealth", Method::GET, "/health");
        GetHealth(call)
    }
}

/// About the shop: the request of [`Client::get_about`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetAbout(Call);

impl GetAbout {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_about`] lists the problems.
    pub async fn send(self) -> Result<Response<String>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.text("text/plain"),
            _ => Err(response.error()),
        }
    }
}

/// Is the shop open?: the request of [`Client::get_health`].
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
