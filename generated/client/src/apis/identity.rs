// @generated from api/openapi.yml by `make generate`; do not edit.

//! For clients that look for the issuer of their tokens. Served only with `--auth-issuer`.

use openapi_client::{Call, reqwest::Method};

use crate::{Client, Error, Response, models::Problem};

impl Client {
    /// Where tokens come from
    ///
    /// The metadata of this service as a protected resource ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)): who issues
    /// the tokens that it takes, and the scopes that there are.
    ///
    /// | status | meaning | body | headers |
    /// |---|---|---|---|
    /// | 200 | OK | [`ResourceMetadata`](crate::models::ResourceMetadata) | `X-Request-Id`, `Cache-Control` |
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn example(client: payments_client::Client) -> Result<(), payments_client::Error> {
    /// let response = client.get_resource_metadata().send().await?;
    /// println!("{} {:?}", response.status, response.body);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_resource_metadata(&self) -> GetResourceMetadata {
        let call = Call::new(&self.0, "getResourceMetadata", Method::GET, "/.well-known/oauth-protected-resource");
        GetResourceMetadata(call)
    }
}

/// Where tokens come from: the request of [`Client::get_resource_metadata`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `send`"]
pub struct GetResourceMetadata(Call);

impl GetResourceMetadata {
    /// Sets a header that the contract does not name for this operation, such as `traceparent`.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Client::get_resource_metadata`] lists the problems.
    pub async fn send(self) -> Result<Response<crate::models::ResourceMetadata>, Error> {
        let response = self.0.send::<Problem>().await?;
        match response.status.as_u16() {
            200 => response.json("application/json"),
            _ => Err(response.error()),
        }
    }
}
