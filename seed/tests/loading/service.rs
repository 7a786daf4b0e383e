//! Provides a mock service, a manual clock, and sources of payments.

use seed::load::{Clock, Counts, LoadOptions, LoadReport, ProgressOutput, Source, load};
use serde_json::{Value, json, value::RawValue};
use std::{
    collections::HashMap,
    future,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// A clock that does not wait: it advances by each pause at once, and records it.
#[derive(Clone, Default)]
pub(crate) struct ManualClock(Arc<Mutex<(Duration, Vec<Duration>)>>);

impl ManualClock {
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, pause: Duration) {
        {
            let mut state = self.0.lock().unwrap();
            state.0 += pause;
            state.1.push(pause);
        }
        tokio::task::yield_now().await;
    }
}

/// The payments in a mock service, by id, byte for byte.
pub(crate) type StoredPayments = Arc<Mutex<HashMap<String, Box<RawValue>>>>;

type Override = dyn Fn(&str, u64) -> Option<ResponseTemplate> + Send + Sync;

/// A mock service that stores payments.
pub(crate) struct Service {
    pub(crate) server: MockServer,
    pub(crate) stored: StoredPayments,
}

struct Responder {
    stored: StoredPayments,
    requests: Mutex<HashMap<String, u64>>,
    override_response: Box<Override>,
}

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let (id, payment) = match request.method.as_str() {
            "POST" => {
                let mut body: HashMap<String, Box<RawValue>> = serde_json::from_slice(&request.body).unwrap();
                let payment = body.remove("data").unwrap();
                let id = serde_json::from_str::<Value>(payment.get()).unwrap()["id"].as_str().unwrap().to_owned();
                (id, Some(payment))
            }
            "GET" => (request.url.path().rsplit('/').next().unwrap().to_owned(), None),
            method => panic!("a load must not {method}"),
        };
        let before = {
            let mut requests = self.requests.lock().unwrap();
            let count = requests.entry(id.clone()).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(response) = (self.override_response)(&id, before) {
            return response;
        }
        let mut stored = self.stored.lock().unwrap();
        match (payment, stored.get(&id)) {
            (None, None) => problem(404, "/problems/payment-not-found"),
            (None, Some(existing)) => payment_response(200, existing),
            (Some(_), Some(_)) => problem(409, "/problems/payment-exists"),
            (Some(payment), None) => {
                let response = payment_response(201, &payment);
                stored.insert(id, payment);
                response
            }
        }
    }
}

fn payment_response(status: u16, payment: &RawValue) -> ResponseTemplate {
    let body = format!(r#"{{"data":{payment},"links":{{"self":"http://service/x"}}}}"#);
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

pub(crate) fn problem(status: u16, kind: &str) -> ResponseTemplate {
    let body =
        json!({"type": kind, "title": "title", "status": status, "detail": "detail", "instance": "/v1/payments"});
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/problem+json")
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::overriding(|_, _| None).await
    }

    /// A service that answers with what `override_response` returns, if anything, for the id of the payment and the
    /// number of requests for it before.
    pub(crate) async fn overriding(
        override_response: impl Fn(&str, u64) -> Option<ResponseTemplate> + Send + Sync + 'static,
    ) -> Self {
        let (server, stored) = (MockServer::start().await, StoredPayments::default());
        let responder = Responder {
            stored: Arc::clone(&stored),
            requests: Mutex::default(),
            override_response: Box::new(override_response),
        };
        Mock::given(any()).respond_with(responder).mount(&server).await;
        Self { server, stored }
    }

    pub(crate) fn count(&self) -> u64 {
        self.stored.lock().unwrap().len() as u64
    }

    pub(crate) async fn load(&self, source: Source, clock: impl Clock) -> LoadReport {
        load_into(&self.server.uri(), source, clock).await
    }

    pub(crate) async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

pub(crate) async fn load_into(url: &str, source: Source, clock: impl Clock) -> LoadReport {
    let options = LoadOptions { url: url.to_owned(), source, concurrency: 4, credentials: None, organisation: None };
    load(options, no_output(), clock, future::pending()).await.expect("the load begins")
}

pub(crate) fn no_output() -> ProgressOutput {
    ProgressOutput::Lines { to: Box::new(io::sink()), every: Duration::from_secs(1) }
}

pub(crate) fn synthetic(count: u64) -> Source {
    Source::Synthetic { count, seed: 42, organisations: 3 }
}

/// A temporary file with this text, and the source that reads it.
pub(crate) fn file(text: &str) -> (tempfile::NamedTempFile, Source) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let source = Source::File(file.path().to_owned());
    (file, source)
}

/// One line of NDJSON: a payment of this id.
pub(crate) fn line(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.10"}}}}"#)
}

pub(crate) fn created(count: u64) -> Counts {
    Counts { created: count, ..Counts::default() }
}
