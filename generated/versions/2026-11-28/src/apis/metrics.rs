// @generated from api/versions/2026-11-28.yml by `make generate`; do not edit.

//! For Prometheus. Served only with `--metrics`.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Metrics for Prometheus
    ///
    /// The text exposition format of Prometheus.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | text | `X-Request-Id`, `Cache-Control` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client_2026_11_28::Client) -> Result<(), payments_client_2026_11_28::Error> {
    /// let response = client.get_metrics().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_metrics(&self) -> GetMetrics {
        let call = Call::new(&self.0, "getMetrics", Method::GET, "/metrics");
        GetMetrics(call)
    }
}

/// Metrics for Prometheus: the request of [`Client::get_metrics`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetMetrics(Call);

impl GetMetrics {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_metrics`] lists the problems.
    pub async fn send(self) -> Result<Response<String>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.text("text/plain"),
            _ => Err(response.error()),
        }
    }
}
