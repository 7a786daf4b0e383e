//! A running service over a store of the test's choice, and its answers.

use payments::{
    app::{App, Backend},
    config::{Command, Config, Serve},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

/// One pool of connections for all tests; a client of its own for each costs more than the test. It waits for answers
/// longer than any service may take, so that one that hangs is told from one that is slow.
static CLIENT: LazyLock<reqwest::Client> =
    LazyLock::new(|| reqwest::Client::builder().timeout(Duration::from_secs(30)).build().expect("a client"));

/// A running service.
pub(crate) struct Service {
    pub(crate) url: String,
    app: App,
}

impl Service {
    /// Starts a service over `repo`, whose requests may take `timeout`.
    pub(crate) async fn over<R: Backend>(repo: R, timeout: Duration) -> Self {
        let app = App::start_over(Serve { timeout, ..settings(&[]) }, repo).await.expect("the service starts");
        Self { url: format!("http://{}", app.address()), app }
    }

    /// Starts the service with these flags, as the program does.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let app = App::start(settings(flags)).await.expect("the service starts");
        Self { url: format!("http://{}", app.address()), app }
    }

    /// Stops the service; the store is closed when this returns.
    pub(crate) async fn stop(self) {
        self.app.stop().await;
    }

    /// Sends a request; a body comes with its content type.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = CLIENT.request(method.clone(), format!("{}{path}", self.url)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let began = Instant::now();
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await.expect("the answer is whole");
        Answer { asked: format!("{method} {path}"), status, headers, body, took: began.elapsed() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, body: &Value) -> Answer {
        self.send("POST", "/v1/payments", &[JSON], &body.to_string()).await
    }

    pub(crate) async fn put(&self, id: &str, body: &Value) -> Answer {
        self.send("PUT", &format!("/v1/payments/{id}"), &[JSON], &body.to_string()).await
    }

    /// Every id there is, page by page.
    pub(crate) async fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let mut path = "/v1/payments?size=1000".to_owned();
        loop {
            let page = self.get(&path).await.is(200).json();
            let data = page["data"].as_array().expect("a list").clone();
            if data.is_empty() {
                return ids;
            }
            ids.extend(data.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()));
            let next = page["links"]["next"].as_str().expect("a link");
            path = next.split_once("/v1/").map(|(_, rest)| format!("/v1/{rest}")).expect("a path of ours");
        }
    }
}

fn settings(flags: &[&str]) -> Serve {
    let arguments = [&["payments", "serve", "--admin", "--listen", "127.0.0.1:0", "--max-results", "1000"], flags];
    let config = <Config as clap::Parser>::try_parse_from(arguments.concat()).expect("the flags are good");
    let Command::Serve(serve) = config.command else { panic!("the command is serve") };
    serve
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// The body that creates a payment, or replaces it at `version`.
pub(crate) fn payment(id: &str, version: i64, amount: &str) -> Value {
    let attributes = json!({"amount": amount, "log": []});
    json!({"data": {"id": id, "type": "Payment", "version": version, "organisation_id": "acme", "attributes": attributes}})
}

/// An answer; whoever asks it in vain is shown all of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) asked: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// How long it took, from the request to the end of the body.
    pub(crate) took: Duration,
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: wrong status; the answer was {self:#?}", self.asked);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self:#?}"))
    }

    /// Asserts that it is a 503 that leaves no doubt about what is in doubt.
    #[track_caller]
    pub(crate) fn unavailable(self) -> Self {
        let answer = self.is(503);
        let wait = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
        assert!(wait.is_some_and(|seconds| seconds > 0), "no Retry-After: {answer:#?}");
        let problem = answer.json();
        if problem == json!({"status": "down"}) {
            return answer;
        }
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:#?}");
        assert_eq!(problem["type"], "/problems/unavailable", "{answer:#?}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.contains("A change may have taken effect all the same"),
            "nothing tells the client that it may have happened: {answer:#?}"
        );
        answer
    }
}
