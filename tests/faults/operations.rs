//! The operations of the API, each as a request that stands for it, and what a service looks like before and after.

use crate::service::payment;
use serde_json::{Map, Value, json};
use test_support::{Answer, JSON, Service};

/// The payment that most operations are about; it is at version 0.
const ABOUT: &str = "/v1/payments/p-1";

/// How a client finds out whether its request was done, after an answer that leaves it in doubt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Repeat {
    /// It repeats the request. This is the status if it was done already; if it was not, the usual one.
    Blindly(u16),
    /// It reads first, because a repetition might do it twice: it was done if this text is at this path.
    IfMissing(&'static str, &'static str),
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    /// The status while nothing goes wrong.
    pub(crate) status: u16,
    pub(crate) repeat: Repeat,
}

impl Operation {
    pub(crate) async fn send(&self, service: &Service) -> Answer {
        service.send(self.method, self.path, self.headers, self.body).await
    }
}

const IF_0: (&str, &str) = ("if-match", "\"0\"");
const IF_7: (&str, &str) = ("if-match", "\"7\"");
const ANY: (&str, &str) = ("if-match", "*");
const NONE_0: (&str, &str) = ("if-none-match", "\"0\"");
const JSON_PATCH: (&str, &str) = ("content-type", "application/json-patch+json");
const MERGE_PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");

const NEW: &str =
    r#"{"data":{"id":"new","type":"Payment","organisation_id":"acme","attributes":{"amount":"5","log":["mine"]}}}"#;
const NEW_WITHOUT_ID: &str =
    r#"{"data":{"type":"Payment","organisation_id":"acme","attributes":{"amount":"5","log":["mine"]}}}"#;
const TAKEN: &str =
    r#"{"data":{"id":"p-3","type":"Payment","organisation_id":"acme","attributes":{"amount":"5","log":["mine"]}}}"#;
const REPLACEMENT: &str = r#"{"data":{"id":"p-1","type":"Payment","version":0,"organisation_id":"acme","attributes":{"amount":"6","log":["mine"]}}}"#;
const OUTDATED: &str = r#"{"data":{"id":"p-1","type":"Payment","version":7,"organisation_id":"acme","attributes":{"amount":"6","log":["mine"]}}}"#;
const APPEND: &str = r#"[{"op":"add","path":"/data/attributes/log/-","value":"mine"}]"#;
const MERGE: &str = r#"{"data":{"attributes":{"amount":"7","note":"mine"}}}"#;

/// The text by which a client knows its own writes.
const MARK: &str = "\"mine\"";

/// Every operation that calls the store, with and without preconditions, allowed and refused.
pub(crate) const OPERATIONS: [Operation; 34] = [
    operation("create", "POST", "/v1/payments", &[JSON], NEW, 201, Repeat::Blindly(409)),
    operation(
        "create without an id",
        "POST",
        "/v1/payments",
        &[JSON],
        NEW_WITHOUT_ID,
        201,
        Repeat::IfMissing("/v1/payments", MARK),
    ),
    operation("create what was deleted", "POST", "/v1/payments", &[JSON], TAKEN, 409, Repeat::Blindly(409)),
    operation("replace", "PUT", ABOUT, &[JSON], REPLACEMENT, 200, Repeat::Blindly(409)),
    operation("replace if it matches", "PUT", ABOUT, &[JSON, IF_0], REPLACEMENT, 200, Repeat::Blindly(412)),
    operation("replace, outdated", "PUT", ABOUT, &[JSON], OUTDATED, 409, Repeat::Blindly(409)),
    operation("replace, though it does not match", "PUT", ABOUT, &[JSON, IF_0], OUTDATED, 409, Repeat::Blindly(409)),
    operation("replace, which does not match", "PUT", ABOUT, &[JSON, IF_7], REPLACEMENT, 412, Repeat::Blindly(412)),
    operation("replace, which it has", "PUT", ABOUT, &[JSON, NONE_0], REPLACEMENT, 412, Repeat::Blindly(412)),
    operation("JSON Patch", "PATCH", ABOUT, &[JSON_PATCH], APPEND, 200, Repeat::IfMissing(ABOUT, MARK)),
    operation("JSON Patch if it matches", "PATCH", ABOUT, &[JSON_PATCH, IF_0], APPEND, 200, Repeat::Blindly(412)),
    operation("JSON Patch, outdated", "PATCH", ABOUT, &[JSON_PATCH, IF_7], APPEND, 412, Repeat::Blindly(412)),
    operation("merge patch", "PATCH", ABOUT, &[MERGE_PATCH], MERGE, 200, Repeat::IfMissing(ABOUT, MARK)),
    operation("merge patch if it matches", "PATCH", ABOUT, &[MERGE_PATCH, IF_0], MERGE, 200, Repeat::Blindly(412)),
    operation("merge patch, which it has", "PATCH", ABOUT, &[MERGE_PATCH, NONE_0], MERGE, 412, Repeat::Blindly(412)),
    operation("delete a version", "DELETE", "/v1/payments/p-1?version=0", &[], "", 204, Repeat::Blindly(404)),
    operation("delete if it matches", "DELETE", ABOUT, &[IF_0], "", 204, Repeat::Blindly(404)),
    operation("delete whatever it is", "DELETE", ABOUT, &[ANY], "", 204, Repeat::Blindly(404)),
    operation("delete, outdated", "DELETE", "/v1/payments/p-1?version=7", &[], "", 409, Repeat::Blindly(409)),
    operation("delete, which does not match", "DELETE", ABOUT, &[IF_7], "", 412, Repeat::Blindly(412)),
    operation("delete, which it has", "DELETE", ABOUT, &[ANY, NONE_0], "", 412, Repeat::Blindly(412)),
    operation("get", "GET", ABOUT, &[], "", 200, Repeat::Blindly(200)),
    operation("get, if it changed", "GET", ABOUT, &[NONE_0], "", 304, Repeat::Blindly(304)),
    operation("get, which does not match", "GET", ABOUT, &[IF_7], "", 412, Repeat::Blindly(412)),
    operation("list", "GET", "/v1/payments?from=1&size=1", &[], "", 200, Repeat::Blindly(200)),
    operation("history", "GET", "/v1/payments/p-3/history", &[], "", 200, Repeat::Blindly(200)),
    operation("version", "GET", "/v1/payments/p-3/history/0", &[], "", 200, Repeat::Blindly(200)),
    operation("no version", "GET", "/v1/payments/p-3/history/7", &[], "", 404, Repeat::Blindly(404)),
    operation("events", "GET", "/v1/events?size=2", &[], "", 200, Repeat::Blindly(200)),
    operation("events that are there", "GET", "/v1/events?wait=30", &[], "", 200, Repeat::Blindly(200)),
    operation("no events", "GET", "/v1/events?filter[payment_id]=p-9", &[], "", 200, Repeat::Blindly(200)),
    operation("count", "GET", "/admin/repo", &[], "", 200, Repeat::Blindly(200)),
    operation("clear", "DELETE", "/admin/repo", &[], "", 204, Repeat::Blindly(204)),
    operation("ready", "GET", "/ready", &[], "", 200, Repeat::Blindly(200)),
];

