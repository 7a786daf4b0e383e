//! A running service, and answers that can be asked about.

use payments::{
    app::App,
    config::{Command, Config, Serve},
};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// One pool of connections for all tests; a client of its own for each costs more than the test.
static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(reqwest::Client::new);

/// A service with a store of its own.
pub(crate) struct Service {
    pub(crate) url: String,
    _app: App,
}

impl Service {
    /// Starts a service over SQLite in memory, with the admin endpoints.
    pub(crate) async fn start() -> Self {
        Self::start_with(&["--admin"]).await
    }

    /// Starts a service with these flags; `--listen` is taken care of.
    pub(crate) async fn start_with(flags: &[&str]) -> Self {
        let arguments = [&["payments", "serve", "--listen", "127.0.0.1:0"], flags].concat();
        let config = <Config as clap::Parser>::try_parse_from(arguments).expect("the flags are good");
        let Command::Serve(serve) = config.command else { panic!("the command is serve") };
        let app = App::start(Serve { ..serve }).await.expect("the service starts");
        Self { url: format!("http://{}", app.address()), _app: app }
    }

    /// Sends a request; a body comes with its content type.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = CLIENT.request(method.clone(), format!("{}{path}", self.url)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {path}: no answer: {error:?}"));
        Answer {
            asked: format!("{method} {path}"),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.expect("the answer is UTF-8"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn post(&self, body: impl ToString) -> Answer {
        self.send("POST", "/v1/payments", &[JSON], body.to_string()).await
    }

    pub(crate) async fn put(&self, id: &str, body: impl ToString) -> Answer {
        self.send("PUT", &format!("/v1/payments/{id}"), &[JSON], body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }

    /// Creates a payment with this id, at version 0.
    pub(crate) async fn create(&self, id: &str) {
        self.post(payment(id)).await.is(201);
    }

    /// How many payments there are, and how many were deleted.
    pub(crate) async fn counts(&self) -> (i64, i64) {
        let repo = self.get("/admin/repo").await.is(200).json();
        (repo["data"]["payments"].as_i64().expect("a count"), repo["data"]["deleted"].as_i64().expect("a count"))
    }
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// The body that creates a payment.
pub(crate) fn payment(id: &str) -> Value {
    with_attributes(id, &json!({"amount": "100.21"}))
}

/// The body that creates a payment with these attributes.
pub(crate) fn with_attributes(id: &str, attributes: &Value) -> Value {
    json!({"data": {"id": id, "type": "Payment", "version": 0, "organisation_id": "acme", "attributes": attributes}})
}

/// An answer; whoever asks it in vain is shown all of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) asked: String,
    path: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: wrong status; the answer was {self:#?}", self.asked);
        if status < 300 && status != 204 {
            assert_eq!(self.header("content-type"), "application/json", "{self:#?}");
        }
        self
    }

    /// Asserts a problem of this status and kind, and that it is whole.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, kind: &str) -> Value {
        let answer = self.is(status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:#?}");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{answer:#?}");
        assert_eq!(problem["status"], status, "{answer:#?}");
        assert_eq!(problem["instance"].as_str(), Some(answer.path.as_str()), "{answer:#?}");
        for member in ["title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "no {member}: {answer:#?}");
        }
        if matches!(status, 429 | 503) {
            assert!(answer.headers.contains_key("retry-after"), "no Retry-After: {answer:#?}");
        }
        problem
    }

    /// Asserts a 400 whose faults stand at just these places.
    #[track_caller]
    pub(crate) fn has_faults(self, pointers: &[&str]) {
        let asked = self.asked.clone();
        let problem = self.refused(400, "invalid-request");
        let found: Vec<&str> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|error| error["pointer"].as_str())
            .collect();
        assert_eq!(found, pointers, "{asked}: wrong faults in {problem:#}");
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no header {name} in {self:#?}"));
        value.to_str().expect("visible ASCII")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self:#?}"))
    }

    /// The ids of a list, in order.
    #[track_caller]
    pub(crate) fn ids(&self) -> Vec<String> {
        let json = self.json();
        let data = json["data"].as_array().unwrap_or_else(|| panic!("no list: {self:#?}"));
        data.iter().map(|payment| payment["id"].as_str().expect("an id").to_owned()).collect()
    }
}
