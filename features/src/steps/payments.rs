//! Steps about single payments: creating, reading, replacing, patching, deleting.

use super::{
    doc_string,
    templates::{self, JSON_PATCH, MERGE_PATCH, payment},
};
use crate::{client::Request, expect::apply_edits, world::World};
use cucumber::{gherkin::Step, given, then, when};
use serde_json::{Value, json};

#[given(expr = "a payment {string}")]
async fn a_payment(world: &mut World, id: String) {
    is_created(world, id).await;
    world.expect().status(201);
}

#[given(expr = "a payment {string} with:")]
async fn a_payment_with(world: &mut World, step: &Step, id: String) {
    is_created_with(world, step, id).await;
    world.expect().status(201);
}

#[given(expr = "a payment {string} with the attributes:")]
async fn a_payment_with_attributes(world: &mut World, step: &Step, id: String) {
    is_created_with_attributes(world, step, id).await;
    world.expect().status(201);
}

#[given(regex = r"^(\d+) payments$")]
async fn many_payments(world: &mut World, count: usize) {
    for number in 1..=count {
        a_payment(world, format!("payment-{number}")).await;
    }
}

#[given(expr = "payment {string} was changed {int} time(s)")]
async fn was_changed(world: &mut World, id: String, times: u64) {
    for time in 1..=times {
        let body = json!({"data": {"attributes": {"changed": time}}});
        let request = templates::patch(world, &id, MERGE_PATCH, body).await;
        world.send(request).await.status(200);
    }
}

#[given(expr = "payment {string} was deleted")]
async fn was_deleted(world: &mut World, id: String) {
    is_read(world, id.clone()).await;
    let version = world.expect().status(200).at("$.data.version").number();
    let request = templates::delete(world, &id, Some(version)).await;
    world.send(request).await.status(204);
    world.created.retain(|created| *created != id);
}