const fn operation(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
    repeat: Repeat,
) -> Operation {
    Operation { name, method, path, headers, body, status, repeat }
}

/// Fills a service with what every operation starts from: two payments, and one that was deleted.
pub(crate) async fn prepare(service: &Service) {
    for id in ["p-1", "p-2", "p-3"] {
        service.post(&payment(id, 0, "1")).await.expect_status(201);
    }
    service.send("DELETE", "/v1/payments/p-3?version=0", &[], "").await.expect_status(204);
}

/// Everything that a service holds, except for the times.
pub(crate) async fn state(service: &Service) -> Value {
    let list = essence(&service.get("/v1/payments").await.expect_status(200));
    // Each change is told once, whatever became of its answer.
    let events = essence(&service.get("/v1/events").await.expect_status(200));
    let counts = essence(&service.get("/admin/repo").await.expect_status(200));
    let mut each = Vec::new();
    for id in ["p-1", "p-2", "p-3", "new"] {
        each.push(essence(&service.get(&format!("/v1/payments/{id}")).await));
    }
    json!({"list": list, "events": events, "counts": counts, "each": each})
}

/// An answer without what differs each time: times, and ids that the service chose.
pub(crate) fn essence(answer: &Answer) -> Value {
    let mut body = if answer.bytes.is_empty() { Value::Null } else { answer.json() };
    for member in ["links", "request_id"] {
        body.as_object_mut().and_then(|body| body.remove(member));
    }
    let payments = match &mut body["data"] {
        Value::Array(payments) => payments.as_mut_slice(),
        payment @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            std::slice::from_mut(payment)
        }
    };
    for payment in payments.iter_mut().filter_map(Value::as_object_mut) {
        strip(payment);
        if payment.get("id").and_then(Value::as_str).is_some_and(|id| id.len() == 36) {
            payment.insert("id".to_owned(), json!("chosen by the service"));
        }
    }
    let e_tag = answer.headers.get("etag").map(|tag| tag.to_str().expect("visible ASCII"));
    json!({"status": answer.status, "etag": e_tag, "body": body})
}

/// Takes what differs each time out of a payment, a version or an event.
fn strip(item: &mut Map<String, Value>) {
    if let Some(Value::Object(mut about)) = item.remove("data") {
        // The id of an event is as random as the secret of its store.
        about.insert("type".to_owned(), item["type"].clone());
        if let Some(id) = about.remove("payment_id") {
            about.insert("id".to_owned(), id);
        }
        *item = about;
    }
    for member in ["created_on", "modified_on", "timestamp", "request_id", "payment", "links"] {
        item.remove(member);
    }
}
