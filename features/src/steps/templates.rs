//! Builds the payments and requests of steps, for which a scenario states only what matters to it.

use crate::{client::Request, world::World};
use serde_json::{Value, json};

pub(crate) const JSON: &str = "application/json";
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// The body of an ordinary payment at version 0: the fixture `faster-payment` under another id.
pub(crate) fn payment(id: &str) -> Value {
    let mut body: Value = serde_json::from_str(&seed::fixture("faster-payment").request()).expect("a fixture is JSON");
    body["data"]["id"] = id.into();
    body["data"]["version"] = 0.into();
    body
}

/// The request that creates a payment.
pub(crate) async fn create(world: &mut World, body: impl ToString) -> Request {
    Request::new("POST", world.payments_path().await).body(JSON, body.to_string())
}

/// The request that replaces a payment.
pub(crate) async fn replace(world: &mut World, id: &str, body: impl ToString) -> Request {
    Request::new("PUT", world.path_of(id).await).body(JSON, body.to_string())
}

/// The request that changes a part of a payment.
pub(crate) async fn patch(world: &mut World, id: &str, media_type: &str, body: impl ToString) -> Request {
    Request::new("PATCH", world.path_of(id).await).body(media_type, body.to_string())
}

/// The request that deletes a payment, at a version if one is given.
pub(crate) async fn delete(world: &mut World, id: &str, version: Option<u64>) -> Request {
    let query = version.map(|version| format!("?version={version}")).unwrap_or_default();
    Request::new("DELETE", world.path_of(id).await + &query)
}

/// The request of a line such as `PUT /v1/payments/flour`, with a valid body if the method needs one.
pub(crate) fn with_valid_body(line: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap_or((line, ""));
    let request = Request::new(method, target);
    match method {
        "POST" => request.body(JSON, payment("new").to_string()),
        "PUT" => request.body(JSON, payment(target.rsplit('/').next().unwrap_or_default()).to_string()),
        "PATCH" => request.body(MERGE_PATCH, json!({"data": {"attributes": {"note": "x"}}}).to_string()),
        _ => request,
    }
}
