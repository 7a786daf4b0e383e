//! Holds the state of one scenario: its service, the requests and answers so far, and what steps remember for later steps.

use crate::{
    client::{Answer, Exchange, OpenStream, Request},
    context::RunContext,
    expect::{Expect, expect},
    service::{Service, ServiceOptions},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

/// A path that the contract does not declare.
const UNDECLARED_PATH: &str = "/undeclared";

/// The state of one scenario. Steps receive it, and send their requests through it.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    context: Option<Arc<RunContext>>,
    service: Option<Service>,
    /// The options with which the first request starts the service.
    service_options: ServiceOptions,
    /// Headers of the next request.
    pub(crate) next_headers: Vec<(String, String)>,
    /// The token of every request that carries no other.
    pub(crate) token: Option<String>,
    /// The body of the last answer that showed each payment, by its id.
    pub(crate) last_shown: BTreeMap<String, String>,
    /// The `created_on` of each payment, as the answer to its creation had it, by its id.
    pub(crate) created_on: BTreeMap<String, Value>,
    /// The ids of created payments, in order.
    pub(crate) created: Vec<String>,
    /// The ids that a walk through all pages has shown, in order.
    pub(crate) listed: Vec<String>,
    /// The link that the client has saved.
    pub(crate) saved_link: String,
    /// The stream of events that a client follows.
    pub(crate) stream: Option<OpenStream>,
    /// The id of the last event that a stream has told.
    pub(crate) last_event_id: String,
    /// Which exchanges were concurrent.
    concurrent: Range<usize>,
    exchanges: Vec<Exchange>,
}

impl World {
    fn new() -> Self {
        Self {
            context: None,
            service: None,
            service_options: ServiceOptions::default(),
            next_headers: Vec::new(),
            token: None,
            last_shown: BTreeMap::new(),
            created_on: BTreeMap::new(),
            created: Vec::new(),
            listed: Vec::new(),
            saved_link: String::new(),
            stream: None,
            last_event_id: String::new(),
            concurrent: 0..0,
            exchanges: Vec::new(),
        }
    }

    /// Sets the context of the run, before the first step.
    pub(crate) fn set_context(&mut self, context: Arc<RunContext>) {
        self.context = Some(context);
    }

    /// Stops the service, after the last step.
    pub(crate) async fn stop_service(&mut self) {
        self.stream = None;
        if let Some(service) = self.service.take() {
            service.stop().await;
        }
    }

    /// The service, which is started by the first call.
    pub(crate) async fn service(&mut self) -> &mut Service {
        if self.service.is_none() {
            let context = self.context();
            self.service = Some(Service::start(&context, &self.service_options).await);
        }
        self.service.as_mut().expect("it was started above")
    }

    /// The options of the service, to be changed before it is started.
    ///
    /// # Panics
    /// When the service is running already.
    #[track_caller]
    pub(crate) fn service_options(&mut self) -> &mut ServiceOptions {
        assert!(self.service.is_none(), "the service is running already: put this step before every request");
        &mut self.service_options
    }

