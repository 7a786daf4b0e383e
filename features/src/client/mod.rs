//! A client made for assertions: it sends anything, judges nothing, and keeps the whole exchange, errors included.

mod exchange;
mod wire;

pub use exchange::{Answer, Exchange, Failure, Request};

use reqwest::{Method, Url, header::HeaderMap, redirect};
use std::time::{Duration, Instant};

/// Sends requests, and waits so long for each answer.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    patience: Duration,
}

impl Client {
    /// A client that waits for `patience` at most. Share it: its pool of connections is what costs.
    ///
    /// # Panics
    /// When the system lets no client be made.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(patience)
            .build()
            .expect("a client without TLS can be built");
        Self { http, patience }
    }

    /// Sends `request` to the server at `url`. What an HTTP library refuses to send goes over a bare connection.
    pub async fn send(&self, url: &str, request: Request) -> Exchange {
        let began = Instant::now();
        let outcome = match lawful(url, &request) {
            Some((method, address, headers)) => {
                let sending = self.http.request(method, address).headers(headers).body(request.body.clone()).send();
                read(sending, self.patience).await
            }
            None => wire::send(url, &wire::text(url, &request), self.patience).await,
        };
        Exchange { request, outcome, took: began.elapsed() }
    }

    /// Sends `bytes` as they are to the server at `url`. They need not be HTTP.
    pub async fn send_bytes(&self, url: &str, bytes: &[u8]) -> Exchange {
        let began = Instant::now();
        let outcome = wire::send(url, bytes, self.patience).await;
        Exchange { request: wire::request(bytes), outcome, took: began.elapsed() }
    }
}

/// The request as the library wants it, if it will send it unchanged.
fn lawful(url: &str, request: &Request) -> Option<(Method, Url, HeaderMap)> {
    let method = Method::from_bytes(request.method.as_bytes()).ok()?;
    let address = Url::parse(&format!("{url}{}", request.target)).ok()?;
    // The library straightens what it parses: `..` in a path, characters that should be encoded.
    let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
    if format!("{}{query}", address.path()) != request.target {
        return None;
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = reqwest::header::HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, value.parse().ok()?);
    }
    Some((method, address, headers))
}

async fn read(
    sending: impl Future<Output = reqwest::Result<reqwest::Response>>,
    patience: Duration,
) -> Result<Answer, Failure> {
    let failure = |error: reqwest::Error| {
        if error.is_timeout() { Failure::silence(patience) } else { Failure::new(&error) }
    };
    let response = sending.await.map_err(failure)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: response.bytes().await.map_err(failure)?.to_vec(),
    })
}
