//! A service to load into, a clock that is ours, and what is loaded.

use seed::load::{Clock, Counts, LoadOptions, ProgressOutput, Report, Source, load};
use serde_json::{Value, json, value::RawValue};
use std::{
    collections::HashMap,
    future,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// A clock that jumps, and remembers how far.
#[derive(Clone, Default)]
pub(crate) struct Jumps(Arc<Mutex<(Duration, Vec<Duration>)>>);

impl Jumps {
    pub(crate) fn all(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

impl Clock for Jumps {
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

/// The payments that a service keeps, byte for byte.
pub(crate) type Kept = Arc<Mutex<HashMap<String, Box<RawValue>>>>;

type Decide = dyn Fn(&str, u64) -> Option<ResponseTemplate> + Send + Sync;

/// A service that keeps what it gets, unless `decide` has something else to say about a payment and how often it was
/// asked for before.
pub(crate) struct Service {
    pub(crate) server: MockServer,
    pub(crate) kept: Kept,
}

struct Keeper {
    kept: Kept,
    asked: Mutex<HashMap<String, u64>>,
    decide: Box<Decide>,
}

impl Respond for Keeper {
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
            let mut asked = self.asked.lock().unwrap();
            let count = asked.entry(id.clone()).or_default();
            *count += 1;
            *count - 1
        };
        if let Some(answer) = (self.decide)(&id, before) {
            return answer;
        }
        let mut kept = self.kept.lock().unwrap();
        match (payment, kept.get(&id)) {
            (None, None) => problem(404, "/problems/payment-not-found"),
            (None, Some(there)) => found(200, there),
            (Some(_), Some(_)) => problem(409, "/problems/payment-exists"),
            (Some(payment), None) => {
                let answer = found(201, &payment);
                kept.insert(id, payment);
                answer
            }
        }
    }
}

pub(crate) fn found(status: u16, payment: &RawValue) -> ResponseTemplate {
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
        Self::deciding(|_, _| None).await
    }

    pub(crate) async fn deciding(
        decide: impl Fn(&str, u64) -> Option<ResponseTemplate> + Send + Sync + 'static,
    ) -> Self {
        let (server, kept) = (MockServer::start().await, Kept::default());
        let keeper = Keeper { kept: Arc::clone(&kept), asked: Mutex::default(), decide: Box::new(decide) };
        Mock::given(any()).respond_with(keeper).mount(&server).await;
        Self { server, kept }
    }

    pub(crate) fn count(&self) -> u64 {
        self.kept.lock().unwrap().len() as u64
    }

    pub(crate) async fn load(&self, source: Source, clock: impl Clock) -> Report {
        fill(&self.server.uri(), source, clock).await
    }

    pub(crate) async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

pub(crate) async fn fill(url: &str, source: Source, clock: impl Clock) -> Report {
    let options = LoadOptions { url: url.to_owned(), source, concurrency: 4 };
    load(options, quiet(), clock, future::pending()).await.expect("the load begins")
}

pub(crate) fn quiet() -> ProgressOutput {
    ProgressOutput::Lines { to: Box::new(io::sink()), every: Duration::from_secs(1) }
}

pub(crate) fn made_up(count: u64) -> Source {
    Source::Synthetic { count, seed: 42, organisations: 3 }
}

/// A file of this text.
pub(crate) fn file(text: &str) -> (tempfile::NamedTempFile, Source) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let source = Source::File(file.path().to_owned());
    (file, source)
}

pub(crate) fn line(id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1.10"}}}}"#)
}

pub(crate) fn created(count: u64) -> Counts {
    Counts { created: count, ..Counts::default() }
}
