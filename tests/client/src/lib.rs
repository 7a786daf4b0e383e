//! A mock of the service: it answers every request in one way, and remembers what it was asked.

use payments_client::{Client, ClientBuilder};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

/// A payment as the service writes it, with more than this client knows: a property, and attributes that a careless
/// reader would change.
pub const PAYMENT: &str = r#"{"data":{"id":"p","type":"Payment","version":3,"organisation_id":"bakery","attributes":{"amount":"100.21","rate":1.10,"big":123456789012345678901234567890,"none":null,"b":{"z":1,"a":2}},"created_on":"2026-01-18T09:00:00.000000Z","modified_on":"2026-01-18T10:00:00.000000Z","new_in_v1":true},"links":{"self":"http://elsewhere/v1/payments/p","more":[]}}"#;

/// A problem as the service writes it, with a member that the contract does not know.
pub const PROBLEM: &str = r#"{"type":"/problems/version-conflict","title":"The payment has changed since","status":409,"detail":"It is at version 4.","instance":"/v1/payments/p","errors":[{"pointer":"/data/version","detail":"is not 4"}],"trace":"t"}"#;

/// The mock.
#[derive(Debug)]
pub struct Service(MockServer);

impl Service {
    /// Gives `answer` to every request.
    pub async fn answering(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        Self(server)
    }

    /// Answers in JSON.
    pub async fn answering_json(status: u16, json: &str) -> Self {
        Self::answering(json_answer(status, json)).await
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.0.uri()
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        self.client_with(|settings| settings)
    }

    /// A client of it, with settings.
    #[expect(clippy::panic, reason = "a test that cannot begin has failed")]
    pub fn client_with(&self, settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        match settings(Client::builder(&self.url())).build() {
            Ok(client) => client,
            Err(error) => panic!("no client: {error}"),
        }
    }

    /// The one request that came in.
    #[track_caller]
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn asked(&self) -> impl Future<Output = Request> {
        let caller = std::panic::Location::caller();
        async move {
            let mut requests = self.0.received_requests().await.unwrap_or_default();
            match (requests.pop(), requests.len()) {
                (Some(request), 0) => request,
                (_, more) => panic!("{caller}: expected one request, got {more} more"),
            }
        }
    }

    /// How many requests came in.
    pub async fn times_asked(&self) -> usize {
        self.0.received_requests().await.unwrap_or_default().len()
    }
}

/// An answer in JSON.
pub fn json_answer(status: u16, json: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(json, "application/json")
}

/// A problem.
pub fn problem_answer(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(PROBLEM, "application/problem+json")
}

/// The method, path and query of a request as they went over the wire, and its body.
pub fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = String::from_utf8_lossy(&request.body);
    format!("{} {}{query} {body}", request.method, request.url.path()).trim_end().to_owned()
}

/// A header of a request, or nothing.
pub fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
