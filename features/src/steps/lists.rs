//! Steps about lists: pages, the links between them, and walks through all pages.

use super::ids;
use crate::{client::Request, world::World};
use cucumber::{given, then, when};

/// The most pages of a walk. More means that the links lead in a circle.
const MAX_PAGES: usize = 1000;

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

/// The link of the last page that `the client asks for the link it kept` follows.
#[given(expr = "the client keeps the {word} link")]
#[when(expr = "the client keeps the {word} link")]
async fn save_link(world: &mut World, name: String) {
    world.saved_link = world.expect().status(200).at(&format!("$.links.{name}")).text();
}

#[when(expr = "the client asks for the link it kept")]
async fn follow_saved_link(world: &mut World) {
    let link = world.saved_link.clone();
    let target = world.target_of(&link).await;
    world.send(Request::new("GET", target)).await.status(200);
}

/// Follows `next` from the first page until a page is empty, and saves the `next` link of that one.
#[when(expr = "a client walks through all payments, {int} at a time")]
async fn walk_from_first_page(world: &mut World, size: usize) {
    are_listed_with(world, format!("size={size}")).await;
    world.listed.clear();
    walk_to_end(world).await;
}

/// Follows the saved link of the empty page at which the last walk ended.
#[when(expr = "the client walks on from where it was")]
async fn resume_walk(world: &mut World) {
    follow_saved_link(world).await;
    walk_to_end(world).await;
}

async fn walk_to_end(world: &mut World) {
    for _ in 0..MAX_PAGES {
        let page = world.expect().status(200).at("$.data[*].id").texts();
        if page.is_empty() {
            return save_link(world, "next".to_owned()).await;
        }
        world.listed.extend(page);
        follow(world, "next".to_owned()).await;
    }
    panic!("no end after {MAX_PAGES} pages: do the `next` links lead in a circle?\n\n{}", world.last());
}

/// Follows `prev` from a page to the beginning, which is where there is no `prev`.
#[when(expr = "a client walks back from the page {string}")]
async fn walk_back(world: &mut World, query: String) {
    are_listed_with(world, query).await;
    world.listed.clear();
    for _ in 0..MAX_PAGES {
        let page = world.expect().status(200).at("$.data[*].id").texts();
        world.listed.splice(0..0, page);
        // A list of one link, or of none.
        if world.expect().at("$.links..prev").texts().is_empty() {
            return;
        }
        follow(world, "prev".to_owned()).await;
    }
    panic!("no end after {MAX_PAGES} pages: do the `prev` links lead in a circle?\n\n{}", world.last());
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
    expect_shown(world, &world.listed, &world.created, "in order of creation");
}

/// For payments that were created concurrently, so that their order is not determined.
#[then(expr = "every payment was shown once, in some order")]
async fn every_payment_was_shown_in_some_order(world: &mut World) {
    let (mut listed, mut created) = (world.listed.clone(), world.created.clone());
    listed.sort_unstable();
    created.sort_unstable();
    expect_shown(world, &listed, &created, "in some order");
}

/// Asserts that a walk has shown these payments. A failure names those that were not shown, and shows the last page.
fn expect_shown(world: &World, listed: &[String], created: &[String], order: &str) {
    let missing: Vec<_> = created.iter().filter(|id| !listed.contains(id)).map(String::as_str).collect();
    let (listed, created, missing) = (listed.join(", "), created.join(", "), missing.join(", "));
    assert!(
        listed == created,
        "expected  to be shown, {order}, {created}\ngot       {listed}\nwithout   {missing}\n\nthe last page was:\n{}",
        world.last()
    );
}
