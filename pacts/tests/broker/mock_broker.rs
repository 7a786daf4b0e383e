//! Mocks a Pact broker: the HAL documents that the verifier reads, and the endpoints to which it publishes.

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) struct MockBroker {
    server: MockServer,
}

/// Whether the broker accepts a publication.
#[derive(Clone, Copy)]
pub(crate) enum Publishing {
    Accepted,
    Refused,
}

impl MockBroker {
    /// A broker that selects these pacts, each pending or not. `branch` and `results` say whether it accepts the version's
    /// branch and the results.
    pub(crate) async fn selecting(pacts: &[(Value, bool)], branch: Publishing, results: Publishing) -> Self {
        let broker = Self { server: MockServer::start().await };
        let uri = broker.url();
        let verification = format!("{uri}/pacts/provider/payments/for-verification");
        let root = json!({"_links": {
            "self": {"href": uri},
            "pb:provider-pacts-for-verification":
                {"href": format!("{uri}/pacts/provider/{{provider}}/for-verification"), "templated": true},
        }});
        broker.mock("GET", "/", 200, &root).await;
        let selection = "/pacts/provider/payments/for-verification";
        broker.mock("GET", selection, 200, &json!({"_links": {"self": {"href": verification}}})).await;
        let offered: Vec<Value> =
            pacts.iter().enumerate().map(|(at, (_, pending))| offer(&uri, at, *pending)).collect();
        let offered = json!({"_embedded": {"pacts": offered}, "_links": {"self": {"href": verification}}});
        broker.mock("POST", selection, 200, &offered).await;
        for (at, (pact, _)) in pacts.iter().enumerate() {
            let mut pact = pact.clone();
            pact["_links"] = json!({
                "self": {"href": format!("{uri}/pacts/{at}")},
                "pb:provider": {"href": format!("{uri}/pacticipants/payments")},
                "pb:publish-verification-results": {"href": format!("{uri}/pacts/{at}/verification-results")},
            });
            broker.mock("GET", &format!("/pacts/{at}"), 200, &pact).await;
            let results_at = format!("/pacts/{at}/verification-results");
            match results {
                Publishing::Accepted => broker.mock("POST", &results_at, 201, &json!({})).await,
                Publishing::Refused => broker.mock("POST", &results_at, 403, &json!({"error": "read only"})).await,
            }
        }
        let provider = json!({"name": "payments", "_links": {"pb:branch-version": {
            "href": format!("{uri}/pacticipants/payments/branches/{{branch}}/versions/{{version}}"), "templated": true,
        }}});
        broker.mock("GET", "/pacticipants/payments", 200, &provider).await;
        let version = "/pacticipants/payments/branches/topic/versions/c0ffee";
        match branch {
            Publishing::Accepted => broker.mock("PUT", version, 201, &json!({})).await,
            Publishing::Refused => broker.mock("PUT", version, 403, &json!({"error": "read only"})).await,
        }
        broker
    }

    /// A broker that answers everything with this status.
    pub(crate) async fn refusing(status: u16) -> Self {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(hal(status, &json!({}))).mount(&server).await;
        Self { server }
    }

    pub(crate) fn url(&self) -> String {
        self.server.uri()
    }

    async fn mock(&self, verb: &str, at: &str, status: u16, document: &Value) {
        Mock::given(method(verb)).and(path(at)).respond_with(hal(status, document)).mount(&self.server).await;
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.expect("the mock server records requests")
    }

    /// The requests so far, as `METHOD path`.
    pub(crate) async fn request_lines(&self) -> Vec<String> {
        self.requests().await.iter().map(|request| format!("{} {}", request.method, request.url.path())).collect()
    }

    /// The results that were published, in order.
    pub(crate) async fn results(&self) -> Vec<Value> {
        let requests = self.requests().await;
        let published = requests.iter().filter(|request| request.url.path().ends_with("/verification-results"));
        published.map(|request| request.body_json().expect("JSON")).collect()
    }
}

fn offer(uri: &str, at: usize, pending: bool) -> Value {
    let notice = |when: &str| json!({"when": when, "text": format!("notice of {when}")});
    json!({
        "shortDescription": "latest from main branch",
        "verificationProperties": {
            "pending": pending,
            "notices": [notice("before_verification"), notice("after_verification:success_true_published_true")],
        },
        "_links": {"self": {"href": format!("{uri}/pacts/{at}"), "name": "a pact"}},
    })
}

fn hal(status: u16, document: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(document.to_string(), "application/hal+json;charset=utf-8")
}
