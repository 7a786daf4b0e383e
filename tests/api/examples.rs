//! The examples of the contract, all of an operation in one request, as importers, mocks and fuzzers send them: the service does
//! what is asked, and answers with the `Cache-Control` that the contract shows.

use serde_json::Value;
use std::fmt::Write;
use test_support::{Answer, JSON, Service, tokens};

const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// An operation of the contract.
struct Operation<'a> {
    contract: &'a Value,
    method: &'a str,
    path: &'a str,
    value: &'a Value,
    parameters: Vec<&'a Value>,
}

/// What `value` refers to, or itself.
fn follow<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    let Some(target) = value["$ref"].as_str() else { return value };
    contract.pointer(target.trim_start_matches('#')).unwrap_or_else(|| panic!("the contract has {target}"))
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// A value as a query, a header or a path has it.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl<'a> Operation<'a> {
    fn all(contract: &'a Value) -> Vec<Self> {
        let items = members(&contract["paths"]);
        let operations = items.flat_map(|(path, item)| METHODS.map(|method| (path, item, method, &item[method])));
        let there = operations.filter(|(.., value)| value.is_object());
        let read = |(path, item, method, value): (&'a str, &'a Value, &'a str, &'a Value)| {
            let listed = [&item["parameters"], &value["parameters"]].into_iter().filter_map(Value::as_array).flatten();
            let parameters = listed.map(|parameter| follow(contract, parameter)).collect();
            Operation { contract, method, path, value, parameters }
        };
        there.map(read).collect()
    }

    /// The examples of its body, each with its media type; without a body, one that is empty.
    fn bodies(&self) -> Vec<(&'a str, &'a str, String)> {
        let content = members(&follow(self.contract, &self.value["requestBody"])["content"]);
        let examples = content.flat_map(|(kind, body)| members(&body["examples"]).map(move |named| (kind, named)));
        let found: Vec<_> =
            examples.map(|(kind, (name, example))| (kind, name, example["value"].to_string())).collect();
        if found.is_empty() { vec![("", "no body", String::new())] } else { found }
    }

    /// The examples of its parameters in a place, by name.
    fn parameters(&self, place: &str) -> Vec<(&'a str, String)> {
        let those = self.parameters.iter().filter(|parameter| parameter["in"] == place);
        let shown = those.filter(|parameter| !parameter["example"].is_null());
        shown.map(|parameter| (parameter["name"].as_str().unwrap(), written(&parameter["example"]))).collect()
    }

    async fn send(&self, service: &Service, token: &str, kind: &str, body: String) -> Answer {
        let path = self
            .parameters("path")
            .iter()
            .fold(self.path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let query: Vec<_> = self.parameters("query").iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = self.parameters("header");
        let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("authorization", token));
        headers.extend((!kind.is_empty()).then_some(("content-type", kind)));
        // The body of a stream has no end.
        let is_stream = self.value["responses"]["200"]["content"].get("text/event-stream").is_some();
        let method = if is_stream { "HEAD" } else { &*self.method.to_uppercase() };
        service.send(method, &format!("{path}?{}", query.join("&")), &headers, body).await
    }

    /// Where the answer differs from what the contract shows of it.
    fn differences(&self, answer: &Answer) -> Option<String> {
        let responses = &self.value["responses"];
        let shown = follow(self.contract, &responses[answer.status.to_string()]);
        let header = follow(self.contract, &shown["headers"]["Cache-Control"]);
        let kept = answer.headers.get("cache-control").and_then(|value| value.to_str().ok());
        let is_done = (200..400).contains(&answer.status) && shown.is_object();
        (!is_done || header["example"].as_str() != kept)
            .then(|| format!("{}; expected {}: {answer}", self.value["operationId"], header["example"]))
    }
}

#[tokio::test]
async fn all_examples_of_an_operation_are_one_good_request() {
    let contract = Service::start().await.get("/openapi.json").await.expect_status(200).json();
    let operations = Operation::all(&contract);
    let creation = operations.iter().find(|operation| operation.value["operationId"] == "createPayment").unwrap();
    let whole =
        creation.bodies().into_iter().find(|(_, name, _)| *name == "usual").expect("the example of a whole payment").2;
    let organisation = serde_json::from_str::<Value>(&whole).unwrap()["data"]["organisation_id"].clone();
    let scopes = "payments:read payments:write admin";
    let token = format!("Bearer {}", tokens::token(organisation.as_str().unwrap(), scopes));
    let (mut sent, mut differences) = (0, String::new());
    for operation in &operations {
        for (kind, name, body) in operation.bodies() {
            // With identity, so that every operation is there.
            let flags = tokens::flags();
            let flags: Vec<_> = ["--admin", "--metrics"].into_iter().chain(flags.iter().map(String::as_str)).collect();
            let service = Service::start_with(&flags).await;
            if !operation.parameters("path").is_empty() {
                let headers = [("authorization", token.as_str()), JSON];
                service.send("POST", "/v1/payments", &headers, whole.clone()).await.expect_status(201);
            }
            let answer = operation.send(&service, &token, kind, body).await;
            if let Some(difference) = operation.differences(&answer) {
                writeln!(differences, "{name}: {difference}").unwrap();
            }
            sent += 1;
        }
    }
    assert!(sent >= 15, "the contract has lost its examples: {sent} requests");
    assert_eq!(differences, "");
}
