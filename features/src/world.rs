//! What a scenario knows: its service, all that was said, and what is about to be.

use crate::{
    client::{Answer, Exchange, Request},
    expect::{Expect, expect},
    server::{Server, Wish},
    stage::Stage,
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, ops::Range, sync::Arc};

/// A path that no contract declares.
const NOWHERE: &str = "/nowhere";

/// The state of one scenario. Steps get it, and talk to the service through it.
#[derive(cucumber::World)]
#[world(init = Self::before_the_curtain)]
pub struct World {
    stage: Option<Arc<Stage>>,
    server: Option<Server>,
    /// How the scenario wants its service. It counts until the first request.
    pub(crate) wish: Wish,
    /// Headers that the next request carries.
    pub(crate) next_headers: Vec<(String, String)>,
    /// What each payment looked like in the last answer that showed it, as JSON text.
    pub(crate) known: BTreeMap<String, String>,
    /// When each payment was created, by the answer to its creation.
    pub(crate) births: BTreeMap<String, Value>,
    /// The ids of created payments, in order.
    pub(crate) created: Vec<String>,
    /// The ids that a walk through the pages has shown.
    pub(crate) walked: Vec<String>,
    /// The link that a client has kept.
    pub(crate) kept: String,
    /// Which exchanges were at once.
    pub(crate) crowd: Range<usize>,
    exchanges: Vec<Exchange>,
}

impl World {
    fn before_the_curtain() -> Self {
        Self {
            stage: None,
            server: None,
            wish: Wish::default(),
            next_headers: Vec::new(),
            known: BTreeMap::new(),
            births: BTreeMap::new(),
            created: Vec::new(),
            walked: Vec::new(),
            kept: String::new(),
            crowd: 0..0,
            exchanges: Vec::new(),
        }
    }

    /// Tells the scenario where it plays.
    pub(crate) fn enter(&mut self, stage: Arc<Stage>) {
        self.stage = Some(stage);
    }

    /// Ends the scenario's service.
    pub(crate) async fn leave(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// The service, which the first to ask for starts.
    pub(crate) async fn server(&mut self) -> &mut Server {
        if self.server.is_none() {
            let stage = self.stage();
            self.server = Some(Server::start(&stage, &self.wish).await);
        }
        self.server.as_mut().expect("it was started above")
    }

    /// Whether the service was asked for anything yet.
    pub(crate) fn has_server(&self) -> bool {
        self.server.is_some()
    }

    /// Sends a request, and holds the answer to the contract.
    ///
    /// # Panics
    /// When there is no answer, or it breaks the contract.
    pub(crate) async fn send(&mut self, request: Request) -> Expect<'_> {
        let (stage, url) = (self.stage(), self.server().await.url.clone());
        let request = self.equip(request);
        let exchange = stage.client.send(&url, request).await;
        self.record(exchange)
    }

