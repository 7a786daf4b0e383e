//! Sends requests, well-formed or not, and returns the whole exchange, errors included.

mod exchange;
mod stream;
mod wire;

pub use exchange::{Answer, Exchange, NoAnswer, Request};
pub use stream::{OpenStream, StreamedEvent};

use reqwest::{Method, Url, header::HeaderMap, redirect};
use std::time::{Duration, Instant};

/// Sends requests, and waits for each answer until a timeout.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For streams, which may last for longer than the timeout.
    streams: reqwest::Client,
    timeout: Duration,
}

impl Client {
    /// A client with this timeout. Share it between scenarios: making a connection pool takes hundreds of milliseconds.
    ///
    /// # Panics
    /// When the HTTP client cannot be built.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        let builder = || reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
        let http = builder().timeout(timeout).build().expect("a client without TLS can be built");
        let streams = builder().build().expect("a client without TLS can be built");
        Self { http, streams, timeout }
    }

    /// Sends `request` to the server at `url`: through `reqwest`, or over a plain connection if `reqwest` would change or
    /// refuse it.
    pub async fn send(&self, url: &str, request: Request) -> Exchange {
        let began = Instant::now();
        let outcome = match as_reqwest(url, &request) {
            Some((method, address, headers)) => {
                let sending = self.http.request(method, address).headers(headers).body(request.body.clone()).send();
                read(sending, self.timeout).await
            }
            None => wire::send(url, &wire::serialise(url, &request), self.timeout).await,
        };
        Exchange { request, outcome, took: began.elapsed() }
    }

    /// Sends `request` over a plain connection, all but the last byte.
    pub async fn send_unfinished(&self, url: &str, request: Request) -> Exchange {
        let (began, mut bytes) = (Instant::now(), wire::serialise(url, &request));
        bytes.pop();
        let outcome = wire::send(url, &bytes, self.timeout).await;
        Exchange { request, outcome, took: began.elapsed() }
    }

    /// Sends `bytes` as they are to the server at `url`. They need not be HTTP.
    pub async fn send_bytes(&self, url: &str, bytes: &[u8]) -> Exchange {
        let began = Instant::now();
        let outcome = wire::send(url, bytes, self.timeout).await;
        Exchange { request: wire::parse_request(bytes), outcome, took: began.elapsed() }
    }
}

/// Converts a request for `reqwest`; `None` if `reqwest` would not send it unchanged.
fn as_reqwest(url: &str, request: &Request) -> Option<(Method, Url, HeaderMap)> {
    let method = Method::from_bytes(request.method.as_bytes()).ok()?;
    let address = Url::parse(&format!("{url}{}", request.target)).ok()?;
    // Url normalises: it resolves `..` in a path, and encodes characters.
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
    timeout: Duration,
) -> Result<Answer, NoAnswer> {
    let no_answer = |error: reqwest::Error| {
        if error.is_timeout() { NoAnswer::timeout(timeout) } else { NoAnswer::new(&error) }
    };
    let response = sending.await.map_err(no_answer)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: response.bytes().await.map_err(no_answer)?.to_vec(),
    })
}
