//! Steps about concurrent clients.

use super::{
    Refusal,
    templates::{self, MERGE_PATCH, payment},
};
use crate::{
    client::{Exchange, Request},
    expect::expect,
    world::World,
};
use cucumber::{then, when};
use serde_json::json;

#[when(expr = "{int} clients at once create payment {string}")]
async fn create(world: &mut World, clients: usize, id: String) {
    let mut requests = Vec::new();
    for _ in 0..clients {
        requests.push(templates::create(world, payment(&id)).await);
    }
    world.send_concurrently(requests).await;
}

#[when(expr = "{int} clients at once each create a payment of their own")]
async fn create_own(world: &mut World, clients: usize) {
    let mut requests = Vec::new();
    for client in 0..clients {
        requests.push(templates::create(world, payment(&format!("of-client-{client}"))).await);
    }
    world.send_concurrently(requests).await;
}

/// Each request has another amount, so that the stored payment shows which one won.
#[when(expr = "{int} clients at once replace payment {string} at version {int}")]
async fn replace(world: &mut World, clients: usize, id: String, version: u64) {
    let mut requests = Vec::new();
    for client in 1..=clients {
        let mut body = payment(&id);
        body["data"]["version"] = version.into();
        body["data"]["attributes"]["amount"] = client.to_string().into();
        requests.push(templates::replace(world, &id, body).await);
    }
    world.send_concurrently(requests).await;
}

#[when(expr = "{int} clients at once each merge a note of their own into payment {string}")]
async fn merge(world: &mut World, clients: usize, id: String) {
    let mut requests = Vec::new();
    for client in 1..=clients {
        let body = json!({"data": {"attributes": {format!("note_{client}"): client}}});
        requests.push(templates::patch(world, &id, MERGE_PATCH, body).await);
    }
    world.send_concurrently(requests).await;
}

#[when(expr = "{int} clients at once delete payment {string} at version {int}")]
async fn delete(world: &mut World, clients: usize, id: String, version: u64) {
    let mut requests = Vec::new();
    for _ in 0..clients {
        requests.push(templates::delete(world, &id, Some(version)).await);
    }
    world.send_concurrently(requests).await;
}

/// Half of the clients replace, the others delete; all name the same version.
#[when(expr = "{int} clients at once replace or delete payment {string} at version {int}")]
async fn replace_or_delete(world: &mut World, clients: usize, id: String, version: u64) {
    let mut requests = Vec::new();
    for client in 0..clients {
        let mut body = payment(&id);
        body["data"]["version"] = version.into();
        requests.push(if client % 2 == 0 {
            templates::replace(world, &id, body).await
        } else {
            templates::delete(world, &id, Some(version)).await
        });
    }
    world.send_concurrently(requests).await;
}

#[when(expr = "{int} clients at once read payment {string} while another replaces it at version {int}")]
async fn read_and_replace(world: &mut World, clients: usize, id: String, version: u64) {
    let path = world.path_of(&id).await;
    let mut body = payment(&id);
    body["data"]["version"] = version.into();
    let mut requests = vec![Request::new("GET", path); clients];
    requests.insert(clients / 2, templates::replace(world, &id, body).await);
    world.send_concurrently(requests).await;
}

#[then(expr = "{int} of them succeed(s)")]
fn some_succeed(world: &mut World, expected: usize) {
    let (winners, others) = partition_by_success(world.concurrent());
    let count = winners.len();
    let (which, shown) = if count > expected { ("did", winners) } else { ("did not", others) };
    assert!(count == expected, "expected  {expected} to succeed\ngot       {count}; these {which}:{}", lines(&shown));
}

#[then(expr = "all of them succeed")]
fn all_succeed(world: &mut World) {
    let (winners, others) = partition_by_success(world.concurrent());
    let (count, all) = (winners.len(), world.concurrent().len());
    assert!(others.is_empty(), "expected  {all} to succeed\ngot       {count}; these did not:{}", lines(&others));
}

#[then(expr = "the others are refused as {refusal}")]
fn others_are_refused(world: &mut World, refusal: Refusal) {
    let (_, others) = partition_by_success(world.concurrent());
    for other in others {
        expect(other).refused(refusal, other.request.path());
    }
}

#[then(expr = "the others are refused as {refusal} or {refusal}")]
fn others_are_refused_either_way(world: &mut World, one: Refusal, another: Refusal) {
    let (_, others) = partition_by_success(world.concurrent());
    for other in others {
        let refusal = if expect(other).answer().status == one.problem().0 { one } else { another };
        expect(other).refused(refusal, other.request.path());
    }
}

/// Every answer shows one of two versions, and all answers of the same version are equal: none mixes the two.
#[then(expr = "each of them has seen version {int} or version {int}, whole")]
fn each_has_seen_either(world: &mut World, one: u64, another: u64) {
    for exchange in world.concurrent() {
        let version = expect(exchange).at("$.data.version").number();
        if version != one && version != another {
            expect(exchange).fail(&format!("version {one} or {another}"), version);
        }
        let first = world.concurrent().iter().find(|other| expect(other).at("$.data.version").number() == version);
        let body = first.map(|other| expect(other).answer().text()).unwrap_or_default();
        expect(exchange).version(version).containing(&body);
    }
}

/// The notes are those of the step with which clients merge one each.
#[then(expr = "payment {string} has the note of each client")]
async fn has_every_note(world: &mut World, id: String) {
    let clients = world.concurrent().len();
    let request = Request::new("GET", world.path_of(&id).await);
    let payment = world.send(request).await.status(200);
    for client in 1..=clients {
        payment.at(&format!("$.data.attributes.note_{client}")).is(client);
    }
}

#[then(expr = "payment {string} is what the winner wrote")]
async fn is_what_the_winner_wrote(world: &mut World, id: String) {
    let (winners, _) = partition_by_success(world.concurrent());
    let [winner] = winners.as_slice() else {
        panic!("expected  one client to succeed\ngot       {}:{}", winners.len(), lines(&winners))
    };
    let written = expect(winner).answer().text().into_owned();
    let request = Request::new("GET", world.path_of(&id).await);
    world.send(request).await.status(200).containing(&written);
}

fn partition_by_success(exchanges: &[Exchange]) -> (Vec<&Exchange>, Vec<&Exchange>) {
    exchanges.iter().partition(|exchange| {
        let status = exchange.outcome.as_ref().map(|answer| answer.status);
        status.is_ok_and(|status| (200..300).contains(&status))
    })
}

/// A line for each exchange, with its status and its body, or why there is no answer.
fn lines(exchanges: &[&Exchange]) -> String {
    let line = |exchange: &&Exchange| {
        let body = exchange.outcome.as_ref().map(|answer| answer.text().into_owned());
        format!("\n  {} {}", exchange.line(), body.unwrap_or_default())
    };
    exchanges.iter().map(line).collect()
}
