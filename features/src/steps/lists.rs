//! Lists: pages, the links between them, and walks through all of them.

use super::ids;
use crate::{client::Request, world::World};
use cucumber::{given, then, when};

/// The most pages that a walk may have; more is a circle.
const MOST_PAGES: usize = 1000;

#[given(expr = "the payments were listed with {string}")]
#[when(expr = "the payments are listed with {string}")]
async fn are_listed_with(world: &mut World, query: String) {
    let target = format!("{}?{query}", world.payments_path().await);
    world.send(Request::new("GET", target)).await;
}

#[given(expr = "the payments were listed")]
#[when(expr = "the payments are listed")]
async fn are_listed(world: &mut World) {
    let target = world.payments_path().await;
    world.send(Request::new("GET", target)).await;
}

#[given(expr = "the {word} page was asked for")]
#[when(expr = "the {word} page is asked for")]
async fn follow(world: &mut World, name: String) {
    let link = world.expect().status(200).at(&format!("$.links.{name}")).text();
    let target = world.target_of(&link).await;
    world.send(Request::new("GET", target)).await.status(200);
}

/// A link of the last page, for `the client asks for the link it kept`.
#[given(expr = "the client keeps the {word} link")]
#[when(expr = "the client keeps the {word} link")]
async fn keep(world: &mut World, name: String) {
    world.kept = world.expect().status(200).at(&format!("$.links.{name}")).text();
}

#[when(expr = "the client asks for the link it kept")]
async fn follow_kept(world: &mut World) {
    let link = world.kept.clone();
    let target = world.target_of(&link).await;
    world.send(Request::new("GET", target)).await.status(200);
}

/// From the first page until one is empty, whose `next` link the client keeps.
#[when(expr = "a client walks through all payments, {int} at a time")]
async fn walk(world: &mut World, size: usize) {
    are_listed_with(world, format!("size={size}")).await;
    world.walked.clear();
    walk_on(world).await;
}

/// From the empty page on, at which the last walk ended.
#[when(expr = "the client walks on from where it was")]
async fn walk_further(world: &mut World) {
    follow_kept(world).await;
    walk_on(world).await;
}

async fn walk_on(world: &mut World) {
    for _ in 0..MOST_PAGES {
        let page = world.expect().status(200).at("$.data[*].id").texts();
        if page.is_empty() {
            return keep(world, "next".to_owned()).await;
        }
        world.walked.extend(page);
        follow(world, "next".to_owned()).await;
    }
    panic!("there were {MOST_PAGES} pages, and still no end");
}

#[then(expr = "the page is empty")]
async fn is_empty(world: &mut World) {
    world.expect().status(200).at("$.data[*].id").is(Vec::<String>::new());
}

#[then(expr = "the page shows {string}")]
async fn shows(world: &mut World, list: String) {
    world.expect().status(200).at("$.data[*].id").is(ids(&list));
}

#[then(expr = "the page shows payments {int} to {int}")]
async fn shows_range(world: &mut World, first: usize, last: usize) {
    let expected: Vec<String> = (first..=last).map(|number| format!("payment-{number}")).collect();
    world.expect().status(200).at("$.data[*].id").is(expected);
}

#[then(expr = "every payment was shown once, in order of creation")]
async fn every_payment_was_shown(world: &mut World) {
    let (walked, created) = (world.walked.join(", "), world.created.join(", "));
    assert!(walked == created, "expected  to be shown {created}\ngot       {walked}");
}

/// For payments that were created at once: nobody knows in which order.
#[then(expr = "every payment was shown once, in some order")]
async fn every_payment_was_shown_in_some_order(world: &mut World) {
    let (mut walked, mut created) = (world.walked.clone(), world.created.clone());
    walked.sort_unstable();
    created.sort_unstable();
    let (walked, created) = (walked.join(", "), created.join(", "));
    assert!(walked == created, "expected  to be shown, in some order, {created}\ngot       {walked}");
}