#[when(expr = "payment {string} is created")]
async fn is_created(world: &mut World, id: String) {
    let request = templates::create(world, payment(&id)).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is created with:")]
async fn is_created_with(world: &mut World, step: &Step, id: String) {
    let mut body = payment(&id);
    apply_edits(step, &mut body);
    let request = templates::create(world, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is created with the attributes:")]
async fn is_created_with_attributes(world: &mut World, step: &Step, id: String) {
    let request = templates::create(world, with_attributes(&id, 0, doc_string(step))).await;
    world.send(request).await;
}

#[when(expr = "the seed payment {string} is created")]
async fn seed_is_created(world: &mut World, name: String) {
    let request = templates::create(world, seed::fixture(&name).request()).await;
    world.send(request).await;
}

#[then(expr = "the seed payment {string} is there, byte for byte")]
async fn seed_is_there(world: &mut World, name: String) {
    let attributes = format!("\"attributes\":{}", seed::fixture(&name).attributes());
    is_read(world, name).await;
    world.expect().status(200).containing(&attributes);
}

#[when(expr = "a payment without an id is created")]
async fn without_id_is_created(world: &mut World) {
    let mut body = payment("");
    body["data"].as_object_mut().expect("data is an object").remove("id");
    let request = templates::create(world, body).await;
    world.send(request).await;
}

/// The body has exactly this many bytes.
#[when(expr = "a payment of {int} bytes is created")]
async fn large_is_created(world: &mut World, bytes: usize) {
    let mut body = payment("large");
    body["data"]["attributes"]["note"] = "".into();
    let padding = bytes.checked_sub(body.to_string().len()).expect("a payment has more bytes");
    body["data"]["attributes"]["note"] = "x".repeat(padding).into();
    let request = templates::create(world, body).await;
    world.send(request).await;
}

#[when(expr = "this payment is created:")]
async fn this_is_created(world: &mut World, step: &Step) {
    let request = templates::create(world, doc_string(step)).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is read")]
async fn is_read(world: &mut World, id: String) {
    let request = Request::new("GET", world.path_of(&id).await);
    world.send(request).await;
}

#[when(expr = "payment {string} is replaced at version {int}")]
async fn is_replaced(world: &mut World, id: String, version: u64) {
    let body = replacement(&id, version);
    let request = templates::replace(world, &id, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is replaced at version {int} with:")]
async fn is_replaced_with(world: &mut World, step: &Step, id: String, version: u64) {
    let mut body = replacement(&id, version);
    apply_edits(step, &mut body);
    let request = templates::replace(world, &id, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is replaced at version {int} with the attributes:")]
async fn is_replaced_with_attributes(world: &mut World, step: &Step, id: String, version: u64) {
    let body = with_attributes(&id, version, doc_string(step));
    let request = templates::replace(world, &id, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is put back as it was read")]
async fn is_put_back(world: &mut World, id: String) {
    let body = world.last_shown[&id].clone();
    let request = templates::replace(world, &id, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is patched with:")]
async fn is_patched(world: &mut World, step: &Step, id: String) {
    let request = templates::patch(world, &id, JSON_PATCH, doc_string(step)).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is merged with:")]
async fn is_merged(world: &mut World, step: &Step, id: String) {
    let request = templates::patch(world, &id, MERGE_PATCH, doc_string(step)).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is merged with what was read")]
async fn is_merged_with_what_was_read(world: &mut World, id: String) {
    let body = world.last_shown[&id].clone();
    let request = templates::patch(world, &id, MERGE_PATCH, body).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is deleted")]
async fn is_deleted(world: &mut World, id: String) {
    let request = templates::delete(world, &id, None).await;
    world.send(request).await;
}

#[when(expr = "payment {string} is deleted at version {int}")]
async fn is_deleted_at(world: &mut World, id: String, version: u64) {
    let request = templates::delete(world, &id, Some(version)).await;
    world.send(request).await;
}

#[then(expr = "payment {string} has:")]
async fn has(world: &mut World, step: &Step, id: String) {
    is_read(world, id).await;
    world.expect().status(200).table(step);
}

#[then(expr = "payment {string} is at version {int}")]
async fn is_at_version(world: &mut World, id: String, version: u64) {
    is_read(world, id).await;
    world.expect().status(200).version(version);
}

#[then(expr = "payment {string} is gone")]
async fn is_gone(world: &mut World, id: String) {
    let path = world.path_of(&id).await;
    is_read(world, id).await;
    world.expect().refused(super::Refusal::UnknownPayment, &path);
}

#[then(expr = "payment {string} is as it was")]
async fn is_as_it_was(world: &mut World, id: String) {
    let before = world.last_shown.get(&id).cloned();
    let before = before.unwrap_or_else(|| panic!("a step that reads or writes payment {id:?} comes first"));
    is_read(world, id).await;
    let now = world.expect().status(200);
    if now.answer().text() != before {
        now.fail(&format!("the payment as it was: {before}"), now.answer().text());
    }
}

#[then(expr = "payment {string} has the attributes, byte for byte:")]
async fn has_attributes(world: &mut World, step: &Step, id: String) {
    is_read(world, id).await;
    world.expect().status(200).containing(&attributes_text(step));
}

/// The member `attributes` of an answer, with the JSON of the step's doc string.
pub(super) fn attributes_text(step: &Step) -> String {
    format!("\"attributes\":{}", doc_string(step))
}

/// A body that replaces the payment by one with another amount.
fn replacement(id: &str, version: u64) -> Value {
    let mut body = payment(id);
    body["data"]["version"] = version.into();
    body["data"]["attributes"]["amount"] = "250.00".into();
    body
}

/// A body whose attributes are this JSON text.
fn with_attributes(id: &str, version: u64, attributes: &str) -> String {
    format!(
        r#"{{"data":{{"id":"{id}","type":"Payment","version":{version},"organisation_id":"harbour-lane-bakery","attributes":{attributes}}}}}"#
    )
}