    /// Sends a request, and validates the answer against the contract.
    ///
    /// # Panics
    /// When there is no answer, or it breaks the contract.
    pub(crate) async fn send(&mut self, request: Request) -> Expect<'_> {
        let (context, url) = (self.context(), self.service().await.url.clone());
        let request = self.with_next_headers(request);
        let exchange = context.client.send(&url, request).await;
        self.record(exchange)
    }

    /// Sends a request whose body lacks its last byte, and validates the answer against the contract.
    ///
    /// # Panics
    /// When there is no answer, or it breaks the contract.
    pub(crate) async fn send_unfinished(&mut self, request: Request) -> Expect<'_> {
        let (context, url) = (self.context(), self.service().await.url.clone());
        let request = self.with_next_headers(request);
        let exchange = context.client.send_unfinished(&url, request).await;
        self.record(exchange)
    }

    /// Sends bytes that need not be HTTP. The answer, if there is one, is not validated.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let (context, url) = (self.context(), self.service().await.url.clone());
        self.exchanges.push(context.client.send_bytes(&url, bytes).await);
    }

    /// Sends a request for a stream, which stays open, and validates the head of the answer against the contract.
    ///
    /// # Panics
    /// When there is no answer, or it breaks the contract.
    pub(crate) async fn open_stream(&mut self, request: Request) -> Expect<'_> {
        let (context, url) = (self.context(), self.service().await.url.clone());
        let request = self.with_next_headers(request);
        let (exchange, stream) = context.client.open(&url, request).await;
        self.stream = stream;
        self.record(exchange)
    }

    /// Sends requests concurrently, and validates each answer against the contract.
    ///
    /// # Panics
    /// When there is no answer to one, or it breaks the contract.
    pub(crate) async fn send_concurrently(&mut self, requests: Vec<Request>) {
        let (context, url) = (self.context(), self.service().await.url.clone());
        let requests = requests.into_iter().map(|request| self.with_usual_headers(request));
        let sending = requests.map(|request| context.client.send(&url, request)).collect::<Vec<_>>();
        let exchanges = futures::future::join_all(sending).await;
        let first = self.exchanges.len();
        for exchange in exchanges {
            self.record(exchange);
        }
        self.concurrent = first..self.exchanges.len();
    }

    /// Begins an assertion about the last answer.
    pub(crate) fn expect(&self) -> Expect<'_> {
        expect(self.last())
    }

    /// The last exchange.
    pub(crate) fn last(&self) -> &Exchange {
        self.exchanges.last().expect("a step that sends a request comes first")
    }

    /// The exchanges of the last [`send_concurrently`](Self::send_concurrently).
    pub(crate) fn concurrent(&self) -> &[Exchange] {
        let exchanges = self.exchanges.get(self.concurrent.clone()).unwrap_or_default();
        assert!(!exchanges.is_empty(), "a step that sends requests at once comes first");
        exchanges
    }

    /// The path of a payment.
    pub(crate) async fn path_of(&mut self, id: &str) -> String {
        format!("{}/{}", self.payments_path().await, percent_encoded(id))
    }

    /// The path of the list of payments.
    pub(crate) async fn payments_path(&mut self) -> String {
        format!("/{}/payments", self.service().await.version)
    }

    /// The path of the events.
    pub(crate) async fn events_path(&mut self) -> String {
        format!("/{}/events", self.service().await.version)
    }

    /// The path and query of a link.
    pub(crate) async fn target_of(&mut self, link: &str) -> String {
        let external_url = self.service().await.external_url.clone();
        let Some(target) = link.strip_prefix(&external_url) else {
            panic!("expected  a link that begins with {external_url}\ngot       {link}\n\n{}", self.last())
        };
        target.to_owned()
    }

    fn context(&self) -> Arc<RunContext> {
        Arc::clone(self.context.as_ref().expect("`run` sets the context before the first step"))
    }

    /// Adds the version that the environment asks for, and the headers of the next request. They replace those of the same name
    /// that the step would send; one that is named twice is sent twice.
    fn with_next_headers(&mut self, request: Request) -> Request {
        let mut request = self.with_usual_headers(request);
        let next = std::mem::take(&mut self.next_headers);
        request.headers.retain(|(own, _)| !next.iter().any(|(name, _)| own.eq_ignore_ascii_case(name)));
        request.headers.extend(next);
        request
    }

    /// Adds the version that the environment asks for, and the token of the caller.
    fn with_usual_headers(&self, mut request: Request) -> Request {
        if let Some(version) = self.context().environment.asks_for() {
            request.headers.push(("Accept-Version".to_owned(), version.to_owned()));
        }
        if let Some(token) = &self.token {
            request.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        request
    }

    /// Records an exchange, validates its answer, and remembers the payment that the answer shows.
    #[track_caller]
    fn record(&mut self, exchange: Exchange) -> Expect<'_> {
        let context = self.context();
        self.exchanges.push(exchange);
        let exchange = self.exchanges.last().expect("it was pushed above");
        let answer = expect(exchange).answer();
        let request = self.as_the_contract_names_it(&exchange.request);
        context.record(&request, answer);
        let validation = context.contract.validate(&request, answer);
        if !validation.violations.is_empty() {
            panic!("the answer breaks the contract:\n{}\n\n{exchange}", validation.violations.join("\n"));
        }
        if let Some(pair) = validation.pair {
            context.coverage().count(pair);
        }
        if let Some((id, body)) = shown_payment(answer) {
            let text = answer.text().into_owned();
            if answer.status == 201 {
                self.created.push(id.clone());
                self.created_on.insert(id.clone(), body["data"]["created_on"].clone());
            }
            self.last_shown.insert(id, text);
        }
        self.expect()
    }

    /// The request with the path that the contract declares for it.
    ///
    /// The contract declares every path under the default version, and paths that only some flags of `serve` enable. A path
    /// that this service does not have becomes one that the contract does not declare, so that the validation demands 404.
    fn as_the_contract_names_it(&self, request: &Request) -> Request {
        let version = self.service.as_ref().map_or("v1", |service| &service.version);
        let target = match request.target.strip_prefix(&format!("/{version}/")) {
            Some(rest) => format!("/v1/{rest}"),
            None if version != "v1" && request.target.starts_with("/v1/") => UNDECLARED_PATH.to_owned(),
            None if !self.service_options.has("--admin") && request.target.starts_with("/admin/") => {
                UNDECLARED_PATH.to_owned()
            }
            None if !self.service_options.has("--metrics") && request.target == "/metrics" => {
                UNDECLARED_PATH.to_owned()
            }
            None => request.target.clone(),
        };
        Request { target, ..request.clone() }
    }
}

/// The id of the payment that an answer shows, and the whole body.
fn shown_payment(answer: &Answer) -> Option<(String, Value)> {
    if !(200..300).contains(&answer.status) {
        return None;
    }
    let body: Value = answer.json().ok()?;
    Some((body["data"]["id"].as_str()?.to_owned(), body))
}

/// Percent-encodes a segment of a path: every byte but the unreserved characters (RFC 3986, section 2.3).
fn percent_encoded(id: &str) -> String {
    id.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text + &char::from(byte).to_string(),
        _ => text + &format!("%{byte:02X}"),
    })
}

impl fmt::Debug for World {
    /// Shows what a failure message needs: the environment, the flags, and a line for each exchange.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.context {
            Some(context) => writeln!(f, "over {}:", context.environment)?,
            None => writeln!(f, "without a context:")?,
        }
        if self.service_options != ServiceOptions::default() {
            writeln!(f, "     the service was started with {:?}", self.service_options.flags.join(" "))?;
        }
        for (number, exchange) in self.exchanges.iter().enumerate() {
            writeln!(f, "{:>3}. {} ({} ms)", number + 1, exchange.line(), exchange.took.as_millis())?;
        }
        Ok(())
    }
}