    /// Sends bytes that need not be HTTP. An answer is no must, and only one to a request that can be told is judged.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let (stage, url) = (self.stage(), self.server().await.url.clone());
        self.exchanges.push(stage.client.send_bytes(&url, bytes).await);
    }

    /// Sends requests at once, and holds each answer to the contract.
    ///
    /// # Panics
    /// When there is no answer to one, or it breaks the contract.
    pub(crate) async fn send_at_once(&mut self, requests: Vec<Request>) {
        let (stage, url) = (self.stage(), self.server().await.url.clone());
        let sending = requests.into_iter().map(|request| stage.client.send(&url, request));
        let exchanges = futures::future::join_all(sending).await;
        let first = self.exchanges.len();
        for exchange in exchanges {
            self.record(exchange);
        }
        self.crowd = first..self.exchanges.len();
    }

    /// Begins a sentence about the last answer.
    pub(crate) fn expect(&self) -> Expect<'_> {
        expect(self.last())
    }

    /// The last exchange.
    pub(crate) fn last(&self) -> &Exchange {
        self.exchanges.last().expect("a step that asks the service for something comes first")
    }

    /// The exchanges that were at once.
    pub(crate) fn crowd(&self) -> &[Exchange] {
        let crowd = self.exchanges.get(self.crowd.clone()).unwrap_or_default();
        assert!(!crowd.is_empty(), "a step in which clients do something at once comes first");
        crowd
    }

    /// The path of a payment.
    pub(crate) async fn path_of(&mut self, id: &str) -> String {
        format!("{}/{}", self.payments_path().await, encoded(id))
    }

    /// The path of all payments.
    pub(crate) async fn payments_path(&mut self) -> String {
        format!("/{}/payments", self.server().await.version)
    }

    /// A link as the path and the query of the server under test.
    pub(crate) async fn target_of(&mut self, link: &str) -> String {
        let external_url = self.server().await.external_url.clone();
        let Some(target) = link.strip_prefix(&external_url) else {
            panic!("{link} is a link that does not begin with {external_url}")
        };
        target.to_owned()
    }

    fn stage(&self) -> Arc<Stage> {
        Arc::clone(self.stage.as_ref().expect("the harness tells every scenario where it plays"))
    }

    fn equip(&mut self, mut request: Request) -> Request {
        for (name, value) in self.next_headers.drain(..) {
            request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(&name));
            request.headers.push((name, value));
        }
        request
    }

    #[track_caller]
    fn record(&mut self, exchange: Exchange) -> Expect<'_> {
        let stage = self.stage();
        self.exchanges.push(exchange);
        let exchange = self.exchanges.last().expect("it was pushed above");
        let answer = expect(exchange).answer();
        let verdict = stage.contract.judge(&self.as_the_contract_has_it(&exchange.request), answer);
        if !verdict.violations.is_empty() {
            panic!("the answer breaks the contract:\n{}\n\n{exchange}", verdict.violations.join("\n"));
        }
        if let Some(pair) = verdict.pair {
            stage.coverage().see(pair);
        }
        if let Some((id, body)) = shown(answer) {
            let text = answer.text().into_owned();
            if answer.status == 201 {
                self.created.push(id.clone());
                self.births.insert(id.clone(), body["data"]["created_on"].clone());
            }
            self.known.insert(id, text);
        }
        self.expect()
    }

    /// The contract has its paths under the version that is the default, and those that a flag has to ask for.
    fn as_the_contract_has_it(&self, request: &Request) -> Request {
        let version = self.server.as_ref().map_or("v1", |server| &server.version);
        let target = match request.target.strip_prefix(&format!("/{version}/")) {
            Some(rest) => format!("/v1/{rest}"),
            // Where the service has its paths elsewhere, there is nothing at those of the contract.
            None if version != "v1" && request.target.starts_with("/v1/") => NOWHERE.to_owned(),
            None if !self.wish.has("--admin") && request.target.starts_with("/admin/") => NOWHERE.to_owned(),
            None if !self.wish.has("--metrics") && request.target == "/metrics" => NOWHERE.to_owned(),
            None => request.target.clone(),
        };
        Request { method: request.method.clone(), target, ..Request::default() }
    }
}

/// The id of the payment that an answer shows, and the whole body.
fn shown(answer: &Answer) -> Option<(String, Value)> {
    if !(200..300).contains(&answer.status) {
        return None;
    }
    let body: Value = answer.json().ok()?;
    Some((body["data"]["id"].as_str()?.to_owned(), body))
}

/// A segment of a path: all but unreserved characters are encoded.
fn encoded(id: &str) -> String {
    id.bytes().fold(String::new(), |text, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text + &char::from(byte).to_string(),
        _ => text + &format!("%{byte:02X}"),
    })
}

impl fmt::Debug for World {
    /// What a person wants to know who looks at a failure: where it played, and what was said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stage {
            Some(stage) => writeln!(f, "over {}:", stage.place)?,
            None => writeln!(f, "nowhere yet:")?,
        }
        if self.wish != Wish::default() {
            writeln!(f, "     the service was started with {:?}", self.wish.flags.join(" "))?;
        }
        for (number, exchange) in self.exchanges.iter().enumerate() {
            writeln!(f, "{:>3}. {} ({} ms)", number + 1, exchange.line(), exchange.took.as_millis())?;
        }
        Ok(())
    }
}
