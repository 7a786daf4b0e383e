//! The service itself: how it is started, what it stores, and what becomes of it.

use super::{Refusal, templates::with_a_body_that_does};
use crate::{
    client::Request,
    expect::{expect, rows},
    world::World,
};
use cucumber::{gherkin::Step, given, then, when};
use std::time::Duration;

/// How many moments are not long.
const BEFORE_LONG: usize = 500;
const MOMENT: Duration = Duration::from_millis(20);

/// Only before the service was asked for anything. Such scenarios are tagged `@started`.
#[given(expr = "a service started with {string}")]
fn started_with(world: &mut World, flags: String) {
    assert!(!world.has_server(), "the service is up already: say how it is started before anything else");
    world.wish.flags.extend(flags.split_whitespace().map(str::to_owned));
}

/// Only before the service was asked for anything. Such scenarios are tagged `@started`.
#[given(expr = "a service started without {string}")]
fn started_without(world: &mut World, flag: String) {
    assert!(!world.has_server(), "the service is up already: say how it is started before anything else");
    world.wish.flags.retain(|own| *own != flag);
}

/// Such scenarios are tagged `@postgres`: the other stores have no server that could go away.
#[given(expr = "a service with a database server of its own")]
fn own_database(world: &mut World) {
    assert!(!world.has_server(), "the service is up already: say how it is started before anything else");
    world.wish.own_database = true;
}

#[when(expr = "the database goes away")]
async fn database_goes_away(world: &mut World) {
    world.server().await.database(test_postgres::Server::stop).await;
}

#[when(expr = "the database comes back")]
async fn database_comes_back(world: &mut World) {
    world.server().await.database(test_postgres::Server::restart).await;
}

/// It drains and ends by itself, while the scenario goes on.
#[when(expr = "the service is told to stop")]
async fn is_told_to_stop(world: &mut World) {
    world.server().await.tell_to_stop();
}

#[when(expr = "the service has stopped")]
async fn has_stopped(world: &mut World) {
    world.server().await.stopped().await;
}

#[then(expr = "nobody answers any more")]
async fn nobody_answers(world: &mut World) {
    world.send_bytes(b"GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").await;
    if let Ok(answer) = &world.last().outcome {
        world.expect().fail("no answer", answer.status);
    }
}

/// Over the same store, with the same settings. Not over a store in memory.
#[when(expr = "the service is started again")]
async fn is_started_again(world: &mut World) {
    world.server().await.start_again().await;
}

#[when(expr = "the table of payments is lost")]
async fn table_is_lost(world: &mut World) {
    world.server().await.lose_table().await;
}

/// Each request, sent at once with all others, is refused so. Those that need a body have one that would do.
#[then(expr = "each of these is refused as {refusal}:")]
async fn each_is_refused(world: &mut World, step: &Step, refusal: Refusal) {
    let requests = rows(step, ["request"]).into_iter().map(|[line]| with_a_body_that_does(line)).collect();
    world.send_at_once(requests).await;
    for exchange in world.crowd() {
        expect(exchange).refused(refusal, exchange.request.path());
    }
}

/// A service notices in its own time that its store is away, or that it is to stop.
#[then(expr = "the service is down at {string} before long")]
async fn is_down_before_long(world: &mut World, path: String) {
    let status = Refusal::Unavailable.problem().0;
    ask_until(world, &path, status).await;
    world.expect().status(status).at("$.status").is("down");
}

#[then(expr = "the service is up at {string} before long")]
async fn is_up_before_long(world: &mut World, path: String) {
    ask_until(world, &path, 200).await;
    world.expect().status(200).at("$.status").is("up");
}

/// Asks until the answer has this status, or it has taken long.
async fn ask_until(world: &mut World, path: &str, status: u16) {
    for _ in 0..BEFORE_LONG {
        if world.send(Request::new("GET", path)).await.answer().status == status {
            return;
        }
        tokio::time::sleep(MOMENT).await;
    }
}

#[given(regex = r"^there (?:is|are) (\d+) payments?$")]
#[then(regex = r"^there (?:is|are) (\d+) payments?$")]
async fn there_are(world: &mut World, payments: u64) {
    let request = Request::new("GET", "/admin/repo");
    world.send(request).await.status(200).at("$.data.payments").is(payments);
}

#[then(expr = "nothing was stored")]
async fn nothing_was_stored(world: &mut World) {
    there_are(world, 0).await;
}

#[when(expr = "the store is emptied")]
async fn is_emptied(world: &mut World) {
    let request = Request::new("DELETE", "/admin/repo");
    world.send(request).await.status(204);
}
