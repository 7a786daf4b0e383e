//! Steps about the service itself: how it is started and stopped, its database, and the number of payments it stores.

use super::{Refusal, templates::with_valid_body};
use crate::{
    client::Request,
    expect::{expect, table_rows},
    world::World,
};
use cucumber::{gherkin::Step, given, then, when};
use std::time::Duration;

/// How often and how frequently `before long` polls: for 40 s.
const POLL_ATTEMPTS: usize = 2000;
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Comes before every request. Such scenarios are tagged `@started`.
#[given(expr = "a service started with {string}")]
fn started_with(world: &mut World, flags: String) {
    world.service_options().flags.extend(flags.split_whitespace().map(str::to_owned));
}

/// Comes before every request. Such scenarios are tagged `@started`.
#[given(expr = "a service started without {string}")]
fn started_without(world: &mut World, flag: String) {
    world.service_options().flags.retain(|own| *own != flag);
}

/// Comes before every request. Such scenarios are tagged with a store that has a server, such as `@postgres`.
#[given(expr = "a service with a database server of its own")]
fn own_database(world: &mut World) {
    world.service_options().own_database = true;
}

#[when(expr = "the database goes away")]
async fn database_goes_away(world: &mut World) {
    world.service().await.control_database(test_support::postgres::Server::stop).await;
}

#[when(expr = "the database comes back")]
async fn database_comes_back(world: &mut World) {
    world.service().await.control_database(test_support::postgres::Server::restart).await;
}

/// The service drains in the background while the scenario goes on.
#[when(expr = "the service is told to stop")]
async fn is_told_to_stop(world: &mut World) {
    world.service().await.begin_stop();
}

#[when(expr = "the service has stopped")]
async fn has_stopped(world: &mut World) {
    world.service().await.wait_until_stopped().await;
}

#[then(expr = "nobody answers any more")]
async fn nobody_answers(world: &mut World) {
    world.send_bytes(b"GET /alive HTTP/1.1\r\nHost: x\r\n\r\n").await;
    if let Ok(answer) = &world.last().outcome {
        world.expect().fail("no answer", answer.status);
    }
}

/// The settings and the store stay the same. A store in memory would be empty.
#[when(expr = "the service is started again")]
async fn is_started_again(world: &mut World) {
    world.service().await.restart().await;
}

#[when(expr = "the table of payments is lost")]
async fn table_is_lost(world: &mut World) {
    world.service().await.hide_table().await;
}

/// All requests of the table are sent concurrently. A request that needs a body has a valid one.
#[then(expr = "each of these is refused as {refusal}:")]
async fn each_is_refused(world: &mut World, step: &Step, refusal: Refusal) {
    let requests = table_rows(step, ["request"]).into_iter().map(|[line]| with_valid_body(line)).collect();
    world.send_concurrently(requests).await;
    for exchange in world.concurrent() {
        expect(exchange).refused(refusal, exchange.request.path());
    }
}

/// Polls, because the service notices only after a while that its store is away, or that it is to stop.
#[then(expr = "the service is down at {string} before long")]
async fn is_down_before_long(world: &mut World, path: String) {
    let status = Refusal::Unavailable.problem().0;
    poll_until(world, &path, status).await;
    world.expect().status(status).at("$.status").is("down");
}

#[then(expr = "the service is up at {string} before long")]
async fn is_up_before_long(world: &mut World, path: String) {
    poll_until(world, &path, 200).await;
    world.expect().status(200).at("$.status").is("up");
}

/// Sends a GET until the answer has this status, or [`POLL_ATTEMPTS`] are used up.
async fn poll_until(world: &mut World, path: &str, status: u16) {
    for _ in 0..POLL_ATTEMPTS {
        if world.send(Request::new("GET", path)).await.answer().status == status {
            return;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
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
