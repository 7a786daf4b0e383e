//! A request that is being built. A fault in it is kept until it is sent, so that the methods can be chained.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::Serialize;

use crate::{Client, DeprecationNotice, Error, OpenResponse, Problem, RawResponse};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Builds one request, and sends it.
#[derive(Clone)]
pub struct Call {
    client: Client,
    operation: &'static str,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
    fault: Option<String>,
}

impl Call {
    /// A request to `path`, as the contract has it, with `{parameters}`. `operation` is its `operationId`.
    pub fn new(client: &Client, operation: &'static str, method: Method, path: &str) -> Self {
        Self {
            client: client.clone(),
            operation,
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            fault: None,
        }
    }

    /// Fills in the parameter `name` of the path. An empty value, `.` and `..` are faults.
    #[must_use]
    pub fn path(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        // URL parsers drop such segments, even encoded ones: the request would go to another path.
        if matches!(value.as_str(), "" | "." | "..") {
            return self.refuse(format!("{name} cannot be {value:?} in a path"));
        }
        self.path = self.path.replace(&["{", name, "}"].concat(), &encode(&value));
        self
    }

    /// Sets a parameter of the query, and replaces the value that it had.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        let (Ok(key), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value.to_string())) else {
            return self.refuse(format!("{name} has characters that HTTP does not allow"));
        };
        self.headers.insert(key, value);
        self
    }

    /// Sets the body, in JSON.
    #[must_use]
    pub fn body(mut self, media_type: &'static str, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.body = json,
            Err(fault) => return self.refuse(format!("the body cannot be written: {fault}")),
        }
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self
    }

    /// Replaces the query by that of `link`. The rest of the link is ignored, so that no link can send a request, with its
    /// credentials, to another host.
    #[must_use]
    pub fn follow(mut self, link: &str) -> Self {
        match self.client.inner().base.join(link) {
            Ok(url) => self.query = url.query_pairs().into_owned().collect(),
            Err(fault) => return self.refuse(format!("the link {link:?} cannot be followed: {fault}")),
        }
        self
    }

    /// Sends the request, and reads the whole response.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the request has a fault, [`Error::Token`] if there is no access token, [`Error::Transport`] if the response is missing or incomplete,
    /// [`Error::Unexpected`] if its body is too long.
    pub async fn send<P: Problem>(self) -> Result<RawResponse, Error<P>> {
        let timeout = self.client.inner().timeout;
        self.request(timeout).await?.read_untimed().await
    }

    /// Sends the request, and reads the head of the response. The client's timeout holds for the head, and for the body of an
    /// error, but not for a stream.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); [`Error::Timeout`] if there is no head in time.
    pub async fn open<P: Problem>(mut self, media_type: &'static str) -> Result<OpenResponse, Error<P>> {
        self.headers.entry(ACCEPT).or_insert(HeaderValue::from_static(media_type));
        let timeout = self.client.inner().timeout;
        // The longest there is: it replaces the timeout that a client of the caller may have for whole responses.
        let head = tokio::time::timeout(timeout, self.request(Duration::MAX));
        head.await.map_err(|_| Error::Timeout(timeout))?
    }

    async fn request<P: Problem>(self, timeout: Duration) -> Result<OpenResponse, Error<P>> {
        let url = self.url();
        if let Some(fault) = self.fault {
            return Err(Error::Request(fault));
        }
        let client = self.client.inner();
        let mut headers = client.headers.clone();
        if let Some(tokens) = &client.tokens {
            headers.insert(AUTHORIZATION, tokens.authorization().await?);
        }
        headers.extend(self.headers);
        let sent = headers.get(AUTHORIZATION).cloned();
        let mut request = client.http.request(self.method, url).headers(headers).timeout(timeout);
        if !self.body.is_empty() {
            request = request.body(self.body);
        }
        let response = request.send().await?;
        if let (StatusCode::UNAUTHORIZED, Some(tokens), Some(sent)) = (response.status(), &client.tokens, &sent) {
            tokens.refused(sent);
        }
        if let Some(on_deprecation) = &client.on_deprecation
            && let Some(notice) = DeprecationNotice::read(self.operation, response.url(), response.headers())
        {
            on_deprecation(&notice);
        }
        Ok(OpenResponse::new(response, self.client))
    }

    fn url(&self) -> Url {
        let mut url = self.client.inner().base.clone();
        url.set_path(&format!("{}{}", url.path().trim_end_matches('/'), self.path));
        if !self.query.is_empty() {
            let pairs: Vec<_> = self.query.iter().map(|(name, value)| encode(name) + "=" + &encode(value)).collect();
            url.set_query(Some(&pairs.join("&")));
        }
        url
    }

    /// Keeps the first fault; later ones may follow from it.
    fn refuse(mut self, fault: String) -> Self {
        self.fault.get_or_insert(fault);
        self
    }
}

/// Leaves out the headers and the body, which may be secret.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        f.debug_list().entries(&self.query).finish()
    }
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
