//! A broker as the verifier meets one: its HAL documents, and nothing behind them.

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub(crate) struct StandIn {
    server: MockServer,
}

/// What the broker does when it is told something.
#[derive(Clone, Copy)]
pub(crate) enum Told {
    Listens,
    Refuses,
}

impl StandIn {
    /// A broker that selects these pacts, each pending or not.
    pub(crate) async fn selecting(pacts: &[(Value, bool)], branch: Told, results: Told) -> Self {
        let stand_in = Self { server: MockServer::start().await };
        let uri = stand_in.url();
        let verification = format!("{uri}/pacts/provider/payments/for-verification");
        let root = json!({"_links": {
            "self": {"href": uri},
            "pb:provider-pacts-for-verification":
                {"href": format!("{uri}/pacts/provider/{{provider}}/for-verification"), "templated": true},
        }});
        stand_in.answers("GET", "/", 200, &root).await;
        let selection = "/pacts/provider/payments/for-verification";
        stand_in.answers("GET", selection, 200, &json!({"_links": {"self": {"href": verification}}})).await;
        let offered: Vec<Value> =
            pacts.iter().enumerate().map(|(at, (_, pending))| offer(&uri, at, *pending)).collect();
        let offered = json!({"_embedded": {"pacts": offered}, "_links": {"self": {"href": verification}}});
        stand_in.answers("POST", selection, 200, &offered).await;
        for (at, (pact, _)) in pacts.iter().enumerate() {
            let mut pact = pact.clone();
            pact["_links"] = json!({
                "self": {"href": format!("{uri}/pacts/{at}")},
                "pb:provider": {"href": format!("{uri}/pacticipants/payments")},
                "pb:publish-verification-results": {"href": format!("{uri}/pacts/{at}/verification-results")},
            });
            stand_in.answers("GET", &format!("/pacts/{at}"), 200, &pact).await;
            let results_at = format!("/pacts/{at}/verification-results");
            match results {
                Told::Listens => stand_in.answers("POST", &results_at, 201, &json!({})).await,
                Told::Refuses => stand_in.answers("POST", &results_at, 403, &json!({"error": "read only"})).await,
            }
        }
        let provider = json!({"name": "payments", "_links": {"pb:branch-version": {
            "href": format!("{uri}/pacticipants/payments/branches/{{branch}}/versions/{{version}}"), "templated": true,
        }}});
        stand_in.answers("GET", "/pacticipants/payments", 200, &provider).await;
        let version = "/pacticipants/payments/branches/topic/versions/c0ffee";
        match branch {
            Told::Listens => stand_in.answers("PUT", version, 201, &json!({})).await,
            Told::Refuses => stand_in.answers("PUT", version, 403, &json!({"error": "read only"})).await,
        }
        stand_in
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

    async fn answers(&self, verb: &str, at: &str, status: u16, document: &Value) {
        Mock::given(method(verb)).and(path(at)).respond_with(hal(status, document)).mount(&self.server).await;
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.expect("they are recorded")
    }

    /// What was said, as `METHOD path`.
    pub(crate) async fn conversation(&self) -> Vec<String> {
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
