//! A client of a service, wherever that runs.

use crate::{Answer, payment};
use reqwest::{Method, redirect::Policy};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

/// Says that a body is JSON.
pub const JSON: (&str, &str) = ("content-type", "application/json");

/// The connection pool that all tests of a process share; one for each test costs more than the test. Redirects are answers.
/// The timeout is longer than any service may take, so that a request that hangs is told from one that is slow.
static POOL: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).redirect(Policy::none());
    client.build().expect("the settings of the client are good")
});

/// A client of the service at one URL.
#[derive(Debug, Clone)]
pub struct Client {
    /// Where the service listens: scheme, host and port.
    pub url: String,
    pool: reqwest::Client,
}

impl Client {
    /// Makes a client over the connections that all tests share.
    #[must_use]
    pub fn new(url: String) -> Self {
        Self { url, pool: POOL.clone() }
    }

    /// Makes a client of the same service with connections of its own.
    #[must_use]
    pub fn over(&self, pool: reqwest::Client) -> Self {
        Self { url: self.url.clone(), pool }
    }

    /// Where the service listens, as HOST:PORT.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap_or(&self.url)
    }

    /// Sends a request, and reads the answer to its end. A body comes with the header that says what it is.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>> + Send,
    ) -> Answer {
        let answer = self.try_send(method, path, headers, body).await;
        answer.unwrap_or_else(|error| panic!("{method} {path}: expected an answer, got {error:?}"))
    }

    /// Does the same where there may be no answer.
    ///
    /// # Errors
    /// When the connection cannot be made or breaks.
    ///
    /// # Panics
    /// When `method` is none.
    pub async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>> + Send,
    ) -> Result<Answer, reqwest::Error> {
        let verb = Method::from_bytes(method.as_bytes()).expect("the test uses a good method");
        let mut request = self.pool.request(verb, format!("{}{path}", self.url)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let start = Instant::now();
        let response = request.send().await?;
        let (status, version, headers) = (response.status().as_u16(), response.version(), response.headers().clone());
        let bytes = response.bytes().await?.to_vec();
        Ok(Answer { request: format!("{method} {path}"), status, version, headers, bytes, took: start.elapsed() })
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// Sends a body of JSON to the list of payments.
    pub async fn post(&self, body: impl ToString) -> Answer {
        self.send("POST", "/v1/payments", &[JSON], body.to_string()).await
    }

    /// Sends a body of JSON in place of a payment.
    pub async fn put(&self, id: &str, body: impl ToString) -> Answer {
        self.send("PUT", &format!("/v1/payments/{id}"), &[JSON], body.to_string()).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }

    /// Creates [a payment](payment) with this id, at version 0.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn create(&self, id: &str) -> Answer {
        self.post(payment(id)).await.expect_status(201)
    }

    /// Does the same where there may be no answer; returns the status.
    ///
    /// # Errors
    /// When the connection cannot be made or breaks.
    pub async fn try_create(&self, id: &str) -> Result<u16, reqwest::Error> {
        let answer = self.try_send("POST", "/v1/payments", &[JSON], payment(id).to_string()).await?;
        Ok(answer.status)
    }

    /// Every id there is, in order, page by page.
    ///
    /// # Panics
    /// When a page is refused.
    pub async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut path = "/v1/payments?size=1000".to_owned();
        loop {
            let page = self.get(&path).await.expect_status(200);
            let shown = page.ids();
            if shown.is_empty() {
                return ids;
            }
            ids.extend(shown);
            path = page.link("next");
        }
    }

    /// How many payments there are, and how many were deleted.
    ///
    /// # Panics
    /// When the service was started without `--admin`.
    pub async fn counts(&self) -> (i64, i64) {
        let answer = self.get("/admin/repo").await.expect_status(200);
        let json = answer.json();
        let count = |name: &str| json["data"][name].as_i64();
        count("payments").zip(count("deleted")).unwrap_or_else(|| panic!("expected two counts, got {answer}"))
    }
}
